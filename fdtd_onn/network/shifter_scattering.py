"""A heated phase shifter with its reflections: all entries of S over the phase."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from fdtd_onn.network.models import Complex, Real, ScatteringModel
from fdtd_onn.network.phase_shifter import TWO_PI, PhaseShifter
from fdtd_onn.reduce.composition import cascade

NODES = 1025  # of the spline over a turn; its error is then below 1e-11 of a transmission of constant magnitude


@dataclass(frozen=True, eq=False)
class ShifterScattering:
    """S[out, in] of all sections in series, reflections between them included.

    Over one turn, modulo which phases are taken; or further, as far as heat goes, with nothing taken off.
    """

    s_of_phase: CubicSpline

    def s(self, phase: Real) -> Complex:
        """(m, 2, 2) at phases (m,) in rad."""
        return np.asarray(self.s_of_phase(self._reached(phase)))

    def slope(self, phase: Real) -> Complex:
        """dS/dphase, (m, 2, 2)."""
        return np.asarray(self.s_of_phase(self._reached(phase), nu=1))

    def _reached(self, phase: Real) -> Real:
        return np.mod(phase, TWO_PI) if self.s_of_phase.x[-1] == TWO_PI else phase


def shifter_scattering(
    model: ScatteringModel, shifter: PhaseShifter, wavelength_um: float, sections: int, heat_rad: float = TWO_PI
) -> ShifterScattering:
    """All entries of the compiled model's S at the temperatures that the phase shifter finds for its phases.

    heat_rad: the most that sections are warmed by, if that is more than a turn.
    """
    reach = max(heat_rad, TWO_PI)
    phases = np.linspace(0.0, reach, 1 + int(np.ceil((NODES - 1) * reach / TWO_PI)))
    order = [model.ports.index(port) for port in ("o1", "o2")]
    s = model.s_matrices(wavelength_um, shifter.temperature(phases))[:, order][:, :, order]
    return ShifterScattering(CubicSpline(phases, cascade(s, sections)))
