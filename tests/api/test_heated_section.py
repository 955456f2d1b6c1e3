"""The phase of a heated section in full wave."""

import numpy as np
import pytest

import fdtd_onn as fo
from fdtd_onn.analytic.slab import Slab, slab_index
from fdtd_onn.store import Store
from tests.fullwave.support import needs_engine

pytestmark = [needs_engine, pytest.mark.long]
HEAT_K = 100.0


@pytest.mark.parametrize("fidelity", ["draft", "standard"])
def test_heat_turns_the_phase_by_what_the_mode_solver_says(fidelity, tmp_path):
    """The cold and the heated guide lag on the grid by different amounts; both are taken out."""
    cold, warm = (
        fo.characterize(fo.load_device("phase_shifter", delta_t_k=t), fidelity, store=Store(tmp_path))
        for t in (0.0, HEAT_K)
    )
    p, core = warm.device.parameters, warm.device.materials.core.index
    guides = (Slab(p.width_um, n, 1.444) for n in (core, core + p.dn_dt_per_k * HEAT_K))
    below, above = ([slab_index(guide, float(w), "Hz") for w in warm.wavelengths_um] for guide in guides)
    closed = 2 * np.pi / warm.wavelengths_um * (np.array(above) - np.array(below)) * p.length_um
    assert np.angle(warm.s[:, 1, 0] / cold.s[:, 1, 0]) == pytest.approx(closed, rel=2e-3)
