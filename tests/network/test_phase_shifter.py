import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fdtd_onn.errors import BadInput
from fdtd_onn.network.phase_shifter import phase_shifter
from tests.network.stand_ins import AnalyticCoupler, AnalyticShifter

MODEL = AnalyticShifter(slope=0.012, curve=6e-6, loss=0.01, heated_loss=2e-5)
SECTIONS = 4
SHIFTER = phase_shifter(MODEL, 1.55, SECTIONS)

phases = st.floats(0.0, 2 * np.pi, exclude_max=True)


@given(phases)
def test_temperature_gives_the_phase_back(phase):
    compiled = MODEL.s_matrices(1.55, [float(SHIFTER.temperature(phase)), 0.0])[:, 1, 0] ** SECTIONS
    assert abs(np.exp(1j * phase) - np.exp(1j * np.angle(compiled[0] / compiled[1]))) < 1e-9


@given(phases)
def test_transfer_is_the_compiled_one_at_that_temperature(phase):
    compiled = MODEL.s_matrices(1.55, [float(SHIFTER.temperature(phase))])[0]
    assert abs(SHIFTER.forward(phase) - compiled[1, 0] ** SECTIONS) < 1e-9
    assert abs(SHIFTER.backward(phase) - compiled[0, 1] ** SECTIONS) < 1e-9


def test_heat_beyond_a_turn_is_at_its_own_temperature_and_loss():
    """Through a whole turn nothing jumps; a turn further on light has the same phase and has lost more."""
    assert 1.2 * 2 * np.pi < SHIFTER.reach_rad < 1.3 * 2 * np.pi
    below, above = np.nextafter(2 * np.pi, [0.0, 7.0])
    assert abs(SHIFTER.forward(above) - SHIFTER.forward(below)) < 1e-12
    further = SHIFTER.forward(2 * np.pi + 1.0) / SHIFTER.forward(1.0)
    warmer = SHIFTER.temperature(2 * np.pi + 1.0) - SHIFTER.temperature(1.0)
    assert warmer > 100.0
    assert further == pytest.approx(np.exp(-SECTIONS * MODEL.heated_loss * warmer), rel=1e-9)


def test_heat_beyond_the_compiled_temperatures_is_refused():
    with pytest.raises(BadInput, match=r"at most 7\.74 rad, .* got 9\.288 rad.*1\.2 times as many sections"):
        SHIFTER.forward(np.array([1.0, 1.2 * SHIFTER.reach_rad]))


def test_log_slope_is_i_plus_the_change_of_loss_with_phase():
    phase, step = np.linspace(0.1, 6.1, 31), 1e-5
    numeric = np.log(SHIFTER.forward(phase + step) / SHIFTER.forward(phase - step)) / (2 * step)
    np.testing.assert_allclose(SHIFTER.log_slope(phase), numeric, atol=1e-9)
    np.testing.assert_allclose(SHIFTER.log_slope(phase).imag, 1.0, atol=1e-12)
    assert np.all(SHIFTER.log_slope(phase).real < -1e-4)


def test_too_little_reach_says_how_many_sections_are_needed():
    with pytest.raises(BadInput, match="Set sections = 4 or more"):
        phase_shifter(MODEL, 1.55, 3)


def test_phase_that_falls_with_heating_is_refused():
    with pytest.raises(BadInput, match="rises with heating"):
        phase_shifter(AnalyticShifter(slope=-0.1), 1.55, 1)


def test_range_without_zero_heating_is_refused():
    with pytest.raises(BadInput, match="from 0 upward"):
        phase_shifter(AnalyticShifter(parameter_range=(20.0, 200.0)), 1.55, 1)


def test_device_without_heating_is_refused():
    with pytest.raises(BadInput, match="tunable in delta_t_k"):
        phase_shifter(AnalyticCoupler(), 1.55, 1)
