"""SaturationResponse → AbsorberModel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from fdtd_onn.errors import BadInput
from fdtd_onn.reduce.absorber import AbsorberModel, PumpProbeError
from fdtd_onn.reduce.absorption import Absorption, transit
from fdtd_onn.responses.saturation import SaturationResponse

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
FEWEST_POWERS = 4
W_PER_MW = 1e-3


def held_out(count: int) -> NDArray[np.bool_]:
    """Which of so many pump powers, in increasing order, a model is not fitted on: every third, never an end."""
    mask = np.zeros(count, dtype=bool)
    mask[2 : count - 1 : 3] = True
    return mask


def compile_absorber(response: SaturationResponse) -> AbsorberModel:
    """Fit the six numbers of an absorber to the complex transmissions of pump and coherent probe.

    Every third pump power, never the first or the last, is held out; the model keeps the numbers fitted without them,
    so that the error at the held-out powers speaks of the model that is delivered. The covariance is the linear one,
    scaled by the scatter of the fit. Raises BadInput for fewer than four powers or values that cannot be fitted.
    """
    _check(response)
    count = response.pump_mw.size
    left_out = held_out(count)
    absorption, covariance = _fit(response, ~left_out)
    model_power = np.abs(_transmissions(response, absorption, np.ones(count, dtype=bool))) ** 2
    run_power = np.abs(np.stack([response.pump_transmission, response.probe_transmission])) ** 2
    errors = np.abs(model_power - run_power)
    return AbsorberModel(
        name=response.device.name,
        ports=response.ports,
        fidelity=response.provenance.fidelity,
        run_keys=response.provenance.run_keys,
        wavelength_um=response.wavelength_um,
        absorption=absorption,
        covariance=covariance,
        profile=response.profile,
        reflection=complex(response.pump_reflection[0]),
        max_power_w=float(response.pump_mw[-1]) * W_PER_MW,
        fit_error=PumpProbeError(*errors[:, ~left_out].max(axis=1).tolist()),
        held_out_error=PumpProbeError(*errors[:, left_out].max(axis=1).tolist()),
        response_error=PumpProbeError(*response.error[:, :2].max(axis=0).tolist()),
    )


def _check(response: SaturationResponse) -> None:
    where = f"compile({response.device.name})"
    cure = "Correct saturation.pump_over_saturation and characterise again."
    if response.pump_mw.size < FEWEST_POWERS:
        raise BadInput(where, f"at least {FEWEST_POWERS} pump powers", response.pump_mw.size, cure)
    if not (response.pump_mw[0] > 0 and np.all(np.diff(response.pump_mw) > 0)):
        raise BadInput(where, "pump powers that are positive and increase", response.pump_mw.tolist(), cure)
    amplitudes = np.stack([response.pump_transmission, response.probe_transmission])
    if not np.all(np.isfinite(amplitudes)) or np.any(amplitudes == 0):
        raise BadInput(where, "finite transmissions above zero", "NaN, infinity or zero", cure)


def _fit(response: SaturationResponse, used: NDArray[np.bool_]) -> tuple[Absorption, Real]:
    data = np.stack([response.pump_transmission[used], response.probe_transmission[used]])

    def residual(x: Real) -> Real:
        error = (_transmissions(response, _absorption(x), used) - data).ravel()
        return np.concatenate([error.real, error.imag])

    lowest = [0.0, 0.0, -np.inf, -np.inf, -np.inf, -np.inf]
    result = least_squares(
        residual, _start(response), jac="3-point", method="dogbox", x_scale="jac", bounds=(lowest, np.inf)
    )
    scatter = float(np.sum(result.fun**2)) / max(result.fun.size - result.x.size, 1)
    # The fit runs in the logarithm of the saturation power; its column is turned back to watts.
    scale = np.array([1.0, 1.0, np.exp(result.x[2]), 1.0, 1.0, 1.0])
    covariance = scatter * np.linalg.pinv(result.jac.T @ result.jac) * np.outer(scale, scale)
    return _absorption(result.x), covariance


def _start(response: SaturationResponse) -> Real:
    """Read the starting point off the weakest pump and the middle of the powers."""
    dark = response.pump_transmission[0]
    depth = max(-2.0 * float(np.log(np.abs(dark))), 0.1)
    middle = np.log(W_PER_MW) + float(np.mean(np.log(response.pump_mw)))
    return np.array([depth, 0.05, middle, 0.0, np.angle(dark), np.angle(response.probe_transmission[0])])


def _absorption(x: Real) -> Absorption:
    return Absorption(float(x[0]), float(x[1]), float(np.exp(x[2])), float(x[3]), float(x[4]), float(x[5]))


def _transmissions(response: SaturationResponse, absorption: Absorption, used: NDArray[np.bool_]) -> Complex:
    """Amplitude transmissions of pump and coherent probe, (2, n), at the used pump powers."""
    log = transit(response.profile, absorption, W_PER_MW * response.pump_mw[used])
    return np.exp(np.stack([log.pump, log.coherent]))
