import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fdtd_onn.errors import BadInput
from fdtd_onn.geometry.coverage import PixelGrid, coverage
from fdtd_onn.geometry.devices import geometry
from fdtd_onn.geometry.film import film
from fdtd_onn.geometry.shapes import Region, rectangle
from fdtd_onn.geometry.sidewalls import leaning, outline_at
from tests.geometry.make import make_device
from tests.geometry.measure import polygon_area

FILM = (0.0, 0.22)
MIDDLE = 0.11
TANGENT = np.tan(np.radians(10.0))
GRID = PixelGrid(-0.9, -0.6, 0.05, 36, 24)
HEIGHTS = np.arange(-2, 8) * 0.05 + 0.013


def outlines(regions, height):
    return [outline_at(region, height) for region in regions]


@pytest.mark.parametrize("height", [0.0, 0.05, 0.11, 0.22])
def test_every_wall_of_a_bar_moves_by_the_same_distance_and_the_drawn_width_holds_half_way(height):
    (bar,) = leaning((rectangle(-0.5, 0.5, -0.25, 0.25, 3.4, "core"),), 10.0, FILM)
    out = (MIDDLE - height) * TANGENT
    np.testing.assert_allclose(np.abs(outline_at(bar, height)), np.tile([0.5 + out, 0.25 + out], (4, 1)), rtol=1e-12)


def test_corners_follow_as_planes_meet():
    """The edges of a triangle keep their directions, and each is at the same distance from where it was."""
    corners = np.array([(0.0, 0.0), (1.0, 0.1), (0.3, 0.8)])
    (region,) = leaning((Region(corners, 3.4, "core"),), 10.0, FILM)
    foot = outline_at(region, 0.0)
    for k in range(3):
        along = (corners[(k + 1) % 3] - corners[k]) / np.linalg.norm(corners[(k + 1) % 3] - corners[k])
        out = np.array([along[1], -along[0]])
        for corner in (foot[k], foot[(k + 1) % 3]):
            assert (corner - corners[k]) @ out == pytest.approx(MIDDLE * TANGENT, abs=1e-12)


@pytest.mark.parametrize("kind", ["phase_shifter", "mzi"])
def test_what_two_regions_share_stays_and_no_seam_opens(kind):
    """A section in a guide: at every height its regions cover together what they would as one, nothing twice."""
    device = make_device(kind)
    regions = leaning(geometry(device, 1.0).regions, 10.0, FILM)
    joint = 0.5 * (device.parameters.length_um if kind == "phase_shifter" else device.parameters.arm_length_um)
    grid = PixelGrid(-8.0, -2.0, 0.04, 400, 100)
    for height in (0.0, 0.07, 0.22):
        together = sum(coverage(outline, grid)[0] for outline in outlines(regions, height))
        assert together.max() <= 1.0 + 1e-9
        inside = PixelGrid(-joint - 0.5, (0.0 if kind == "phase_shifter" else -1.0) - 0.2, 0.05, 20, 8)
        across_the_joint = sum(coverage(outline, inside)[0] for outline in outlines(regions, height))
        np.testing.assert_allclose(across_the_joint, 1.0, atol=1e-7)


def test_a_hole_narrows_as_its_outline_widens():
    """Joined to the outline by a cut of no width, as drawings have it."""
    outer, inner = 0.5, 0.2
    ring = [(-outer, 0.0), (-outer, -outer), (outer, -outer), (outer, outer), (-outer, outer), (-outer, 0.0)]
    ring += [(-inner, 0.0), (-inner, inner), (inner, inner), (inner, -inner), (-inner, -inner), (-inner, 0.0)]
    (region,) = leaning((Region(np.array(ring), 3.4, "core"),), 10.0, FILM)
    out = MIDDLE * TANGENT
    assert polygon_area(region.vertices) == pytest.approx(1.0 - 0.16)
    assert polygon_area(outline_at(region, 0.0)) == pytest.approx((1.0 + 2 * out) ** 2 - (0.4 - 2 * out) ** 2)


@settings(max_examples=40)
@given(st.floats(0.0, 20.0), st.floats(0.0, 0.7), st.floats(-0.03, 0.03))
def test_volumes_are_those_of_a_frustum_and_surfaces_are_closed(angle, turn, lift):
    c, s = np.cos(turn), np.sin(turn)
    bar = np.array([(-0.4, -0.2), (0.4, -0.2), (0.4, 0.2), (-0.4, 0.2)]) @ np.array([[c, s], [-s, c]])
    (region,) = leaning((Region(bar, 3.4, "core"),), angle, (lift, lift + 0.22))
    shares = [share for _, share in film(region, GRID, HEIGHTS)]
    out = np.tan(np.radians(angle)) * 0.11
    areas = [(0.8 + 2 * d) * (0.4 + 2 * d) for d in (out, 0.0, -out)]
    volume = 0.22 * (areas[0] + 4 * areas[1] + areas[2]) / 6
    assert sum(share.covered.sum() for share in shares) * 0.05**3 == pytest.approx(volume, rel=1e-9)
    assert sum(share.upward.sum() for share in shares) == pytest.approx(0.0, abs=1e-6)
    np.testing.assert_allclose(sum(share.boundary.sum(axis=(0, 1)) for share in shares), 0.0, atol=1e-9)


def test_the_normal_of_a_leaning_wall_has_its_share_upwards():
    (region,) = leaning((rectangle(-9.0, 9.0, -0.2, 0.2, 3.4, "core"),), 10.0, (-0.5, 0.5))
    ((_, share),) = film(region, GRID, np.array([0.0]))
    wall = np.abs(share.boundary[18, :, 1]) > 1e-9
    slopes = share.upward[18, wall] / np.abs(share.boundary[18, wall, 1])
    np.testing.assert_allclose(slopes, TANGENT, rtol=1e-9)


@pytest.mark.parametrize(
    ("kind", "parameters", "angle", "told"),
    [
        ("straight", {"width_um": 0.1}, 30.0, "keep apart at the top"),
        ("coupler", {"gap_um": 0.06}, 20.0, "keep apart at the foot"),
    ],
)
def test_walls_that_meet_are_refused_with_the_cure(kind, parameters, angle, told):
    with pytest.raises(BadInput, match=rf"stack.sidewall_deg: .*{told}.*Lower the angle, or widen"):
        leaning(geometry(make_device(kind, **parameters), 0.0).regions, angle, FILM)
