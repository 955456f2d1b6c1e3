"""How a heater of finite length acts on another heater's section, from the spectrum of its cross-section along x.

Matter is the same all along x, so heat that is spread as exp(iqx) stays so, and a uniform source of length L acts on a
section of the same length, Δx further along and d to the side, as

    K(Δx, d) ∝ ∫ sinc²(qL/2) cos(qΔx) f_q(d) dq,     sinc(u) = sin(u)/u,

where f_q(d) is what a guide at a distance d reads of the temperature that a unit of power makes at q.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

Real = NDArray[np.float64]

_STEPS_PER_TURN = 16.0


def spectrum_rates(slowest_um: float, fastest_um: float) -> Real:
    """(n_q,) q in rad/µm for the spectrum: 0, then logarithmic, for matter between these two lengths."""
    count = 1 + int(np.ceil(5.0 * np.log10(slowest_um / fastest_um)))
    return np.concatenate([[0.0], np.geomspace(0.1 / slowest_um, 6.0 / fastest_um, count + 9)])


def finite_length(q: Real, spectrum: Real, length_um: float, along_um: Real) -> Real:
    """K/K(0, 0), (n_x, n_d), at displacements along_um (n_x,), from the spectrum (n_q, n_d), whose first d is 0."""
    # f_q is smooth in this variable: even in q, and changing over decades of it.
    smooth = CubicSpline(np.arcsinh(q / q[1]), spectrum)
    # Steps that resolve the fastest cosine, up to where sinc² and f_q have died away.
    step = 2 * np.pi / (_STEPS_PER_TURN * (length_um + float(along_um.max())))
    total = np.zeros((len(along_um), spectrum.shape[1]))
    for start in np.arange(0.0, q[-1], 2000 * step):
        fine = start + (np.arange(2000) + 0.5) * step
        fine = fine[fine < q[-1]]
        window = np.sinc(0.5 * fine * length_um / np.pi) ** 2
        total += (np.cos(np.outer(along_um, fine)) * window) @ smooth(np.arcsinh(fine / q[1]))
    return total / total[0, 0]
