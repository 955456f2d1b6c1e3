import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fdtd_onn.analytic.saturable import saturable_transmission, saturable_transmission_with_loss

INTENSITY = np.array([0.0, 1e-6, 0.05, 0.5, 1.0, 3.0, 13.0, 300.0])


def test_closed_forms_agree_with_the_integrated_equations():
    closed, integrated = saturable_transmission(INTENSITY, 1.7), saturable_transmission_with_loss(INTENSITY, 1.7, 0.0)
    for name in ("pump", "slope", "coherent_probe", "time_gated_probe"):
        np.testing.assert_allclose(getattr(integrated, name), getattr(closed, name), rtol=1e-9)


@given(st.floats(0.0, 1e8), st.floats(0.0, 50.0))
def test_the_pump_obeys_its_implicit_integral_at_any_intensity(intensity, depth):
    pump = float(saturable_transmission(intensity, depth).pump)
    # ln T + I (T − 1) + OD = 0, whose derivative in T is 1/T + I: what is left, over it, is the error of T.
    left = np.log(pump) + intensity * (pump - 1.0) + depth
    assert left / (1.0 / pump + intensity) == pytest.approx(0.0, abs=1e-10 * pump)


@given(st.floats(1e-3, 50.0), st.floats(0.05, 5.0), st.floats(0.0, 1.0))
def test_the_slope_is_the_derivative_of_the_amplitude(intensity, depth, loss):
    amplitude = np.sqrt(intensity) * np.array([1 - 1e-4, 1.0, 1 + 1e-4])
    result = saturable_transmission_with_loss(amplitude**2, depth, loss)
    out = amplitude * np.sqrt(result.pump)
    assert (out[2] - out[0]) / (2e-4 * amplitude[1]) == pytest.approx(result.slope[1], rel=1e-6)


def test_in_the_dark_all_are_beer_lambert():
    dark = saturable_transmission_with_loss(0.0, 1.2, 0.3)
    assert dark.pump == pytest.approx(np.exp(-1.5))
    assert dark.coherent_probe == pytest.approx(np.exp(-1.5))
    assert dark.slope == pytest.approx(np.exp(-0.75))


def test_the_coherent_probe_sees_the_geometric_mean_of_slope_and_chord():
    # T_coherent = slope · √T exactly, without other loss: why it stands in for the derivative.
    result = saturable_transmission(INTENSITY, 1.0)
    np.testing.assert_allclose(result.coherent_probe, result.slope * np.sqrt(result.pump), rtol=1e-14)
    assert np.all(result.coherent_probe >= result.time_gated_probe)
