import dataclasses

import numpy as np
import pytest

from fdtd_onn.errors import BadInput
from tests.network.stand_ins import DIODE

QUANTUM = 1.602176634e-19
READINGS = 40_000


def with_(**changes):
    return dataclasses.replace(DIODE, **changes)


@pytest.mark.parametrize("power", [2e-6, 1e-4])
def test_readings_have_the_mean_and_the_variance_of_shot_and_thermal_noise(power):
    """Within five standard errors; the variance of a Gaussian's variance is 2 σ⁴/n."""
    current = 0.9 * power + 1e-8
    variance = (2 * QUANTUM * current + 4e-24) * 1e7 / 0.9**2 + DIODE.step_w**2 / 12
    readings = DIODE.read(np.full(READINGS, power), np.random.default_rng(1))
    assert readings.mean() == pytest.approx(power, abs=5 * np.sqrt(variance / READINGS))
    assert readings.var() == pytest.approx(variance, rel=5 * np.sqrt(2 / READINGS))


def test_shot_noise_grows_with_power_and_thermal_noise_with_bandwidth():
    shot = with_(thermal_noise_a_per_sqrt_hz=0.0, dark_current_a=0.0)
    assert shot.noise_w(4e-5) == pytest.approx(2 * shot.noise_w(1e-5))
    assert with_(bandwidth_hz=4e7).noise_w(0.0) == pytest.approx(2 * DIODE.noise_w(0.0))
    # 0.9 A/W turns 1 µA of current noise into more than 1 µW.
    thermal = with_(thermal_noise_a_per_sqrt_hz=1e-9, bandwidth_hz=1e6, dark_current_a=0.0)
    assert thermal.noise_w(0.0) == pytest.approx(1e-6 / 0.9)


def test_readings_are_whole_steps_and_stop_at_the_ends():
    coarse = with_(adc_bits=4, full_scale_w=1.5e-4)
    assert coarse.step_w == pytest.approx(1e-5)
    powers = np.linspace(0.0, 3e-4, 500)
    readings = coarse.read(powers, np.random.default_rng(2))
    codes = readings / 1e-5
    np.testing.assert_allclose(codes, np.round(codes), atol=1e-9)
    assert set(np.round(codes).astype(int)) == set(range(16))
    assert readings.max() == pytest.approx(1.5e-4)


def test_noise_is_that_of_the_generator_given():
    powers = np.full((3, 5), 1e-4)
    first, second = (DIODE.read(powers, np.random.default_rng(7)) for _ in range(2))
    assert first.shape == powers.shape
    np.testing.assert_array_equal(first, second)
    assert np.any(DIODE.read(powers, np.random.default_rng(8)) != first)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"responsivity_a_per_w": 0.0}, r"detector\.responsivity_a_per_w: expected a finite number above 0"),
        ({"dark_current_a": -1e-9}, r"detector\.dark_current_a: expected a finite number, at least 0"),
        ({"adc_bits": 40}, "a whole number from 1 to 32, got 40"),
        ({"bandwidth_hz": np.inf}, "bandwidth_hz"),
    ],
)
def test_what_no_detector_has_is_refused(changes, told):
    with pytest.raises(BadInput, match=told):
        with_(**changes)


@pytest.mark.parametrize("power", [-1e-9, np.nan])
def test_powers_that_are_none_are_refused(power):
    with pytest.raises(BadInput, match="finite powers in W"):
        DIODE.read([1e-4, power], np.random.default_rng(0))
