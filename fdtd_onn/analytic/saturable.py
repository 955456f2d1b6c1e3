"""The uniform saturable absorber: pump, slope and weak backward probes.

Steady state, no reflection; intensities are in units of the saturation intensity and the section is described by its
optical depth (absorption × length). The pump obeys dI/dz = −α₀ I/(1 + I). Along it a weak backward probe meets
- α₀/(1 + I)² when it is coherent with the pump (the standing wave burns a grating), and
- α₀/(1 + I) when it follows the pump's end (time-gated: the population is frozen and there is no standing wave).

Sources: A. E. Siegman, Lasers (1986), section 7.6 (implicit pump solution); G. P. Agrawal and M. Lax, J. Opt. Soc. Am.
69, 1717 (1979) (absorption of counter-propagating waves in a standing wave).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import solve_ivp
from scipy.special import wrightomega

DARK = 1e-200  # intensity below which output over input would lose digits to underflow


@dataclass(frozen=True, eq=False)
class SaturableTransmission:
    """What a section does at each pump intensity; all arrays have the shape of the intensities.

    pump: |t|² of the pump. slope: derivative of the output amplitude with respect to the (in-phase) input amplitude.
    coherent_probe, time_gated_probe: |t|² of a weak probe from the far end.
    """

    pump: NDArray[np.float64]
    slope: NDArray[np.float64]
    coherent_probe: NDArray[np.float64]
    time_gated_probe: NDArray[np.float64]


def saturable_transmission(intensity: ArrayLike, optical_depth: float) -> SaturableTransmission:
    """Evaluate the closed forms without non-saturable loss, for any intensity >= 0.

    The pump's integral I + ln I + α₀z = constant is solved by I = W(exp(x)), the Lambert function of an exponential;
    it is evaluated as Wright's omega(x), which does not overflow.
    """
    i_in = np.asarray(intensity, dtype=float)
    with np.errstate(divide="ignore"):
        i_out = np.asarray(wrightomega(np.log(i_in) + i_in - optical_depth), dtype=float)
    dark = np.full(i_in.shape, np.exp(-optical_depth))
    pump = np.divide(i_out, i_in, out=dark, where=i_in > DARK)
    bleaching = np.asarray((1.0 + i_in) / (1.0 + i_out), dtype=float)
    return SaturableTransmission(pump, np.sqrt(pump) * bleaching, pump * bleaching, pump.copy())


def saturable_transmission_with_loss(
    intensity: ArrayLike, optical_depth: float, nonsaturable_optical_depth: float
) -> SaturableTransmission:
    """Do the same with a non-saturable absorption along the section, by integrating the equations to 1e-11.

    The slope δ obeys dδ/dz = −½[α₀(1 − I)/(1 + I)² + α_ns] δ.
    """
    i_in = np.atleast_1d(np.asarray(intensity, dtype=float))

    def depths(_: float, state: NDArray[np.float64]) -> NDArray[np.float64]:
        i = i_in * np.exp(-state.reshape(3, -1)[0])
        saturable = np.stack([1.0 / (1.0 + i), (1.0 - i) / (1.0 + i) ** 2, 1.0 / (1.0 + i) ** 2])
        return np.asarray(optical_depth * saturable + nonsaturable_optical_depth).ravel()

    solution = solve_ivp(depths, (0.0, 1.0), np.zeros(3 * i_in.size), method="DOP853", rtol=1e-11, atol=1e-13)
    pump, slope, coherent = solution.y[:, -1].reshape((3, *np.shape(intensity)))
    return SaturableTransmission(np.exp(-pump), np.exp(-slope / 2), np.exp(-coherent), np.exp(-pump))
