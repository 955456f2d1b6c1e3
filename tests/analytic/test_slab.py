import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import diags
from scipy.sparse.linalg import eigsh

from fdtd_onn.analytic.layered_slab import LayeredSlab, layered_slab_index
from fdtd_onn.analytic.slab import Slab, slab_group_index, slab_index, slab_mode_count
from fdtd_onn.errors import BadInput

SILICON = Slab(width_um=0.5, core=2.85, cladding=1.44)


def wave_equation_index(slab, wavelength, field, order, cells_per_um):
    """Solve the slab's wave equation on a grid whose points straddle both faces: an independent way."""
    d = 1.0 / cells_per_um
    half = slab.width_um / 2 + 2.0
    y = np.arange(-half + d / 2, half, d)
    faces = np.arange(-half, half + d / 2, d)
    eps = np.where(np.abs(y) < slab.width_um / 2, slab.core**2, slab.cladding**2)
    k = 2 * np.pi / wavelength
    if field == "Ez":
        main = k**2 * eps - 2.0 / d**2
        side = np.full(y.size - 1, 1.0 / d**2)
        operator, weight = diags([side, main, side], [-1, 0, 1]), diags(np.ones(y.size))
    else:
        inside = np.abs(faces) < slab.width_um / 2 - d / 4
        at_face = np.isclose(np.abs(faces), slab.width_um / 2)
        mean = (slab.core**2 + slab.cladding**2) / 2
        inverse = 1.0 / np.where(at_face, mean, np.where(inside, slab.core**2, slab.cladding**2)) / d**2
        main = k**2 - inverse[:-1] - inverse[1:]
        operator = diags([inverse[1:-1], main, inverse[1:-1]], [-1, 0, 1])
        weight = diags(1.0 / eps)
    values = eigsh(operator.tocsc(), k=order + 1, M=weight.tocsc(), sigma=(k * slab.core) ** 2, which="LM")[0]
    return np.sqrt(np.sort(values)[::-1][order]) / k


@pytest.mark.parametrize("field", ["Hz", "Ez"])
@pytest.mark.parametrize("order", [0, 1])
def test_the_wave_equation_on_a_grid_converges_to_the_slab_index(field, order):
    exact = slab_index(SILICON, 1.55, field, order)
    coarse, fine = (abs(wave_equation_index(SILICON, 1.55, field, order, n) - exact) for n in (80, 160))
    assert fine < 3e-4
    assert coarse / fine == pytest.approx(4.0, rel=0.15)  # second order


def test_hz_is_the_less_guided_field():
    assert slab_index(SILICON, 1.55, "Hz") < slab_index(SILICON, 1.55, "Ez")


def test_a_thick_slab_quantises_like_hard_walls():
    wide = Slab(width_um=200.0, core=2.0, cladding=1.0)
    v = np.pi * 200.0 * np.sqrt(3.0)
    # u → (m + 1) π/2 · V/(V + 1) for Ez; the correction is of order u³/V³.
    u = np.pi / 2 * v / (v + 1)
    assert slab_index(wide, 1.0, "Ez") == pytest.approx(np.sqrt(4.0 - 3.0 * (u / v) ** 2), abs=1e-10)


@given(
    st.floats(0.05, 3.0), st.floats(1.1, 4.0), st.floats(0.01, 0.9), st.sampled_from(["Hz", "Ez"]), st.floats(0.5, 2.5)
)
def test_every_counted_mode_exists_lies_between_the_indices_and_has_its_derivative(
    width, core, contrast, field, wavelength
):
    slab = Slab(width, core, core * (1 - contrast) + contrast)
    indices = [slab_index(slab, wavelength, field, m) for m in range(slab_mode_count(slab, wavelength))]
    assert all(slab.cladding <= n < slab.core for n in indices)
    assert indices == sorted(indices, reverse=True)
    step = 1e-5 * wavelength
    above, below = (slab_index(slab, wavelength + s, field) for s in (step, -step))
    slope = (above - below) / (2 * step)
    assert slab_group_index(slab, wavelength, field) == pytest.approx(indices[0] - wavelength * slope, abs=1e-6)


def test_what_cannot_be_a_guided_mode_is_refused():
    with pytest.raises(BadInput, match="mode order: expected 0 to 1"):
        slab_index(SILICON, 1.55, "Ez", order=2)
    with pytest.raises(BadInput, match="cladding < core"):
        Slab(0.5, 1.4, 1.5)
    with pytest.raises(BadInput, match="te is Hz"):
        slab_index(SILICON, 1.55, "te")


@given(st.floats(0.1, 2.0), st.floats(1.0, 3.4), st.floats(0.0, 1.0), st.sampled_from(["Hz", "Ez"]))
def test_a_film_between_two_claddings_guides_between_the_films_in_either(width, higher, share, field):
    """Of two claddings the mode's index lies between those that each of them would give alone."""
    lower = 1.0 + share * (higher - 1.0)
    alone = [slab_index(Slab(width, 3.5, n), 1.55, field) for n in (lower, higher)]
    try:
        index = layered_slab_index(LayeredSlab(width, 3.5, higher, lower), 1.55, field)
    except BadInput:  # a thin film under a lower cladding has a cut-off, and then its mode would be below the higher
        assert alone[0] < alone[1]
        return
    assert alone[0] - 1e-12 <= index <= alone[1] + 1e-12
    assert layered_slab_index(LayeredSlab(width, 3.5, lower, higher), 1.55, field) == pytest.approx(index, abs=1e-12)


def test_a_film_without_contrast_is_refused():
    with pytest.raises(BadInput, match="a core above both claddings"):
        LayeredSlab(0.5, 1.44, 1.0, 1.44)
    with pytest.raises(BadInput, match="a mode that is guided"):
        layered_slab_index(LayeredSlab(0.05, 2.0, 1.9, 1.0), 1.55, "Ez")
