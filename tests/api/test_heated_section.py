"""The phase of a heated section in full wave."""

import numpy as np
import pytest

import fdtd_onn as fo
from fdtd_onn.analytic.slab import Slab, slab_index
from fdtd_onn.store import Store
from tests.fullwave.support import needs_engine

pytestmark = [needs_engine, pytest.mark.long]


def test_a_heated_section_turns_the_phase_as_its_modes_say(tmp_path):
    """FDTD in the plane against Δβ·L of the slab's closed form, over the band."""
    heat, store = 100.0, Store(tmp_path)
    cold, warm = (
        fo.characterize(fo.load_device("phase_shifter", delta_t_k=t), fidelity="draft", store=store)
        for t in (0.0, heat)
    )
    turned = np.angle(warm.s[:, 1, 0] / cold.s[:, 1, 0])
    p, core = warm.device.parameters, warm.device.materials.core.index
    guides = (Slab(p.width_um, n, 1.444) for n in (core, core + p.dn_dt_per_k * heat))
    below, above = ([slab_index(guide, float(w), "Hz") for w in warm.wavelengths_um] for guide in guides)
    closed = 2 * np.pi / warm.wavelengths_um * (np.array(above) - np.array(below)) * p.length_um
    assert turned == pytest.approx(closed, rel=0.01)
    assert turned.min() > 0.5
