import numpy as np
import pytest

from fdtd_onn.geometry.coverage import PixelGrid, coverage
from fdtd_onn.geometry.devices import geometry
from fdtd_onn.specs.device import device_adapter
from tests.geometry.make import PARAMETERS, make_device
from tests.geometry.measure import area, beside, covered, cut, raster

ALL = sorted(PARAMETERS)


@pytest.mark.parametrize("kind", ALL)
def test_ports_stand_on_the_ends_of_the_device_in_the_middle_of_their_guides(kind):
    device = make_device(kind)
    drawn = geometry(device, 1.0)
    for port in drawn.ports:
        box = drawn.x_range_um if port.axis == "x" else drawn.y_range_um
        assert port.along_um == box[0 if port.outward < 0 else 1]
        width, centre = cut(drawn, *beside(port, 0.5), port.width_um + 0.4, port.axis)
        assert (width, centre) == pytest.approx((port.width_um, port.across_um), abs=1e-9)
        shorter = geometry(device, 0.25)
        for distance, expected in ((0.125, port.width_um), (0.25 + 0.01, 0.0)):
            beyond = np.sum(covered(shorter, pixel_column(port, distance))) * 0.01
            assert beyond == pytest.approx(expected, abs=1e-9)


def pixel_column(port, distance):
    """Pixels across a port's guide and 0.2 µm of cladding on either side."""
    n = round(100 * port.width_um) + 40
    x, y = beside(port, distance)
    if port.axis == "x":
        return PixelGrid(x - 0.005, y - 0.005 * n, 0.01, 1, n)
    return PixelGrid(x - 0.005 * n, y - 0.005, 0.01, n, 1)


@pytest.mark.parametrize("kind", ALL)
def test_core_runs_through_every_reference_plane(kind):
    drawn = geometry(make_device(kind), 1.0)
    for port in drawn.ports:
        for distance in (-2e-3, 0.0, 2e-3):
            x, y = beside(port, distance)
            spot = PixelGrid(x - 5e-4, y - 5e-4, 1e-3, 1, 1)
            assert covered(drawn, spot) == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("kind", ALL)
def test_port_names_run_clockwise_from_the_lower_left(kind):
    ports = geometry(make_device(kind), 0.0).ports
    assert [p.name for p in ports] == [f"o{k + 1}" for k in range(len(ports))]
    side = {("x", -1): 0, ("y", 1): 1, ("x", 1): 2, ("y", -1): 3}
    clockwise = sorted(ports, key=lambda p: (side[p.axis, p.outward], p.y_um * (1 if p.outward < 0 else -1)))
    assert list(ports) == clockwise


@pytest.mark.parametrize("kind", ALL)
def test_the_box_holds_the_device_and_its_centre_is_the_origin(kind):
    drawn = geometry(make_device(kind), 0.0)
    corners = np.concatenate([region.vertices for region in drawn.regions])
    np.testing.assert_allclose([corners[:, 0].min(), corners[:, 0].max()], drawn.x_range_um, atol=1e-12)
    np.testing.assert_allclose([corners[:, 1].min(), corners[:, 1].max()], drawn.y_range_um, atol=1e-12)
    np.testing.assert_allclose(np.sum([drawn.x_range_um, drawn.y_range_um], axis=1), 0.0, atol=1e-12)


@pytest.mark.parametrize("kind", ALL)
def test_regions_are_disjoint_and_an_extension_adds_only_guides(kind):
    device = make_device(kind)
    bare, extended = geometry(device, 0.0), geometry(device, 2.0)
    shares = raster(extended, margin=2.1)
    assert shares.max() <= 1.0 + 1e-12
    assert shares.min() >= -1e-12
    assert np.sum(shares) * 0.05**2 == pytest.approx(area(extended), rel=1e-9)
    assert area(extended) - area(bare) == pytest.approx(2.0 * sum(port.width_um for port in bare.ports), abs=1e-9)


@pytest.mark.parametrize(
    ("kind", "guides"),
    [("straight", 1), ("s_bend", 1), ("bend", 1), ("coupler", 2), ("mzi", 2), ("phase_shifter", 1), ("absorber", 1)],
)
def test_guide_lengths_are_those_of_the_drawing(kind, guides):
    """A guide's area is its width times its length, however it bends; from port to middle is half of it."""
    drawn = geometry(make_device(kind), 0.0)
    for port in drawn.ports:
        assert guides * 2 * port.guide_um * port.width_um == pytest.approx(area(drawn), rel=3e-6)


@pytest.mark.parametrize("kind", ["taper", "mmi_1x2", "mmi_2x2", "y_branch", "crossing"])
def test_guide_lengths_of_wide_devices_are_straight_distances(kind):
    for port in geometry(make_device(kind), 0.0).ports:
        assert port.guide_um == pytest.approx(abs(port.along_um))


@pytest.mark.parametrize("kind", ["phase_shifter", "absorber"])
def test_sections_abut(kind):
    device = make_device(kind)
    whole = make_device("straight", length_um=device.parameters.length_um)
    grid = PixelGrid(-3.03, -0.51, 0.06, 101, 17)
    together = covered(geometry(device, 1.0), grid)
    np.testing.assert_allclose(together, covered(geometry(whole, 1.0), grid), atol=1e-13)


@pytest.mark.parametrize(("kind", "heated"), [("phase_shifter", 1), ("mzi", 1)])
def test_only_the_heated_part_is_heated(kind, heated):
    regions = geometry(make_device(kind), 1.0).regions
    expected = [2.85 + 100.0 * 1.84e-4 if k == heated else 2.85 for k in range(len(regions))]
    assert [region.index for region in regions] == pytest.approx(expected)
    assert [region.role for region in regions] == [
        "heated core" if k == heated else "core" for k in range(len(regions))
    ]


def test_a_taper_widens_evenly():
    drawn = geometry(make_device("taper"), 1.0)
    for t in (0.1, 0.5, 0.8):
        assert cut(drawn, 3.0 * (t - 0.5), 0.0, 2.0)[0] == pytest.approx(0.5 + 0.8 * t, abs=1e-9)
    assert area(geometry(make_device("taper"), 0.0)) == pytest.approx(3.0 * 0.9)


@pytest.mark.parametrize("shape", [{"shape": "circular", "euler_fraction": None}, {"euler_fraction": 1.0}])
def test_a_bend_turns_the_corner_of_its_radius(shape):
    p = make_device("bend", **shape).parameters
    ports = geometry(make_device("bend", **shape), 0.0).ports
    assert [(port.axis, port.outward) for port in ports] == [("x", -1), ("y", 1)]
    assert (ports[1].x_um - ports[0].x_um, ports[1].y_um - ports[0].y_um) == pytest.approx((p.radius_um, p.radius_um))


def test_moving_a_geometry_moves_everything_in_it():
    drawn = geometry(make_device("crossing"), 0.5)
    moved = drawn.shifted(1.0, -2.0)
    np.testing.assert_allclose(moved.regions[0].vertices, drawn.regions[0].vertices + np.array([1.0, -2.0]))
    assert [(p.x_um, p.y_um) for p in moved.ports] == [(p.x_um + 1.0, p.y_um - 2.0) for p in drawn.ports]
    assert [(p.axis, p.outward) for p in moved.ports] == [(p.axis, p.outward) for p in drawn.ports]
    assert moved.x_range_um == tuple(x + 1.0 for x in drawn.x_range_um)
    assert moved.y_range_um == tuple(y - 2.0 for y in drawn.y_range_um)


def test_overlapping_regions_would_be_seen():
    """The check for disjoint regions above can fail: a coupler drawn over itself is covered twice."""
    guide = geometry(make_device("straight"), 0.0).regions[0]
    grid = PixelGrid(-2.0, -1.0, 0.05, 80, 40)
    assert (2 * coverage(guide.vertices, grid)[0]).max() == pytest.approx(2.0)


def test_devices_of_the_tests_are_of_every_kind():
    """A new kind of device must be drawn and tested too; drawings from files have tests of their own."""
    mapping = device_adapter.json_schema()["discriminator"]["mapping"]
    assert set(mapping) == set(PARAMETERS) | {"gds", "assembly"}
