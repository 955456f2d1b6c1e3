from dataclasses import replace

import numpy as np
import pytest

from fdtd_onn.reduce import fit_saturation
from fdtd_onn.reduce.absorption import Absorption, detuned, transit
from fdtd_onn.responses.saturation import AbsorptionSpectrum, Recovery
from tests.reduce.synthetic import guide_profile, saturation_response, with_noise
from tests.reduce.test_absorber import GUIDE

POWERS = np.array([0.003, 0.03, 0.1, 0.4, 1.0, 2.2, 5.0, 13.0, 40.0])
DETUNING, LIFETIME = 0.7, 33.0
LINE = Absorption(1.4, 0.05, 5e-4, 0.0, 0.4, 0.5)
HERE = detuned(LINE, DETUNING)


def everything(noise=0.0, seed=0):
    """Pump, both probes, line and recovery of the same section, from formulas."""
    log = transit(guide_profile(), HERE, POWERS * 5e-4)
    pump, coherent = np.exp(log.pump), np.exp(log.coherent)
    turn = np.exp(1j * (HERE.probe_phase_rad - HERE.phase_rad))
    made = saturation_response(
        POWERS, 0.5, *(with_noise(x, noise, seed + k) for k, x in enumerate((pump, coherent))), guide_profile(),
        with_noise(pump * turn, noise, seed + 2),
    )  # fmt: skip
    wavelengths = np.linspace(1.5, 1.6, 21)
    f, width = 1 / wavelengths, made.device.linewidth
    delta = (f**2 - (1 / 1.55**2 - DETUNING * width / 1.55)) / (f * width)
    depth = LINE.optical_depth * (1 + 0.8 * (f * 1.55 - 1))
    line = np.exp(-0.5 * (depth * (1 + 1j * delta) / (1 + delta**2) + 0.05))
    delay = np.linspace(20.0, 120.0, 30)
    populations = 1 - 0.6 * np.exp(-delay / LIFETIME)
    probe = np.exp(-0.5 * (HERE.optical_depth * (1 + 1j * DETUNING) * populations + 0.05) + 0.5j)
    return replace(
        made,
        spectrum=AbsorptionSpectrum(wavelengths, with_noise(line, noise, seed + 3), 0 * line),
        recovery=Recovery(delay, with_noise(probe, noise, seed + 4), LIFETIME),
    )


def numbers(fit):
    estimates = (fit.optical_depth, fit.nonsaturable_optical_depth, fit.saturation_power_w, fit.detuning)
    estimates = (*estimates, *([fit.recovery_periods] if fit.recovery_periods is not None else []))
    return np.array([e.value for e in estimates]), np.array([e.deviation for e in estimates])


TRUTH = np.array([1.4, 0.05, 5e-4, DETUNING, LIFETIME])


def test_all_numbers_come_back_from_one_fit():
    fit = fit_saturation(everything())
    np.testing.assert_allclose(numbers(fit)[0], TRUTH, rtol=1e-5)
    assert max(fit.largest_error.values()) < 1e-6
    assert set(fit.largest_error) == {"pump", "coherent", "time-gated", "spectrum", "recovery"}
    assert fit.effective_area_um2.value == pytest.approx(0.5)  # 0.5 mW at 1 mW/µm²
    assert fit.set_recovery_periods == LIFETIME
    np.testing.assert_allclose(fit.covariance, fit.covariance.T)


@pytest.mark.long
def test_stated_deviations_are_the_scatter_of_noisy_data():
    pulls = []
    for k in range(16):
        value, deviation = numbers(fit_saturation(everything(noise=1e-3, seed=10 * k)))
        pulls.append((value - TRUTH) / deviation)
    # 16 fits: the deviation of a unit normal is known to 18 %, so 0.4 … 1.7 is nearly four sigma wide.
    spread = np.std(pulls, axis=0)
    assert np.all((spread > 0.4) & (spread < 1.7))
    assert np.all(np.abs(np.mean(pulls, axis=0)) < 1.0)


def test_without_spectrum_and_recovery_the_rest_is_still_found():
    fit = fit_saturation(replace(everything(), spectrum=None, recovery=None))
    assert fit.recovery_periods is None
    assert np.isnan(fit.covariance[4]).all()
    np.testing.assert_allclose(numbers(fit)[0], TRUTH[:4], rtol=1e-4)


def test_a_detuned_line_is_absorbed_less_saturates_later_and_turns_the_phase():
    """Exactly α₀(1 + iδ)/(1 + δ² + I), whatever the profile."""
    profile, power = guide_profile(), np.array([0.0, 1.0, 7.0])
    thin = Absorption(1e-4, 0.0, 1.0, 0.0, 0.0, 0.0)
    energy = profile.transverse + profile.longitudinal
    for delta in (-1.5, 0.4, 2.0):
        expected = ((1 + 1j * delta) * energy / (1 + delta**2 + power[:, None] * energy)) @ profile.weight
        log = transit(profile, detuned(thin, delta), power).pump
        np.testing.assert_allclose(-2 * log / 1e-4, expected, rtol=1e-4)


def test_a_model_moved_off_its_line_and_back_is_itself():
    moved = GUIDE.with_detuning(1.3)
    back = moved.with_detuning(-GUIDE.absorption.phase_per_absorption)
    e = np.sqrt(GUIDE.max_power_w) * np.array([0.01, 0.5, 0.99])
    np.testing.assert_allclose(back.forward(e), GUIDE.forward(e), rtol=1e-9)
    assert np.all(np.abs(moved.forward(e)) > np.abs(GUIDE.forward(e)))
    h = 1e-6
    numeric = (
        moved.forward(e + h) - moved.forward(e - h) - 1j * (moved.forward(e + 1j * h) - moved.forward(e - 1j * h))
    ) / (4 * h)
    np.testing.assert_allclose(moved.jacobian(e)[0], numeric, atol=1e-6)


def test_sections_in_series_obey_the_chain_rule():
    e = np.sqrt(GUIDE.max_power_w) * np.array([0.05, 0.3, 0.9]) * np.exp(1j * np.array([0.2, 1.0, -2.0]))
    first, second = GUIDE.jacobian(e), GUIDE.jacobian(GUIDE.forward(e))
    along = second[0] * first[0] + second[1] * np.conj(first[1])
    across = second[0] * first[1] + second[1] * np.conj(first[0])
    two = GUIDE.cascade(2).jacobian(e)
    np.testing.assert_allclose(two[0], along, atol=1e-8)
    np.testing.assert_allclose(two[1], across, atol=1e-8)
