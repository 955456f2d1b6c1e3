"""Films, layers and leaning walls on the grid: against sampling, Meep's own averages, and closed forms of the slab."""

import numpy as np
import pytest

from fdtd_onn.analytic.layered_slab import LayeredSlab, layered_slab_index
from fdtd_onn.errors import FdtdOnnError
from fdtd_onn.fullwave.cell import build_cell
from fdtd_onn.fullwave.continuum import continuum_betas
from fdtd_onn.fullwave.grid import Grid
from fdtd_onn.fullwave.meep import meep
from fdtd_onn.fullwave.permittivity import permittivity
from fdtd_onn.fullwave.scattering import run_scattering
from fdtd_onn.geometry.shapes import Geometry, Layer, Region, rectangle
from fdtd_onn.geometry.sidewalls import leaning
from fdtd_onn.specs.fidelity import FIDELITIES, VOLUME_FIDELITIES
from fdtd_onn.specs.runs import ScatteringRun
from tests.fullwave.support import needs_engine
from tests.fullwave.test_scattering import decibels
from tests.geometry.make import bulk, make_device, with_stack

CORE, CLADDING, BELOW = 3.4757, 1.444, 1.7
FILM = (-0.11, 0.11)
TANGENT = np.tan(np.radians(10.0))
WAVELENGTHS = np.array([1.545, 1.55, 1.555])


def bar(turn, half=0.23):
    c, s = np.cos(turn), np.sin(turn)
    outline = np.array([(-9.0, -half), (9.0, -half), (9.0, half), (-9.0, half)]) @ np.array([[c, s], [-s, c]])
    return leaning((Region(outline, CORE, "core"),), 10.0, FILM)


def in_space(regions, layers=()):
    return Geometry(regions, CLADDING, (), (-0.5, 0.5), (-0.5, 0.5), FILM, layers)


def smoothed(fill, outside, normal, entry):
    mean, inverse = fill * CORE**2 + (1 - fill) * outside**2, fill / CORE**2 + (1 - fill) / outside**2
    return 1 / mean + normal[entry] ** 2 * (inverse - 1 / mean)


@pytest.mark.parametrize("turn", [0.0, 0.3])
def test_a_leaning_wall_is_averaged_as_sampling_says(turn):
    """One wall through pixels away from the film's faces; what is left is where it leaves a pixel half-way up."""
    grid = Grid(20, 4, 20, 0, 20)
    chi = permittivity(in_space(bar(turn)), grid)
    steps = (np.arange(40) + 0.5) / 40 - 0.5
    normal = np.array([-np.sin(turn), np.cos(turn), TANGENT]) / np.hypot(1.0, TANGENT)
    differences = []
    for entry, name in enumerate(("xx", "yy", "zz")):
        shift = 0.5 * np.eye(3)[entry]
        for index in np.ndindex(3, 19, 3):
            i, j, k = index + np.array([1, 1, 9])
            x, y, z = ((np.array([i, j, k]) + shift - [2, 10, 10]) * grid.pitch)[:, None] + steps * grid.pitch
            across = np.cos(turn) * y[None, :, None] - np.sin(turn) * x[:, None, None]
            fill = np.mean(np.abs(across) < 0.23 - z[None, None, :] * TANGENT)
            side = normal * (np.sign(across.mean()), np.sign(across.mean()), 1.0)
            expected = smoothed(fill, CLADDING, side if 0.0 < fill < 1.0 else 0.0 * side, entry)
            differences.append(getattr(chi, name)[i, j, k] - expected)
    assert np.abs(differences).max() < 1e-2
    assert np.sqrt(np.mean(np.square(differences))) < 2e-3


@needs_engine
def test_a_leaning_prism_agrees_with_the_averages_of_meep():
    mp = meep()
    grid, foot = Grid(10, 4, 8, 0, 6), 0.23 + 0.11 * TANGENT
    corners = [mp.Vector3(*corner, FILM[0]) for corner in ((-9, -foot), (9, -foot), (9, foot), (-9, foot))]
    prism = mp.Prism(corners, height=0.22, sidewall_angle=np.radians(10.0), material=mp.Medium(index=CORE))
    reference = mp.Simulation(
        cell_size=mp.Vector3(*grid.size_um),
        resolution=grid.resolution,
        geometry=[prism],
        default_material=mp.Medium(index=CLADDING),
        subpixel_tol=1e-4,
        subpixel_maxeval=20_000,
    )
    reference._init_structure(mp.Vector3())
    chi = permittivity(in_space(bar(0.0)), grid)
    for name, component, direction, shift in (("xx", mp.Ex, mp.X, (0.5, 0, 0)), ("yy", mp.Ey, mp.Y, (0, 0.5, 0))):
        for j in range(1, 8):
            point = mp.vec(*((np.array([1, j, 3]) + shift - [2, 4, 3]) * grid.pitch))
            theirs = reference.structure.get_chi1inv(component, direction, point, 0.0).real
            assert getattr(chi, name)[1, j, 3] == pytest.approx(theirs, abs=2e-4)


def test_a_region_displaces_the_layer_that_it_is_in():
    """Where core, layer and cladding share a pixel, ⟨ε⟩ along the boundaries is the sum of the volumes."""
    grid = Grid(10, 8, 8, 0, 8)
    layer = Layer(BELOW, (-np.inf, 0.02))
    upper, lower = (rectangle(-9.0, 0.03, -9.0, 9.0, CORE, "core") for _ in range(2))
    regions = leaning((lower,), 0.0, (-9.0, 0.02)) + leaning((upper,), 0.0, (0.02, 9.0))
    chi = permittivity(in_space(regions, (layer,)), grid)
    # The pixel around (0, 0, 0.05) of Ez reaches from −0.05 to 0.05 across and from 0 to 0.1 upwards.
    fills = 0.8 * CORE**2 + 0.2 * (0.2 * BELOW**2 + 0.8 * CLADDING**2)
    assert 1 / chi.yy[4, 4, 4] == pytest.approx(0.8 * CORE**2 + 0.2 * (0.7 * BELOW**2 + 0.3 * CLADDING**2))
    assert chi.zz[4, 4, 4] > 1 / fills  # ε falls upwards too
    far = permittivity(in_space((), (layer,)), grid)
    assert far.zz[4, 4, 4] == pytest.approx(0.2 / BELOW**2 + 0.8 / CLADDING**2)
    assert 1 / far.xx[4, 4, 4] == pytest.approx(0.7 * BELOW**2 + 0.3 * CLADDING**2)


def test_a_slab_as_layer_or_as_region_is_the_same():
    """A guide on a slab, drawn as a guide above a layer, and as one above a region as wide as the cell."""
    grid = Grid(20, 4, 20, 0, 20)
    guide = leaning((rectangle(-9.0, 9.0, -0.23, 0.23, CORE, "core"),), 10.0, (-0.02, 0.11))
    slab = leaning((rectangle(-9.0, 9.0, -9.0, 9.0, CORE, "core"),), 0.0, (-0.11, -0.02))
    one = permittivity(in_space(guide, (Layer(CORE, (-0.11, -0.02)),)), grid)
    other = permittivity(in_space(guide + slab), grid)
    for name in ("xx", "yy", "zz", "xy"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=1e-12)


@needs_engine
@pytest.mark.parametrize("polarization", ["te", "tm"])
@pytest.mark.parametrize("above", [1.444, 1.0])
def test_an_upright_plane_has_the_modes_of_the_film(polarization, above):
    """te of the chip has its field along the film, which is "Ez" of the slab, on oxide under oxide or air."""
    film = LayeredSlab(0.22, CORE, 1.444, above)
    exact = layered_slab_index(film, 1.55, {"te": "Ez", "tm": "Hz"}[polarization])
    device = with_stack(make_device("straight", polarization), plane="xz", substrate=bulk(1.444), cladding=bulk(above))
    errors = []
    for resolution in (50, 100):
        cell = build_cell(device, FIDELITIES["draft"], resolution, WAVELENGTHS[1:2])
        errors.append(cell.ports[0].modes[0].index - exact)
        assert continuum_betas(cell.ports[:1], cell.at)[0][0] / (2 * np.pi) * 1.55 == pytest.approx(exact, abs=6e-5)
    assert abs(errors[0]) < 40.0 / 50**2
    assert abs(errors[1]) < 40.0 / 100**2


@needs_engine
@pytest.mark.parametrize("polarization", ["te", "tm"])
def test_a_film_in_an_upright_plane_guides_all_light(polarization):
    device = with_stack(make_device("straight", polarization, length_um=0.5), plane="xz", substrate=bulk(1.5))
    column = run_scattering(
        ScatteringRun(device=device, fidelity=FIDELITIES["draft"], resolution=20, port="o1"), lambda done, of: None
    )
    assert decibels(column.s[0]) < -70.0
    np.testing.assert_allclose(np.abs(column.s[1]) ** 2, 1.0, atol=1e-3)


def in_three_dimensions(resolution, wavelengths=WAVELENGTHS[1:2], polarization="te", **stack):
    device = with_stack(make_device("straight", polarization), dimensions=3, **stack)
    return build_cell(device, VOLUME_FIDELITIES["draft"], resolution, wavelengths)


@needs_engine
def test_a_rib_guides_above_its_slab_and_what_would_leak_into_the_slab_is_refused():
    slab = layered_slab_index(LayeredSlab(0.09, CORE, 1.444, 1.444), 1.55, "Ez")
    film = layered_slab_index(LayeredSlab(0.22, CORE, 1.444, 1.444), 1.55, "Ez")
    assert slab < in_three_dimensions(20, slab_um=0.09).ports[0].modes[0].index < film
    # The upright mode of a shallow rib is slower than the level wave in its slab, which takes its light away.
    with pytest.raises(FdtdOnnError, match="expected tm0 to be guided"):
        in_three_dimensions(20, polarization="tm", slab_um=0.15)


@needs_engine
def test_the_higher_cladding_sets_the_light_line():
    """A strip that oxide would leave guided leaks into a substrate of higher index than its mode, under air or not."""
    assert in_three_dimensions(20, cladding=bulk(1.0)).ports[0].modes[0].index < 2.6
    with pytest.raises(FdtdOnnError, match="expected te0 to be guided"):
        in_three_dimensions(20, cladding=bulk(1.0), substrate=bulk(3.2))


@needs_engine
@pytest.mark.long
@pytest.mark.parametrize(
    ("stack", "index", "group_index"),
    [({}, 2.4457, 4.054), ({"sidewall_deg": 8.0}, 2.4457, 4.053), ({"slab_um": 0.09}, 2.568, 3.764)],
    ids=["strip", "leaning", "rib"],
)
def test_standard_resolution_has_the_index_of_the_converged_guide(stack, index, group_index):
    """Converged: the mode solver at 56 and 80 px/µm (rib: 84), extrapolated. S has the limit, not the grid's index."""
    cell = in_three_dimensions(VOLUME_FIDELITIES["standard"].resolution, WAVELENGTHS, **stack)
    beta = np.array([mode.beta for mode in cell.ports[0].modes])
    k = 2 * np.pi / WAVELENGTHS
    assert beta[1] / k[1] == pytest.approx(index, abs=1e-2)
    limit = continuum_betas(cell.ports[:1], cell.at)[0]
    assert limit[1] / k[1] == pytest.approx(index, abs=2e-3)
    assert (limit[0] - limit[2]) / (k[0] - k[2]) == pytest.approx(group_index, rel=2e-3)
