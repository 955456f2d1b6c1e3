"""The stated error against the true one, where a closed form exists: every guide's edges lie elsewhere on the grid."""

import numpy as np
import pytest

from fdtd_onn.analytic.slab import Slab, slab_index
from fdtd_onn.specs.fidelity import FIDELITIES
from tests.fullwave.support import needs_engine, response_of
from tests.geometry.make import make_device

pytestmark = [needs_engine, pytest.mark.long]

DRAFT = FIDELITIES["draft"]


def phase(device, response, core):
    """(n_wl,) of a guide of the device's width and length, without grid."""
    guide = Slab(device.parameters.width_um, core, device.materials.cladding.index)
    field = {"te": "Hz", "tm": "Ez"}[device.polarization]
    index = np.array([slab_index(guide, w, field) for w in response.wavelengths_um])
    return 2 * np.pi * index * device.parameters.length_um / response.wavelengths_um


@pytest.mark.parametrize("polarization", ["te", "tm"])
@pytest.mark.parametrize("width", [0.4, 0.47, 0.5, 0.53])
@pytest.mark.parametrize("length", [1.0, 4.0])
def test_a_straight_guide_errs_by_no_more_than_stated(polarization, width, length):
    device = make_device("straight", polarization, width_um=width, length_um=length)
    response = response_of(device, DRAFT)
    exact = np.exp(1j * phase(device, response, device.materials.core.index))
    error = np.abs(response.s[:, 1, 0] - exact)
    assert np.all(error <= response.s_error[:, 1, 0])


@pytest.mark.parametrize("width", [0.45, 0.5])
def test_heat_turns_the_phase_by_what_the_slab_says_within_the_stated_error(width):
    """The phase that 100 K add. The ends of the section reflect 3e-3 in amplitude, which counts by its square.

    Of the grid's dispersion the cold guide's is taken out: the heated guide's is 3 % of the step in phase larger.
    """
    cold, hot = (make_device("phase_shifter", width_um=width, delta_t_k=t) for t in (0.0, 100.0))
    core = cold.materials.core.index
    heated = core + hot.parameters.dn_dt_per_k * 100.0
    before, after = response_of(cold, DRAFT), response_of(hot, DRAFT)
    expected = phase(hot, after, heated) - phase(cold, before, core)
    error = np.abs(np.angle(after.s[:, 1, 0] / before.s[:, 1, 0]) - expected)
    bar = after.s_error[:, 1, 0] + before.s_error[:, 1, 0]
    assert np.all(error <= bar)
    assert np.all(error < 0.01 * expected)
