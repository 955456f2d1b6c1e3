"""Dispersive matter: what the engine holds, what its guides do, and what is refused."""

import numpy as np
import pytest

from fdtd_onn.analytic.slab import Slab, slab_group_index, slab_index
from fdtd_onn.errors import BadInput, FdtdOnnError
from fdtd_onn.fullwave.cell import build_cell
from fdtd_onn.fullwave.dispersion import index_error, poles_around, shape
from fdtd_onn.fullwave.meep import meep
from fdtd_onn.fullwave.scattering import run_scattering
from fdtd_onn.fullwave.structure import simulation
from fdtd_onn.specs.device import device_adapter
from fdtd_onn.specs.fidelity import FIDELITIES, VOLUME_FIDELITIES
from fdtd_onn.specs.runs import ScatteringRun
from fdtd_onn.store import Store
from tests.fullwave.support import needs_engine, on_ranks, record_of
from tests.fullwave.test_scattering import decibels
from tests.geometry.make import make_device

pytestmark = needs_engine

DRAFT = FIDELITIES["draft"]
WIDTHS = {"te": 0.47, "tm": 0.5}
WAVELENGTHS = np.array([1.50, 1.55, 1.60])
FIELDS = {"te": "Hz", "tm": "Ez"}


def dispersive(kind="straight", polarization="te", slope=-0.553, band=(1.5, 1.6), **parameters):
    """Of the slope of a 220 nm film of silicon in oxide, and that of oxide."""
    data = make_device(kind, polarization, **parameters).model_dump(mode="json")
    data["materials"]["core"]["dn_dlambda_per_um"] = slope
    data["materials"]["cladding"]["dn_dlambda_per_um"] = -0.012
    data["wavelengths"] |= {"start_um": band[0], "stop_um": band[1]}
    return device_adapter.validate_python(data)


def run(device, resolution, fidelity=DRAFT):
    return ScatteringRun(device=device, fidelity=fidelity, resolution=resolution, port="o1")


def slab_at(device, wavelength):
    return Slab(device.parameters.width_um, *device.indices_at(wavelength).values())


@pytest.mark.parametrize("dt", [1e-3, 0.025])
def test_the_pull_of_the_poles_vanishes_at_the_centre_and_has_slope_one_there(dt):
    centre, step = 1 / 1.55, 1e-4
    poles = poles_around(centre, dt)
    slope = (shape(poles, centre + step, dt) - shape(poles, centre - step, dt)) / (2 * step)
    assert shape(poles, centre, dt) == pytest.approx(0.0, abs=1e-14)
    assert slope == pytest.approx(1.0, abs=1e-6)
    assert all(pole.weight > 0 for pole in poles)  # passive matter for any falling index


def test_the_engine_holds_the_permittivity_of_every_frequency():
    """Its own answer for the pole's response in continuous time, on points of core, cladding and boundary."""
    mp, device = meep(), dispersive("s_bend", length_um=3.0, offset_um=0.6)
    cell = build_cell(device, DRAFT, 12, WAVELENGTHS)
    structure = simulation(cell.grid, cell.chi, dispersion=cell.dispersion).structure
    f, grid = 1 / 1.5, cell.grid
    g = shape(cell.dispersion.poles, f, 1e-6)
    seen = set()
    for i in range(grid.nx // 2 - 2, grid.nx // 2 + 3):
        for j in range(2, grid.ny - 1):
            point = mp.vec(*(k * grid.pitch for k in (i - grid.nx // 2, j - grid.ny // 2)))
            got = structure.get_chi1inv(mp.Ez, mp.Z, point, f).real
            chi, slope = cell.chi.zz[i, j], cell.dispersion.slope.zz[i, j]
            assert got == pytest.approx(chi / (1 + chi * slope * g), rel=1e-12)
            seen.add(round(float(slope), 6))
    assert len(seen) > 10  # slopes differ along a slanted boundary


@pytest.mark.parametrize("polarization", ["te", "tm"])
def test_a_dispersive_straight_guide_reflects_nothing_and_passes_all_light(polarization):
    device = dispersive("straight", polarization, width_um=WIDTHS[polarization])
    column = run_scattering(run(device, 20), lambda done, of: None)
    assert decibels(column.s[0]) < -70.0
    np.testing.assert_allclose(np.abs(column.s[1]) ** 2, 1.0, atol=1e-5)
    # Once the grid's dispersion is out, the phase is that of the slab with each wavelength's own indices.
    undo = np.exp(-2j * column.lag[0])
    index = [slab_index(slab_at(device, w), w, FIELDS[polarization]) for w in WAVELENGTHS]
    exact = np.exp(2j * np.pi * np.array(index) * device.parameters.length_um / WAVELENGTHS)
    np.testing.assert_allclose(column.s[1] * undo, exact, atol=5e-5)


@pytest.mark.parametrize("polarization", ["te", "tm"])
def test_the_group_index_on_the_grid_converges_to_that_of_the_slab_with_material_dispersion(polarization):
    """n_g = n_g(slab of fixed indices) + Σ ∂n_eff/∂n_j (−λ dn_j/dλ); without its second part it would be 10 % less."""
    device = dispersive("straight", polarization, width_um=WIDTHS[polarization], band=(1.545, 1.555))
    step = 1e-3
    fields = FIELDS[polarization]
    n_eff = [slab_index(slab_at(device, w), w, fields) for w in (1.55 - step, 1.55 + step)]
    exact = sum(n_eff) / 2 - 1.55 * (n_eff[1] - n_eff[0]) / (2 * step)
    assert exact > 1.08 * slab_group_index(slab_at(device, 1.55), 1.55, fields)
    errors = []
    for resolution in (24, 48):
        port = build_cell(device, DRAFT, resolution, np.array([1.545, 1.555])).ports[0]
        beta = [mode.beta for mode in port.modes]
        errors.append((beta[0] - beta[1]) / (2 * np.pi * (1 / 1.545 - 1 / 1.555)) - exact)
    assert abs(errors[1]) < 0.01 * exact
    assert np.log2(errors[0] / errors[1]) == pytest.approx(2.0, abs=0.25)


def test_at_the_centre_of_the_band_dispersion_changes_nothing():
    """Not in a bend either, whose slanted boundaries have off-diagonal entries."""
    settings = {"kind": "s_bend", "length_um": 3.0, "offset_um": 0.6}
    tight = DRAFT.model_copy(update={"settle_tolerance": 1e-4})
    with_slope = run_scattering(run(dispersive(**settings), 12, tight), lambda done, of: None)
    without = run_scattering(run(make_device(**settings), 12, tight), lambda done, of: None)
    change = np.abs(with_slope.s - without.s).max(axis=0)
    assert change[1] < 2e-4
    assert change[[0, 2]].min() > 0.1  # at the band's edges the phase has moved


def test_nothing_grows_in_the_absorbing_layers():
    """Where a pole makes the core's ε negative; with dispersive layers the field is a hundred times larger by then."""
    narrow = DRAFT.model_copy(update={"lead_um": 0.6, "margin_um": 0.7})
    cell = build_cell(dispersive(length_um=0.5), narrow, 10, WAVELENGTHS)
    mp, sim = meep(), simulation(cell.grid, cell.chi, dispersion=cell.dispersion)
    sim.change_sources([mp.Source(mp.GaussianSource(0.36, fwidth=0.15), mp.Hz, mp.Vector3(0.1, 0.1))])
    size, peaks = mp.Vector3(*cell.grid.size_um), []
    for until in (100, 800):
        sim.run(until=until - sim.meep_time())
        peaks.append(np.abs(sim.get_array(mp.Hz, center=mp.Vector3(), size=size)).max())
    assert peaks[1] < 2.0 * peaks[0]


def test_two_ranks_give_the_column_of_one(tmp_path):
    small = run(dispersive("s_bend", length_um=3.0, offset_um=0.6), 12)
    here = record_of(small)
    process = on_ranks(2, "-m", "fdtd_onn.fullwave.worker", str(tmp_path), text=small.model_dump_json())
    assert process.returncode == 0, process.stderr
    np.testing.assert_allclose(Store(tmp_path).read(here.key).arrays["s"], here.arrays["s"], atol=1e-10)


def test_in_three_dimensions_the_modes_follow_the_media():
    """The group index of a silicon strip grows by what its core's material dispersion gives."""
    stack = {"thickness_um": 0.22, "cladding": {"medium": "SiO2", "dispersion": "constant"}}
    device = make_device("straight", dimensions=3).model_dump(mode="json")
    group = {}
    for choice in ("constant", "dispersive"):
        chosen = {"stack": stack | {"core": {"medium": "Si", "dispersion": choice}}}
        port = build_cell(device_adapter.validate_python(device | chosen), VOLUME_FIDELITIES["draft"], 12, WAVELENGTHS)
        beta = [mode.beta for mode in port.ports[0].modes]
        group[choice] = (beta[0] - beta[2]) / (2 * np.pi * (1 / 1.5 - 1 / 1.6))
        assert beta[1] == pytest.approx(group.setdefault("beta", beta[1]), rel=1e-9)
    # Confinement Γ·(n_g − n)/n of bulk silicon is about 0.1.
    assert 0.05 < group["dispersive"] - group["constant"] < 0.2


def test_the_index_in_a_run_follows_its_material_over_the_usual_band():
    assert index_error(dispersive(), 0.025) < 5e-4
    assert index_error(dispersive(slope=-0.05), 0.025) < 1e-4


def test_a_band_too_wide_for_the_poles_is_refused():
    with pytest.raises(BadInput, match=r"wavelengths: expected a band .* got 1\.3 to 1\.8 µm.*Narrow the band"):
        build_cell(dispersive(band=(1.3, 1.8)), DRAFT, 12, np.array([1.55]))


def test_a_time_step_too_long_is_refused():
    """A pole in the far ultraviolet."""
    with pytest.raises(FdtdOnnError, match="too long for so much dispersion: its stability number is 1"):
        build_cell(dispersive(slope=-5.0, band=(0.2499, 0.2501)), DRAFT, 10, np.array([0.25]))


def test_an_absorber_with_dispersive_media_is_refused():
    with pytest.raises(ValueError, match="an absorber takes no dn_dlambda_per_um"):
        dispersive("absorber")
