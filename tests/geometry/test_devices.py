import numpy as np
import pytest

from fdtd_onn.geometry.coverage import PixelGrid, coverage
from fdtd_onn.geometry.devices import geometry
from fdtd_onn.specs.device import device_adapter
from tests.geometry.make import PARAMETERS, make_device

FINE = 1 / 128


def covered(drawn, grid):
    return sum(coverage(region.vertices, grid)[0] for region in drawn.regions)


def column(drawn, x, y, height=0.9):
    """Width of core, and its centre, on a cut through (x, y) across the guides."""
    n = round(height / FINE)
    grid = PixelGrid(x - 0.5 * FINE, y - 0.5 * n * FINE, FINE, 1, n)
    core = covered(drawn, grid)[0]
    heights = grid.y0 + FINE * (np.arange(n) + 0.5)
    return np.sum(core) * FINE, np.sum(core * heights) / np.sum(core)


@pytest.mark.parametrize("kind", sorted(PARAMETERS))
def test_ports_stand_on_the_ends_of_the_device_in_the_middle_of_their_guides(kind):
    device = make_device(kind)
    drawn = geometry(device, 1.0)
    for port in drawn.ports:
        assert port.x_um == drawn.x_range_um[0 if port.outward < 0 else 1]
        width, centre = column(drawn, port.x_um + 0.5 * port.outward, port.y_um)
        assert (width, centre) == pytest.approx((port.width_um, port.y_um), abs=1e-9)
        beyond, _ = column(geometry(device, 0.25), port.x_um + 0.125 * port.outward, port.y_um)
        assert beyond == pytest.approx(port.width_um)


@pytest.mark.parametrize("kind", sorted(PARAMETERS))
def test_port_names_run_clockwise_from_the_lower_left(kind):
    ports = geometry(make_device(kind), 0.0).ports
    assert [p.name for p in ports] == [f"o{k + 1}" for k in range(len(ports))]
    left = [p for p in ports if p.outward < 0]
    right = [p for p in ports if p.outward > 0]
    assert list(ports) == sorted(left, key=lambda p: p.y_um) + sorted(right, key=lambda p: -p.y_um)


@pytest.mark.parametrize("kind", sorted(PARAMETERS))
def test_the_box_holds_the_device(kind):
    drawn = geometry(make_device(kind), 0.0)
    corners = np.concatenate([region.vertices for region in drawn.regions])
    np.testing.assert_allclose([corners[:, 0].min(), corners[:, 0].max()], drawn.x_range_um, atol=1e-12)
    np.testing.assert_allclose([corners[:, 1].min(), corners[:, 1].max()], drawn.y_range_um, atol=1e-12)


@pytest.mark.parametrize(
    ("kind", "guides"), [("straight", 1), ("s_bend", 1), ("coupler", 2), ("phase_shifter", 1), ("absorber", 1)]
)
def test_guide_lengths_are_those_of_the_drawing(kind, guides):
    """A guide's area is its width times its length, however it bends; from port to middle is half of it."""
    device = make_device(kind)
    drawn = geometry(device, 0.0)
    x0, y0 = drawn.x_range_um[0] - 0.1, drawn.y_range_um[0] - 0.1
    nx, ny = (int((high - low + 0.2) * 10) + 1 for low, high in (drawn.x_range_um, drawn.y_range_um))
    area = np.sum(covered(drawn, PixelGrid(x0, y0, 0.1, nx, ny))) * 0.01
    for port in drawn.ports:
        assert guides * 2 * port.guide_um * port.width_um == pytest.approx(area, rel=3e-6)


@pytest.mark.parametrize("length", [0.0, 1.0, 7.3])
def test_a_coupler_is_mirror_symmetric_both_ways(length):
    drawn = geometry(make_device("coupler", length_um=length), 0.5)
    core = covered(drawn, PixelGrid(-10.0, -2.0, 0.1, 200, 40))
    np.testing.assert_allclose(core, core[::-1], atol=1e-12)
    np.testing.assert_allclose(core, core[:, ::-1], atol=1e-12)
    assert core.max() <= 1.0 + 1e-12


def test_a_coupler_has_its_gap_in_the_middle_and_its_pitch_at_the_ports():
    drawn = geometry(make_device("coupler"), 0.5)
    for x, distance in ((0.0, 0.5 + 0.2), (0.49, 0.5 + 0.2), (4.7, 2.2)):
        (_, lower), (_, upper) = (column(drawn, x, side * 0.5 * distance, distance) for side in (-1, 1))
        assert upper - lower == pytest.approx(distance, abs=1e-9)


@pytest.mark.parametrize("kind", ["phase_shifter", "absorber"])
def test_sections_abut(kind):
    device = make_device(kind)
    whole = make_device("straight", length_um=device.parameters.length_um)
    grid = PixelGrid(-3.03, -0.51, 0.06, 101, 17)
    together = covered(geometry(device, 1.0), grid)
    np.testing.assert_allclose(together, covered(geometry(whole, 1.0), grid), atol=1e-13)


def test_only_the_heated_part_is_heated():
    indices = [region.index for region in geometry(make_device("phase_shifter"), 1.0).regions]
    assert indices == pytest.approx([2.85, 2.85 + 100.0 * 1.84e-4, 2.85])


def test_moving_a_geometry_moves_everything_in_it():
    drawn = geometry(make_device("s_bend"), 0.5)
    moved = drawn.shifted(1.0, -2.0)
    np.testing.assert_allclose(moved.regions[0].vertices, drawn.regions[0].vertices + np.array([1.0, -2.0]))
    assert [(p.x_um, p.y_um) for p in moved.ports] == [(p.x_um + 1.0, p.y_um - 2.0) for p in drawn.ports]
    assert moved.x_range_um == tuple(x + 1.0 for x in drawn.x_range_um)
    assert moved.y_range_um == tuple(y - 2.0 for y in drawn.y_range_um)


def test_devices_of_the_tests_are_of_every_kind():
    """A new kind of device must be drawn and tested too."""
    mapping = device_adapter.json_schema()["discriminator"]["mapping"]
    assert set(mapping) == set(PARAMETERS)
