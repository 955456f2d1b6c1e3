"""The absorption line, on it and beside it, in weak light and under a pump, and recovery from the pump."""

from dataclasses import replace

import numpy as np
import pytest

from fdtd_onn.fullwave.recovery import run_recovery
from fdtd_onn.fullwave.spectrum import run_spectrum
from fdtd_onn.reduce import compile_model, fit_saturation
from fdtd_onn.reduce.absorption import Absorption, detuned, transit
from fdtd_onn.specs.device import device_adapter
from fdtd_onn.specs.fidelity import ABSORBER_FIDELITIES
from fdtd_onn.specs.runs import RecoveryRun, SpectrumRun
from tests.fullwave.support import needs_engine, response_of
from tests.fullwave.test_saturation import DRAFT, LAYER, placed, point_of, seen
from tests.geometry.make import make_device


def silent(done, of):
    pass


def spectrum_of(device):
    """Wavelengths, detunings, and the logarithm of the amplitude transmission."""
    run = SpectrumRun(device=device, fidelity=DRAFT, resolution=DRAFT.resolution)
    band = device.wavelengths
    wavelengths = np.linspace(band.start_um, band.stop_um, band.points)
    return wavelengths, np.array([device.detuning(1 / w) for w in wavelengths]), run_spectrum(run, silent)


@needs_engine
def test_the_line_absorbs_as_a_lorentzian_and_turns_the_phase_with_it():
    device = make_device("absorber", points=11, linewidth_thz=5.0)
    _, detuning, spectrum = spectrum_of(device)
    log = np.log(spectrum.transmission)
    depth, phase = -2 * log.real, -2 * log.imag
    on_line = depth * (1 + detuning**2)
    # The confinement falls a little towards the red; nothing else is left once the line's shape is divided out.
    smooth = np.polynomial.Polynomial.fit(detuning, on_line, 1)(detuning)
    np.testing.assert_allclose(on_line, smooth, rtol=6e-3)
    np.testing.assert_allclose(phase, detuning * depth, atol=4e-3)
    assert np.abs(spectrum.reflection).max() < 0.01


@needs_engine
@pytest.mark.long
def test_absorption_and_phase_are_a_kramers_kronig_pair():
    """The Hilbert transform of the absorption seen, over a band ten times the line, is the phase seen."""
    device = make_device("absorber", points=81, linewidth_thz=1.25)
    wavelengths, detuning, spectrum = spectrum_of(device)
    log = np.log(spectrum.transmission)
    f, depth, phase = 1 / wavelengths, -2 * log.real, -2 * log.imag
    middle = np.abs(detuning) < 3
    # Between the samples, so that the principal value is that of a sum; the integral's ends are Lorentzian tails.
    even = np.linspace(f.min(), f.max(), 4001)
    sampled, step = np.interp(even, f[::-1], depth[::-1]), even[1] - even[0]
    at = even[:-1] + 0.5 * step
    transform = np.array([np.sum(sampled / (even - x)) * step / np.pi for x in at])
    expected = -np.interp(f[middle], at, transform)
    assert np.abs(expected - phase[middle]).max() < 0.06 * depth.max()
    assert np.corrcoef(expected, phase[middle])[0, 1] > 0.997


@needs_engine
def test_the_probe_sees_the_populations_recover_at_the_rate_that_was_set():
    device = make_device("absorber", length_um=1.0)
    run = RecoveryRun(device=device, fidelity=DRAFT, resolution=DRAFT.resolution, pump_over_saturation=3.0)
    point = run_recovery(run, silent)
    assert point.lifetime_periods == pytest.approx(40.0)
    log = np.log(np.abs(point.transmission))
    # Over one and the same step of delay the bleaching falls by the same factor: exp(−step/τ).
    early, middle, late = (np.mean(part) for part in np.array_split(log[: len(log) // 3 * 3], 3))
    step = (point.delay_periods[1] - point.delay_periods[0]) * (len(log) // 3)
    assert step / np.log((early - middle) / (middle - late)) == pytest.approx(40.0, rel=0.03)


@needs_engine
@pytest.mark.long
@pytest.mark.parametrize("detuning_thz", [-10.0, 10.0])
def test_beside_the_line_absorption_saturates_as_one_over_one_plus_delta_squared_plus_intensity(detuning_thz):
    at_line = {power: point_of(make_device("absorber"), power) for power in (0.03, 2.0)}
    device = make_device("absorber", detuning_thz=detuning_thz)
    delta = device.detuning(1 / 1.55)
    dark, bright = (point_of(device, power) for power in (0.03, 2.0))
    # Depth and saturation power on the line, found there, carried to where the light is.
    depth = -np.log(seen(at_line[0.03])[0]) + 0.03 * 0.3
    profile = dark.profile
    line = Absorption(depth, 0.0, dark.saturation_power_mw, 0.0, 0.0, 0.0)
    for point in (dark, bright):
        log = transit(profile, detuned(line, delta), np.array([point.pump_mw]))
        assert seen(point)[0] == pytest.approx(np.exp(2 * log.pump[0].real), abs=1.5e-2)
    # The pump bleaches the line's phase along with its absorption.
    turned = np.angle(bright.pump_transmission / dark.pump_transmission)
    bleached = np.log(abs(bright.pump_transmission) / abs(dark.pump_transmission))
    assert turned / bleached == pytest.approx(delta, rel=0.05)
    assert abs(bright.gated_transmission) == pytest.approx(abs(bright.pump_transmission), abs=1e-3)


def with_powers(device, powers, points=5):
    data = device.model_dump(mode="json")
    data["saturation"]["pump_over_saturation"] = powers
    data["wavelengths"]["points"] = points
    return device_adapter.validate_python(data)


@needs_engine
@pytest.mark.long
@pytest.mark.parametrize("placement", ["core", "layer"])
def test_model_and_fit_against_full_wave_over_four_decades(placement):
    bare = make_device("absorber", detuning_thz=5.0, nonsaturable_absorption_per_um=0.01)
    if placement == "layer":
        bare = placed(LAYER, "xz", detuning_thz=5.0, absorption_per_um=1.0, nonsaturable_absorption_per_um=0.01)
    device = with_powers(bare, [0.01, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0])
    settings = ABSORBER_FIDELITIES["draft" if placement == "core" else "standard"]
    response = response_of(device, settings, frozenset(["spectrum", "recovery"]))
    model, fit = compile_model(response), fit_saturation(response)
    assert max(model.held_out_error.pump, model.fit_error.pump) < 3e-3
    assert max(model.held_out_error.probe, model.fit_error.probe) < 5e-3
    gated = np.abs(model.probe(np.sqrt(np.minimum(1e-3 * response.pump_mw, model.max_power_w)), "time-gated")) ** 2
    assert np.abs(gated - np.abs(response.gated_transmission) ** 2).max() < 5e-3
    # The film's depth is a tenth: reflections of half a per cent at its ends weigh more in what it says of the line.
    assert fit.detuning.value == pytest.approx(device.detuning(1 / 1.55), abs=0.03 if placement == "core" else 0.05)
    assert fit.recovery_periods.value == pytest.approx(fit.set_recovery_periods, rel=0.06)
    assert fit.effective_area_um2.value > 0
    assert np.all(np.linalg.eigvalsh(fit.covariance) > 0)
    assert max(fit.largest_error.values()) < 8e-3
    shorter = fit_saturation(replace(response, recovery=None))
    assert shorter.optical_depth.value == pytest.approx(fit.optical_depth.value, rel=5e-3)
