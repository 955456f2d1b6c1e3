"""A heated phase shifter with its reflections: all entries of S over the phase."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from fdtd_onn.network.models import Complex, Real, ScatteringModel
from fdtd_onn.network.phase_shifter import TWO_PI, PhaseShifter
from fdtd_onn.reduce.composition import cascade

NODES = 1025  # of the spline; its error is then below 1e-11 of a transmission of constant magnitude


@dataclass(frozen=True, eq=False)
class ShifterScattering:
    """S[out, in] of all sections in series, reflections between them included; the phase is taken modulo 2π."""

    s_of_phase: CubicSpline

    def s(self, phase: Real) -> Complex:
        """(m, 2, 2) at phases (m,) in rad."""
        return np.asarray(self.s_of_phase(np.mod(phase, TWO_PI)))

    def slope(self, phase: Real) -> Complex:
        """dS/dphase, (m, 2, 2)."""
        return np.asarray(self.s_of_phase(np.mod(phase, TWO_PI), nu=1))


def shifter_scattering(
    model: ScatteringModel, shifter: PhaseShifter, wavelength_um: float, sections: int
) -> ShifterScattering:
    """All entries of the compiled model's S at the temperatures that the phase shifter finds for its phases."""
    phases = np.linspace(0.0, TWO_PI, NODES)
    order = [model.ports.index(port) for port in ("o1", "o2")]
    s = model.s_matrices(wavelength_um, shifter.temperature_k(phases))[:, order][:, :, order]
    return ShifterScattering(CubicSpline(phases, cascade(s, sections)))
