"""A heated phase shifter driven by its phase: the compiled S-matrix with temperature eliminated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import CubicHermiteSpline

from fdtd_onn.errors import BadInput
from fdtd_onn.network.models import Complex, Real, ScatteringModel

TWO_PI = 2.0 * np.pi
NODES = 257  # spline error of a smooth model is then below 1e-10; the tests hold it to that


@dataclass(frozen=True, eq=False)
class PhaseShifter:
    """Phase φ (rad, relative to zero heating, by all heat that is there) to temperature and transfer.

    A phase of more than 2π is more heat, and other loss; one beyond `reach_rad` raises BadInput.
    Splines in φ through the compiled model's values and derivatives at many temperatures: `temperature_k`, and the
    natural logarithms of the forward (o1 → o2) and backward (o2 → o1) transfer of all sections in series.
    """

    temperature_k: CubicHermiteSpline
    log_forward: CubicHermiteSpline
    log_backward: CubicHermiteSpline

    @property
    def reach_rad(self) -> float:
        """The phase at the highest compiled temperature."""
        return float(self.temperature_k.x[-1])

    def temperature(self, phase: ArrayLike) -> Real:
        """Heating in K that gives the phase."""
        return np.asarray(self.temperature_k(self._reached(phase)))

    def forward(self, phase: ArrayLike) -> Complex:
        """Complex amplitude transfer from o1 to o2, same shape as the phase; its magnitude changes with heating."""
        return np.asarray(np.exp(self.log_forward(self._reached(phase))))

    def backward(self, phase: ArrayLike) -> Complex:
        """Complex amplitude transfer from o2 to o1: the device's own, equal to `forward` if it is reciprocal."""
        return np.asarray(np.exp(self.log_backward(self._reached(phase))))

    def log_slope(self, phase: ArrayLike) -> Complex:
        """Derivative of ln(forward) in φ: i for a shifter whose loss does not depend on heating."""
        return np.asarray(self.log_forward(self._reached(phase), nu=1))

    def _reached(self, phase: ArrayLike) -> Real:
        heat = np.asarray(phase, dtype=float)
        most = float(heat.max(initial=0.0))
        if most > self.reach_rad:
            expected = f"heat for at most {self.reach_rad:.4g} rad, as far as its compiled temperatures go"
            cure = f"Take {most / self.reach_rad:.3g} times as many sections, or move heaters apart."
            raise BadInput("phase shifter", expected, f"{most:.4g} rad, its neighbours' heat included", cure)
        return heat


def phase_shifter(model: ScatteringModel, wavelength_um: float, sections: int) -> PhaseShifter:
    """Invert a compiled two-port, tunable in `delta_t_k`, at one wavelength, `sections` of it in series.

    Raises BadInput if the phase does not rise from zero heating over 2π within the compiled temperatures.
    """
    where = f"phase shifter {model.name!r}"
    if model.parameter != "delta_t_k" or model.parameter_range is None or set(model.ports) != {"o1", "o2"}:
        got = f"ports {', '.join(model.ports)} and parameter {model.parameter!r}"
        raise BadInput(where, "a compiled device with ports o1, o2, tunable in delta_t_k", got, "Name such a device.")
    low, high = model.parameter_range
    if not low <= 0.0 < high:
        raise BadInput(where, "a range of delta_t_k from 0 upward", f"{low:g} to {high:g} K", "Characterise 0 K too.")
    temperature = np.linspace(0.0, high, NODES)
    log_forward, slope_forward = _log_transfer(model, wavelength_um, temperature, "o2", "o1", sections)
    log_backward, slope_backward = _log_transfer(model, wavelength_um, temperature, "o1", "o2", sections)
    phase, phase_slope = log_forward.imag - log_forward.imag[0], slope_forward.imag
    _check_reach(where, phase, phase_slope, high, sections)
    return PhaseShifter(
        temperature_k=CubicHermiteSpline(phase, temperature, 1.0 / phase_slope),
        log_forward=CubicHermiteSpline(phase, log_forward, slope_forward / phase_slope),
        log_backward=CubicHermiteSpline(phase, log_backward, slope_backward / phase_slope),
    )


def _log_transfer(
    model: ScatteringModel, wavelength_um: float, temperature: Real, out: str, source: str, sections: int
) -> tuple[Complex, Complex]:
    """Continuous logarithm of the transfer of all sections, and its derivative in temperature."""
    entry = (slice(None), model.ports.index(out), model.ports.index(source))
    # Contiguous: on strided arrays NumPy takes one of two ways, by where the result lies, and their last bits differ.
    transfer = np.ascontiguousarray(model.s_matrices(wavelength_um, temperature)[entry])
    slope = np.ascontiguousarray(model.s_parameter_derivative(wavelength_um, temperature)[entry]) / transfer
    log = np.log(np.abs(transfer)) + 1j * np.unwrap(np.angle(transfer))
    return np.asarray(sections * log), np.asarray(sections * slope)


def _check_reach(where: str, phase: Real, slope: Real, high: float, sections: int) -> None:
    if np.any(slope <= 0.0) or np.any(np.diff(phase) <= 0.0):
        got = f"slopes from {slope.min():.3g} to {slope.max():.3g} rad/K"
        raise BadInput(where, "a phase that rises with heating", got, "Check dn_dt_per_k and the compiled fit.")
    if phase[-1] < TWO_PI:
        needed = int(np.ceil(sections * TWO_PI / phase[-1]))
        got = f"{phase[-1]:.3g} rad at {high:g} K with sections = {sections}"
        raise BadInput(where, "a phase of 2π within the compiled range", got, f"Set sections = {needed} or more.")
