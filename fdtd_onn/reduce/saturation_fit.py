"""The numbers of a saturable absorber, with their uncertainties, from everything that was seen of it.

One least-squares fit to the complex transmissions of the pump and of both probes over power and, where they were run,
of weak light over wavelength and of the weak probe during recovery. All share the depth α₀L at the line's centre, the
saturation power there, the other loss and the detuning δ. The line is α₀(1 + iδ)/(1 + δ²); over the band α₀L changes in
proportion to the frequency at a rate of its own (the mode's confinement). The recovering probe sees a bleaching that
falls as exp(−t/τ), because a weak probe's logarithm is linear in the populations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from fdtd_onn.reduce.absorption import Absorption, detuned, transit
from fdtd_onn.responses.saturation import SaturationResponse

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
W_PER_MW = 1e-3
#: The fit's variables, in this order: the physical ones first, then phases, and what only one of the data needs.
PHYSICAL = ("optical_depth", "nonsaturable_optical_depth", "saturation_power_w", "detuning", "recovery_periods")
_FORWARD, _BACKWARD, _SLOPE, _BLEACHED = range(5, 9)


@dataclass(frozen=True)
class Estimate:
    """A fitted number and its standard deviation."""

    value: float
    deviation: float


@dataclass(frozen=True, eq=False)
class SaturationFit:
    """A section in numbers, depth and saturation power at the line's centre.

    effective_area_um2: the saturation power over the matter's saturation intensity. detuning: δ of the light above the
    line, in its half widths. recovery_periods: time constant in optical periods of the run, whose lifetime is shortened
    (`set_recovery_periods`); None where recovery was not run. covariance: (5, 5) in the order of `PHYSICAL`, scaled by
    the scatter of the fit, NaN where nothing was fitted. By kind of data ("pump", "coherent", "time-gated", and
    "spectrum" and "recovery" where they were run): predicted, complex amplitudes at the data's own points;
    largest_error, of |t|².
    """

    optical_depth: Estimate
    nonsaturable_optical_depth: Estimate
    saturation_power_w: Estimate
    effective_area_um2: Estimate
    detuning: Estimate
    recovery_periods: Estimate | None
    set_recovery_periods: float | None
    covariance: Real
    predicted: dict[str, Complex]
    largest_error: dict[str, float]

    def absorption(self, detuning: float) -> Absorption:
        """The section at any detuning, for `transit`; phases of the bleached section are left out."""
        line = Absorption(
            self.optical_depth.value,
            self.nonsaturable_optical_depth.value,
            self.saturation_power_w.value,
            0.0,
            0.0,
            0.0,
        )
        return detuned(line, detuning)


def fit_saturation(response: SaturationResponse) -> SaturationFit:
    """Fit all data of a response at once, amplitudes with equal weights."""
    seen = _seen(response)
    active = np.array([True] * 4 + [response.recovery is not None] + [True] * 2 + [False] * 2)
    active[_SLOPE], active[_BLEACHED] = response.spectrum is not None, response.recovery is not None
    start = _start(response)

    def full(x: Real) -> Real:
        v = start.copy()
        v[active] = x
        return v

    def residual(x: Real) -> Real:
        predicted = _predicted(response, full(x))
        error = np.concatenate([predicted[name] - seen[name] for name in seen])
        return np.concatenate([error.real, error.imag])

    lowest, highest = (limit[active] for limit in _limits(start))
    found = least_squares(
        residual, start[active], jac="3-point", method="dogbox", x_scale="jac", bounds=(lowest, highest)
    )
    scatter = float(np.sum(found.fun**2)) / max(found.fun.size - found.x.size, 1)
    covariance = np.full((start.size, start.size), np.nan)
    covariance[np.ix_(active, active)] = scatter * np.linalg.pinv(found.jac.T @ found.jac)
    best = full(found.x)
    return _fit(response, best, covariance)


def _fit(response: SaturationResponse, best: Real, covariance: Real) -> SaturationFit:
    # The fit runs in the logarithms of the saturation power and of the time constant.
    physical = np.array([best[0], best[1], np.exp(best[2]), best[3], np.exp(best[4])])
    scale = np.array([1.0, 1.0, physical[2], 1.0, physical[4]])
    covariance = covariance[:5, :5] * np.outer(scale, scale)
    depth, other, power, detuning, recovery = (
        Estimate(float(value), float(deviation))
        for value, deviation in zip(physical, np.sqrt(np.diag(covariance)), strict=True)
    )
    intensity_w = W_PER_MW * response.device.parameters.saturation_intensity_mw_per_um2
    recovered, predicted = response.recovery, _predicted(response, best)
    errors = {
        name: float(np.abs(np.abs(predicted[name]) ** 2 - np.abs(data) ** 2).max())
        for name, data in _seen(response).items()
    }
    return SaturationFit(
        optical_depth=depth,
        nonsaturable_optical_depth=other,
        saturation_power_w=power,
        effective_area_um2=Estimate(power.value / intensity_w, power.deviation / intensity_w),
        detuning=detuning,
        recovery_periods=None if recovered is None else recovery,
        set_recovery_periods=None if recovered is None else recovered.lifetime_periods,
        covariance=covariance,
        predicted=predicted,
        largest_error=errors,
    )


def _seen(response: SaturationResponse) -> dict[str, Complex]:
    """Complex amplitudes, by kind of data."""
    data = {
        "pump": response.pump_transmission,
        "coherent": response.probe_transmission,
        "time-gated": response.gated_transmission,
    }
    if response.spectrum is not None:
        data["spectrum"] = response.spectrum.transmission
    if response.recovery is not None:
        data["recovery"] = response.recovery.transmission
    return data


def _predicted(response: SaturationResponse, x: Real) -> dict[str, Complex]:
    """The same by the model."""
    log = transit(response.profile, _absorption(x), W_PER_MW * response.pump_mw)
    turn = 1j * (x[_BACKWARD] - x[_FORWARD])
    data = {"pump": np.exp(log.pump), "coherent": np.exp(log.coherent), "time-gated": np.exp(log.pump + turn)}
    if response.spectrum is not None:
        data["spectrum"] = _spectrum(response, 1.0 / response.spectrum.wavelengths_um, x)
    if response.recovery is not None:
        data["recovery"] = _recovery(response.recovery.delay_periods, x)
    return data


def _absorption(x: Real) -> Absorption:
    line = Absorption(float(x[0]), float(x[1]), float(np.exp(x[2])), 0.0, float(x[_FORWARD]), float(x[_BACKWARD]))
    return detuned(line, float(x[3]))


def _spectrum(response: SaturationResponse, f: Real, x: Real) -> Complex:
    light, width = 1.0 / response.wavelength_um, response.device.linewidth
    line_squared = light**2 - x[3] * light * width
    detuning = (f**2 - line_squared) / (f * width)
    depth = x[0] * (1.0 + x[_SLOPE] * (f / light - 1.0))
    return np.exp(-0.5 * (depth * (1.0 + 1j * detuning) / (1.0 + detuning**2) + x[1]))


def _recovery(delay: Real, x: Real) -> Complex:
    dark = _absorption(x)
    bleached = x[_BLEACHED] * np.exp(-delay / np.exp(x[4]))
    turned = dark.optical_depth * (1.0 - 1j * dark.phase_per_absorption) * (1.0 - bleached)
    return np.exp(-0.5 * (turned + dark.nonsaturable_optical_depth) + 1j * x[_BACKWARD])


def _limits(start: Real) -> tuple[Real, Real]:
    """Depths are not negative; what few data speak of must not run away before the rest is found."""
    lowest, highest = np.full(start.size, -np.inf), np.full(start.size, np.inf)
    lowest[:2] = 0.0
    lowest[2:5], highest[2:5] = start[2:5] - 3.0, start[2:5] + 3.0
    lowest[_SLOPE], highest[_SLOPE] = -20.0, 20.0
    lowest[_BLEACHED], highest[_BLEACHED] = 0.0, 20.0
    return lowest, highest


def _start(response: SaturationResponse) -> Real:
    """Read the starting point off the weakest pump, the middle of the powers, and what the device was given."""
    dark = response.pump_transmission[0]
    detuning = response.device.detuning(1.0 / response.wavelength_um)
    depth = max(-2.0 * float(np.log(np.abs(dark))), 0.1)
    middle = np.log(W_PER_MW) + float(np.mean(np.log(response.pump_mw)))
    lifetime = 1.0 if response.recovery is None else response.recovery.lifetime_periods
    turned = 0.5 * depth * detuning  # the line's own part of the phases
    phases = [np.angle(t) + turned for t in (dark, response.probe_transmission[0])]
    line = [depth * (1.0 + detuning**2), 0.05, middle - np.log1p(detuning**2), detuning, np.log(lifetime)]
    return np.array([*line, *phases, 0.0, 0.5])
