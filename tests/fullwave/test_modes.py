import numpy as np
import pytest

from fdtd_onn.analytic.slab import Slab, slab_group_index, slab_index
from fdtd_onn.errors import FdtdOnnError
from fdtd_onn.fullwave.cell import build_cell
from fdtd_onn.fullwave.channels import channels
from fdtd_onn.fullwave.continuum import continuum_betas
from fdtd_onn.fullwave.grid import Grid
from fdtd_onn.fullwave.modes import Section, decompose, guided_modes
from fdtd_onn.fullwave.permittivity import permittivity
from fdtd_onn.fullwave.ports import grid_ports
from fdtd_onn.geometry.devices import geometry
from fdtd_onn.specs.fidelity import FIDELITIES
from tests.geometry.make import make_device

DRAFT = FIDELITIES["draft"]
FIELD = {"te": "Hz", "tm": "Ez"}
BOTH = pytest.mark.parametrize("polarization", ["te", "tm"])


def slab(width):
    return Slab(width, 2.85, 1.444)


def cell_of(polarization, resolution, wavelengths, **parameters):
    device = make_device("straight", polarization, length_um=0.5, **parameters)
    return build_cell(device, DRAFT, resolution, np.array(wavelengths))


def section(polarization, width=1.2, resolution=25):
    """Three layers on a line of 4 µm; both edges of the core half-way between points of either kind."""
    edges = np.abs((np.arange(4 * resolution + 1) / resolution) - 2.0) < 0.5 * width
    points = 0.5 * (edges[1:].astype(float) + edges[:-1])
    along, across = (1 / (1.444**2 + (2.85**2 - 1.444**2) * inside) for inside in (edges, points))
    return Section(polarization, 1 / resolution, 0.5 / resolution, along, across, +1 if polarization == "te" else -1)


@BOTH
def test_the_index_converges_to_that_of_the_slab_at_second_order(polarization):
    exact = slab_index(slab(0.5), 1.55, FIELD[polarization])
    pitches = 1 / np.array([16, 32, 64])
    errors = [cell_of(polarization, round(1 / p), [1.55]).ports[0].modes[0].index - exact for p in pitches]
    orders = np.log2(np.divide(errors[:-1], errors[1:]))
    np.testing.assert_allclose(orders, 2.0, atol=0.1)
    assert abs(errors[-1]) < 5e-3


@BOTH
@pytest.mark.parametrize("width", [0.47, 0.513])
def test_edges_between_grid_lines_cost_no_order(polarization, width):
    """The error wanders with the edge's place in its pixel, but stays below a multiple of the pitch squared."""
    exact = slab_index(slab(width), 1.55, FIELD[polarization])
    for resolution in (16, 23, 40, 64):
        index = cell_of(polarization, resolution, [1.55], width_um=width).ports[0].modes[0].index
        assert abs(index - exact) < 15.0 / resolution**2


@BOTH
@pytest.mark.parametrize(("width", "tolerance"), [(0.5, 1e-7), (0.47, 1e-5), (0.4431, 1e-5)])
def test_the_continuum_limit_is_the_slab(polarization, width, tolerance):
    wavelengths = np.array([1.5, 1.55, 1.6])
    cell = cell_of(polarization, 16, wavelengths, width_um=width)
    exact = [2 * np.pi / w * slab_index(slab(width), w, FIELD[polarization]) for w in wavelengths]
    np.testing.assert_allclose(continuum_betas(cell.ports, cell.at), [exact, exact], rtol=tolerance)


@BOTH
def test_the_slope_of_the_continuum_limit_is_the_group_index(polarization):
    wavelengths = np.array([1.549, 1.551])
    cell = cell_of(polarization, 20, wavelengths)
    slope = np.diff(continuum_betas(cell.ports, cell.at)[0]) / (2 * np.pi * np.diff(1 / wavelengths))
    assert slope[0] == pytest.approx(slab_group_index(slab(0.5), 1.55, FIELD[polarization]), rel=1e-5)


@BOTH
def test_modes_are_orthogonal_and_carry_unit_power(polarization):
    modes = guided_modes(section(polarization), 1 / 1.55, 3)
    overlaps = np.array([[np.sum(a.parts[0].e * b.parts[0].h) for b in modes] for a in modes])
    np.testing.assert_allclose(overlaps / overlaps[0, 0], np.diag(np.diag(overlaps)) / overlaps[0, 0], atol=1e-12)
    for mode in modes:
        # ½ Re(E × H*) on the E plane, with H from half a cell on either side of it.
        part = mode.parts[0]
        around = 0.5 * (part.h * mode.half_step + part.h / mode.half_step)
        flux = 0.5 * abs(np.sum(part.e * np.conj(around)).real) * mode.pitch
        assert flux == pytest.approx(1.0, rel=1e-12)


@BOTH
def test_indices_fall_with_the_order_between_core_and_cladding(polarization):
    indices = [mode.index for mode in guided_modes(section(polarization), 1 / 1.55, 3)]
    assert 2.85 > indices[0] > indices[1] > indices[2] > 1.444


@BOTH
def test_waves_both_ways_are_told_apart_beside_other_modes(polarization):
    mode, other, *_ = guided_modes(section(polarization), 1 / 1.55, 2)
    right, left, stray = 0.7 - 0.2j, -0.1 + 0.4j, 2.5j
    (part,), (strange,) = mode.parts, other.parts
    e = (right + left) * part.e + stray * strange.e
    h = right * mode.half_step * part.h - left / mode.half_step * part.h + stray * other.half_step * strange.h
    assert decompose(mode, [(e, h)]) == pytest.approx((right, left), abs=1e-12)


@BOTH
def test_only_guided_modes_are_found(polarization):
    assert len(guided_modes(section(polarization, width=0.24), 1 / 1.55, 2)) == 1


@BOTH
def test_a_window_that_cuts_the_mode_is_refused(polarization):
    device = make_device("straight", polarization)
    drawn = geometry(device, 5.0)
    grid = Grid(20, 80, 80, 20)
    chi = permittivity(drawn, grid)
    with pytest.raises(FdtdOnnError, match=r"port o1: expected a mode that decays within its window, got \d+\.\d%"):
        grid_ports(channels(device, drawn)[:1], (-0.4, 0.4), polarization, 0.5, np.array([1 / 1.55]), grid, chi)


@BOTH
def test_ports_of_a_coupler_share_the_room_and_see_one_guide_each(polarization):
    cell = build_cell(make_device("coupler", polarization), DRAFT, 20, np.array([1.55]))
    lower, upper = cell.port("o1"), cell.port("o2")
    assert lower.window.first + lower.window.points == upper.window.first == 0
    np.testing.assert_allclose(lower.modes[0].parts[0].e, upper.modes[0].parts[0].e[::-1], atol=1e-9)
    alone = cell_of(polarization, 20, [1.55]).ports[0].modes[0]
    assert lower.modes[0].index == pytest.approx(alone.index, rel=1e-5)


def test_reference_planes_between_grid_points_are_reached():
    """The reading plane is a grid plane; the distance from it to the reference plane is exact all the same."""
    cell = build_cell(make_device("straight", length_um=2.03), DRAFT, 20, np.array([1.55]))
    for port, place in zip(cell.ports, cell.geometry.ports, strict=True):
        assert port.window.plane / 20 - port.outward * port.reference_um == pytest.approx(place.x_um)
        assert abs(port.reference_um - 0.5 * DRAFT.lead_um) <= 0.5 / 20


def test_an_unknown_port_is_refused_with_the_names_there_are():
    with pytest.raises(FdtdOnnError, match=r"expected a port of o1, o2, got 'o3'"):
        cell_of("te", 16, [1.55]).port("o3")
