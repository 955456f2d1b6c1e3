"""The phase of a heated section in full wave."""

import numpy as np
import pytest

import fdtd_onn as fo
from fdtd_onn.analytic.slab import Slab, slab_index
from fdtd_onn.fullwave.cell import build_cell
from fdtd_onn.specs.fidelity import FIDELITIES
from fdtd_onn.store import Store
from tests.fullwave.support import needs_engine
from tests.geometry.make import make_device

pytestmark = [needs_engine, pytest.mark.long]
HEAT_K = 100.0


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return Store(tmp_path_factory.mktemp("store"))


def full_wave(fidelity, store):
    """The heated device, and the phase that heating adds, (n_wl,)."""
    cold, warm = (
        fo.characterize(fo.load_device("phase_shifter", delta_t_k=t), fidelity, store=store) for t in (0.0, HEAT_K)
    )
    return warm, np.angle(warm.s[:, 1, 0] / cold.s[:, 1, 0])


def test_a_heated_section_turns_the_phase_as_the_grids_modes_say(store):
    """Δβ·L of the discrete guides on the run's own grid."""
    warm, turned = full_wave("draft", store)
    p, core = warm.device.parameters, warm.device.materials.core.index
    betas = []
    for index in (core, core + p.dn_dt_per_k * HEAT_K):
        guide = make_device("straight")
        materials = {"core": {"index": index, "basis": "effective"}, "cladding": {"index": 1.444, "basis": "bulk"}}
        guide = type(guide).model_validate(guide.model_dump() | {"materials": materials})
        cell = build_cell(guide, FIDELITIES["draft"], FIDELITIES["draft"].resolution, warm.wavelengths_um)
        betas.append(np.array([mode.beta for mode in cell.ports[0].modes]))
    assert turned == pytest.approx((betas[1] - betas[0]) * p.length_um, rel=0.01)
    assert turned.min() > 0.5


def test_two_grids_extrapolate_to_the_closed_form(store):
    """A grid gives Δβ itself with an error of second order (some per cent at draft): what is left is below 1 %."""
    resolutions = [FIDELITIES[name].resolution for name in ("draft", "standard")]
    (warm, coarse), (_, fine) = (full_wave(name, store) for name in ("draft", "standard"))
    extrapolated = fine + (fine - coarse) / ((resolutions[1] / resolutions[0]) ** 2 - 1.0)
    p, core = warm.device.parameters, warm.device.materials.core.index
    guides = (Slab(p.width_um, n, 1.444) for n in (core, core + p.dn_dt_per_k * HEAT_K))
    below, above = ([slab_index(guide, float(w), "Hz") for w in warm.wavelengths_um] for guide in guides)
    closed = 2 * np.pi / warm.wavelengths_um * (np.array(above) - np.array(below)) * p.length_um
    assert extrapolated == pytest.approx(closed, rel=0.01)
