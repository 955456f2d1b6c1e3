import numpy as np
import pytest

from fdtd_onn.fullwave.cell import build_cell
from fdtd_onn.fullwave.continuum import continuum_betas
from fdtd_onn.fullwave.grid import Grid
from fdtd_onn.fullwave.meep import meep
from fdtd_onn.fullwave.modes import decompose
from fdtd_onn.fullwave.permittivity import permittivity
from fdtd_onn.fullwave.scattering import run_scattering
from fdtd_onn.fullwave.structure import simulation
from fdtd_onn.fullwave.vector_modes import CrossSection, _operators, te_fraction
from fdtd_onn.geometry import scene
from fdtd_onn.geometry.devices import geometry
from fdtd_onn.geometry.scene import draw
from fdtd_onn.specs.fidelity import VOLUME_FIDELITIES
from fdtd_onn.specs.runs import ScatteringRun
from tests.fullwave.support import needs_engine
from tests.fullwave.test_scattering import decibels, turned
from tests.geometry.make import make_device

pytestmark = needs_engine

DRAFT = VOLUME_FIDELITIES["draft"]
WAVELENGTHS = np.array([1.50, 1.55, 1.60])


@pytest.fixture(scope="module", params=["te", "tm"])
def strip(request):
    """A 500 × 220 nm strip on its grid."""
    return build_cell(make_device("straight", request.param, dimensions=3), DRAFT, 20, WAVELENGTHS)


def test_a_metal_box_has_the_eigenvalues_of_the_closed_form():
    """Uniformly filled, of n × m pixels: B² = Ω²ε − Ky² − Kz² with K = (2/Δ) sin(πp/2n), exactly."""
    n, m, pitch, epsilon = 6, 5, 0.05, 4.0
    filled = [np.full(shape, 1 / epsilon) for shape in ((n - 1, m - 1), (n, m - 1), (n - 1, m))]
    omega = 2 * np.pi / 0.4
    p, q = _operators(CrossSection(pitch, 0.5 * pitch, *filled, +1), omega)
    got = np.sort(np.linalg.eigvals((p @ q).toarray()).real)
    # TE_ab with one number above zero, TM_ab with both: together as many as there are transverse electric points.
    orders = [(a, b) for a in range(n) for b in range(m) if (a, b) != (0, 0)]
    orders += [(a, b) for a in range(1, n) for b in range(1, m)]
    cut = [(2 / pitch) ** 2 * (np.sin(np.pi * a / (2 * n)) ** 2 + np.sin(np.pi * b / (2 * m)) ** 2) for a, b in orders]
    np.testing.assert_allclose(got, np.sort(omega**2 * epsilon - np.array(cut)), rtol=1e-9, atol=1e-6 * omega**2)


def test_modes_carry_unit_flux_and_do_not_mix(strip):
    port = strip.ports[0]
    mode = port.modes[1]
    own = [(part.e.astype(complex), part.h * mode.half_step) for part in mode.parts]
    assert decompose(mode, own) == pytest.approx((1.0, 0.0), abs=1e-12)
    other_device = make_device("straight", "tm" if port.frame.polarization == "te" else "te", dimensions=3)
    other = build_cell(other_device, DRAFT, 20, WAVELENGTHS[1:2]).ports[0].modes[0]
    strange = [(part.e.astype(complex), part.h * other.half_step) for part in other.parts]
    assert np.abs(decompose(mode, strange)).max() < 1e-6
    cosine = np.cos(0.5 * mode.beta * mode.pitch)
    assert 0.5 * sum(p.flux for p in mode.parts) * mode.pitch**2 * cosine == pytest.approx(1.0)


def test_mode_identity_is_kept_over_the_band(strip):
    fractions = [te_fraction(mode) for mode in strip.ports[0].modes]
    wanted = strip.ports[0].frame.polarization == "te"
    assert all((f > 0.9) == wanted and (f < 0.1) != wanted for f in fractions)


def test_ports_along_y_have_the_modes_of_ports_along_x(strip, monkeypatch):
    device = make_device("straight", strip.ports[0].frame.polarization, dimensions=3)
    monkeypatch.setattr(scene, "geometry", lambda d, extension_um: turned(geometry(d, extension_um)))
    along_y = build_cell(device, DRAFT, 20, WAVELENGTHS).ports[0]
    for here, there in zip(strip.ports[0].modes, along_y.modes, strict=True):
        assert there.beta == pytest.approx(here.beta, rel=1e-10)
        for a, b in zip(here.parts, there.parts, strict=True):
            np.testing.assert_allclose(b.e, a.e, atol=1e-6)
            np.testing.assert_allclose(b.h, -a.h, atol=1e-6)
            assert b.sign == -a.sign


@pytest.mark.long
def test_the_index_without_the_grid_is_that_of_a_fine_grid():
    """The fundamental mode of the strip at 1.55 µm, from ports at 20 and 28 px/µm; converged by itself to 2.446."""
    for resolution in (20, 28):
        cell = build_cell(make_device("straight", dimensions=3), DRAFT, resolution, WAVELENGTHS)
        index = continuum_betas(cell.ports, cell.at)[0] / (2 * np.pi) * WAVELENGTHS
        assert index[1] == pytest.approx(2.446, abs=5e-3)


def test_a_film_fills_its_volume_and_faces_are_smoothed_as_by_the_engine():
    mp = meep()
    drawn = draw(make_device("straight", dimensions=3, width_um=0.47), 5.0).shifted(0.0, 0.0, -0.1)
    grid = Grid(20, 40, 40, 10, 40)
    chi = permittivity(drawn, grid)
    sim = simulation(grid, chi)
    reference = mp.Simulation(
        cell_size=mp.Vector3(2, 2, 2),
        resolution=20,
        boundary_layers=[mp.PML(0.5)],
        default_material=mp.Medium(index=1.444),
        geometry=[
            mp.Block(mp.Vector3(mp.inf, 0.47, 0.22), center=mp.Vector3(0, 0, 0.01), material=mp.Medium(index=3.4757))
        ],
        subpixel_tol=1e-6,
        subpixel_maxeval=1000000,
    )
    reference.init_sim()
    rng = np.random.default_rng(0)
    for component, direction, values, shift in (
        (mp.Ex, mp.X, chi.xx, (0.5, 0, 0)),
        (mp.Ey, mp.Y, chi.yy, (0, 0.5, 0)),
        (mp.Ez, mp.Z, chi.zz, (0, 0, 0.5)),
    ):
        for index in np.vstack(
            [rng.integers(12, 28, (30, 3)), [(20, 20, 18), (20, 15, 20), (20, 24, 20), (20, 20, 22)]]
        ):
            point = mp.vec(*((index + shift - 20) / 20))
            ours = sim.structure.get_chi1inv(component, direction, point, 0).real
            assert ours == pytest.approx(values[tuple(index)], abs=1e-14)
            on_a_rim = sum(0.0 < f < 1.0 for f in _fills(point)) > 1
            if not on_a_rim:
                assert ours == pytest.approx(
                    reference.structure.get_chi1inv(component, direction, point, 0).real, abs=1e-6
                )


def _fills(point):
    """Parts of the pixel around a point within the film's width and within its height."""
    ranges = ((point.y(), -0.235, 0.235), (point.z(), -0.1, 0.12))
    return [np.clip((min(x + 0.025, high) - max(x - 0.025, low)) / 0.05, 0, 1) for x, low, high in ranges]


def test_three_dimensions_need_a_stack_of_bulk_materials():
    device = make_device("straight").model_dump(mode="json")
    for change, message in (
        ({"stack": None}, r"needs a \[stack\]"),
        ({"stack": {**device["stack"], "core": {"index": 2.8, "basis": "effective"}}}, "bulk index"),
        ({"stack": {**device["stack"], "core": {"index": 1.2, "basis": "bulk"}}}, "must exceed"),
    ):
        with pytest.raises(ValueError, match=message):
            type(make_device("straight")).model_validate({**device, "dimensions": 3, **change})


def test_a_strip_guides_all_light_and_reflects_nothing():
    """At 14 px/µm, in some seconds; the absorbing layers, half a micrometre, set the reflection."""
    device = make_device("straight", dimensions=3, length_um=0.5)
    settings = DRAFT.model_copy(update={"lead_um": 0.6, "margin_um": 0.7, "pml_um": 0.5})
    column = run_scattering(
        ScatteringRun(device=device, fidelity=settings, resolution=14, port="o1"), lambda done, of: None
    )
    assert decibels(column.s[0]) < -50.0
    np.testing.assert_allclose(np.abs(column.s[1]) ** 2, 1.0, atol=1e-4)
    assert column.field.ndim == 2


@pytest.mark.long
@pytest.mark.parametrize("polarization", ["te", "tm"])
def test_a_strip_at_draft(polarization):
    device = make_device("straight", polarization, dimensions=3)
    column = run_scattering(
        ScatteringRun(device=device, fidelity=DRAFT, resolution=DRAFT.resolution, port="o2"), lambda done, of: None
    )
    assert decibels(column.s[1]) < -65.0
    np.testing.assert_allclose(np.abs(column.s[0]) ** 2, 1.0, atol=2e-3 if polarization == "tm" else 2e-5)
