import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import CubicSpline

from fdtd_onn.geometry.devices import geometry
from fdtd_onn.geometry.paths import s_path
from tests.geometry.make import make_device
from tests.geometry.measure import FINE, area, cut, raster


@pytest.mark.parametrize(("kind", "accesses"), [("mmi_1x2", 3), ("mmi_2x2", 4)])
def test_the_area_of_a_multimode_coupler_is_that_of_rectangle_and_trapezoids(kind, accesses):
    device = make_device(kind)
    p = device.parameters
    access = 0.5 * (p.taper_width_um + p.width_um) * p.taper_length_um
    expected = p.body_width_um * p.body_length_um + accesses * access
    assert area(geometry(device, 0.0)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("kind", ["mmi_1x2", "mmi_2x2", "y_branch", "crossing"])
def test_symmetric_devices_are_their_own_mirror_images(kind):
    core = raster(geometry(make_device(kind), 0.3))
    np.testing.assert_allclose(core, core[:, ::-1], atol=1e-12)
    if kind in ("mmi_2x2", "crossing"):
        np.testing.assert_allclose(core, core[::-1], atol=1e-12)
    else:
        assert np.abs(core - core[::-1]).max() > 0.9  # one port on the left, two on the right


def test_a_crossing_is_the_same_turned_by_a_right_angle():
    core = raster(geometry(make_device("crossing"), 0.3))
    np.testing.assert_allclose(core, np.rot90(core), atol=1e-12)


def test_the_width_of_a_crossings_arm_is_a_parabola():
    drawn = geometry(make_device("crossing"), 0.3)
    w, centre, length = 0.5, 1.6, 2.5
    for t in (0.05, 0.3, 0.6, 0.95):
        x = 0.5 * centre + length * (1.0 - t)
        expected = centre - (centre - w) * (1.0 - t) ** 2
        # A cut is as wide as a pixel, over which a parabola is not straight; 2e-5: the chords' deviation at both edges.
        bowed = (centre - w) * (FINE / length) ** 2
        assert cut(drawn, x, 0.0, 2.0)[0] == pytest.approx(expected, abs=2e-5 + bowed)
    taper = length * (centre - (centre - w) / 3)
    assert area(geometry(make_device("crossing"), 0.0)) == pytest.approx(centre**2 + 4 * taper, rel=1e-5)


def test_the_body_of_a_y_branch_has_the_widths_of_its_spline():
    device = make_device("y_branch")
    p, drawn = device.parameters, geometry(device, 0.3)
    knots = np.linspace(0.0, p.body_length_um, len(p.body_widths_um))
    for x, width in zip(knots[1:-1], p.body_widths_um[1:-1], strict=True):
        assert cut(drawn, x - 3.0, 0.0, 2.0)[0] == pytest.approx(width, abs=1e-4)
    spline = CubicSpline(knots, p.body_widths_um, bc_type="clamped")
    arm = s_path(p.arm_length_um, 0.5 * (p.port_pitch_um - p.body_widths_um[-1] + p.width_um))
    expected = spline.integrate(0.0, p.body_length_um) + 2 * p.width_um * arm.length_um
    assert area(geometry(device, 0.0)) == pytest.approx(float(expected), rel=2e-5)


def test_arms_begin_flush_with_the_body_and_the_wall_between_them_is_open():
    device = make_device("y_branch")
    drawn = geometry(device, 0.3)
    x_end = device.parameters.body_length_um - 3.0
    for side in (-1, 1):
        width, centre = cut(drawn, x_end + FINE, side * 0.35, 0.66)
        assert (width, centre) == pytest.approx((0.5, side * 0.35), abs=1e-4)
    core = raster(drawn, pitch=0.01)
    x = drawn.x_range_um[0] - 0.5 + 0.01 * (np.arange(core.shape[0]) + 0.5)
    wall = core[:, core.shape[1] // 2 - 9 : core.shape[1] // 2 + 9]  # the gap is 0.2 µm wide
    np.testing.assert_allclose(wall[(x > -3.3) & (x < x_end)], 1.0, atol=1e-9)
    np.testing.assert_allclose(wall[x > x_end], 0.0, atol=1e-9)


@settings(max_examples=30)
@given(st.floats(0.3, 0.6), st.lists(st.floats(0.4, 2.0), min_size=2, max_size=12), st.floats(1.0, 4.0))
def test_any_y_branch_is_one_polygon_without_overlaps(width, middle, body):
    end = 2 * width + 0.15
    device = make_device(
        "y_branch",
        width_um=width,
        body_length_um=body,
        body_widths_um=[width, *middle, end],
        port_pitch_um=end - width + 0.5,
    )
    drawn = geometry(device, 0.3)
    core = raster(drawn, pitch=0.1)
    assert len(drawn.regions) == 1
    assert -1e-12 <= core.min() <= core.max() <= 1.0 + 1e-12
    np.testing.assert_allclose(core, core[:, ::-1], atol=1e-12)
    assert area(geometry(device, 0.0)) == pytest.approx(np.sum(core) * 0.01 - 0.9 * width, rel=1e-9)


@settings(max_examples=30)
@given(st.floats(0.2, 0.8), st.floats(0.05, 2.0), st.floats(0.3, 6.0))
def test_any_crossing_is_one_polygon_of_fourfold_symmetry(width, wider, length):
    device = make_device("crossing", width_um=width, centre_width_um=width + wider, taper_length_um=length)
    core = raster(geometry(device, 0.3), pitch=0.1)
    assert -1e-12 <= core.min() <= core.max() <= 1.0 + 1e-12
    np.testing.assert_allclose(core, np.rot90(core), atol=1e-12)
