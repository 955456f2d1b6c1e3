import numpy as np
import pytest

from fdtd_onn.fullwave.plan import plan
from fdtd_onn.library import design_names
from fdtd_onn.specs.fidelity import settings_of
from fdtd_onn.specs.load import load_device
from tests.fullwave.support import needs_engine, response_of

pytestmark = needs_engine

# A heater needs no runs.
DESIGNS = sorted(set(design_names("devices")) - {"heater"})
# An absorber in space takes an hour; smaller ones are held against closed forms in test_absorbers_in_space.
SHORT = sorted(set(DESIGNS) - {"absorber_3d"})


@pytest.mark.long
@pytest.mark.parametrize("name", SHORT)
def test_every_design_of_the_library_runs_at_draft(name):
    """And gains nothing: what leaves is at most what entered, within the draft's error."""
    device = load_device(name)
    response = response_of(device, settings_of(device, "draft"))
    if device.kind == "grating_tap":
        response = response.guided
    if device.kind == "absorber":
        assert np.all(np.abs(response.pump_transmission) ** 2 < 1.0)
        assert np.all(np.diff(np.abs(response.pump_transmission)) > 0.0)
    else:
        assert response.largest_singular_value < 1.0 + 5e-3
        assert response.power_balance[:, 0].min() > 0.9


@pytest.mark.parametrize("name", DESIGNS)
@pytest.mark.parametrize("fidelity", ["draft", "standard", "reference"])
def test_every_design_can_be_planned_at_every_fidelity(name, fidelity):
    device = load_device(name)
    assert plan(device, settings_of(device, fidelity))
