"""How a mode's index follows those of core and cladding: perturbation against new solutions."""

import numpy as np
import pytest

from fdtd_onn.errors import FdtdOnnError
from fdtd_onn.fullwave.guide_section import guide_section
from tests.geometry.make import STACK, make_device

FREQUENCY = 1 / 1.55


@pytest.fixture(scope="module", params=["te", "tm"])
def solved(request):
    guide = guide_section(make_device("straight", request.param, dimensions=3), 25)
    return request.param, guide, guide.mode(FREQUENCY)


@pytest.mark.parametrize("which", ["core", "cladding"])
def test_slopes_are_those_of_a_guide_of_another_material(solved, which):
    polarization, guide, mode = solved
    slope = float(guide.sensitivity(mode)[which == "cladding"].sum())
    step = 1e-3
    indices = []
    for sign in (1, -1):
        stack = {**STACK, which: {"index": STACK[which]["index"] + sign * step, "basis": "bulk"}}
        device = make_device("straight", polarization, dimensions=3)
        changed = type(device).model_validate(device.model_dump() | {"stack": stack})
        indices.append(guide_section(changed, 25).mode(FREQUENCY).index)
    assert slope == pytest.approx((indices[0] - indices[1]) / (2 * step), rel=1e-4)


def test_uneven_heating_agrees_with_a_new_solution(solved):
    _, guide, mode = solved
    core, cladding = guide.sensitivity(mode)
    kelvin = 40.0 * np.exp(0.8 * guide.z_um) * (1.0 + 0.5 * guide.y_um)
    predicted = float(1.86e-4 * core @ kelvin + 1e-5 * cladding @ kelvin)
    warm = guide.mode(FREQUENCY, 1.86e-4 * kelvin, 1e-5 * kelvin)
    assert predicted == pytest.approx(warm.index - mode.index, rel=0.01)
    assert predicted > 5e-3


def test_energy_falls_away_from_the_guide(solved):
    polarization, guide, mode = solved
    assert guide.energy_above(mode, -10.0) == pytest.approx(1.0)
    middle, part = 0.11, 0.25 * guide.pitch
    halves = guide.energy_above(mode, middle + part) + guide.energy_above(mode, middle - part)
    assert halves == pytest.approx(1.0, abs=1e-9)  # a symmetric guide
    assert guide.energy_above(mode, 1.1) < (1e-4 if polarization == "te" else 1e-2)


def test_a_plane_has_no_cross_section():
    with pytest.raises(FdtdOnnError, match="dimensions = 3"):
        guide_section(make_device("straight"), 25)
