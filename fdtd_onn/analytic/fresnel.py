"""Plane interfaces at normal incidence, as 2-port S-matrices of power-normalised waves, time dependence exp(−iωt).

Source: M. Born and E. Wolf, Principles of Optics, 7th ed., sections 1.5.2 and 7.6.1 (the Airy sums).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def interface_s(left: float, right: float) -> NDArray[np.float64]:
    """S[out, in] (2, 2) of the electric field at a step from index `left` (o1) to `right` (o2)."""
    r = (left - right) / (left + right)
    t = 2.0 * np.sqrt(left * right) / (left + right)
    return np.array([[r, t], [t, -r]])


def etalon_s(outside: float, film: float, thickness_um: float, wavelength_um: ArrayLike) -> NDArray[np.complex128]:
    """S[out, in] (..., 2, 2) of a film in a uniform surrounding; reference planes on its two faces."""
    single_pass = np.exp(2j * np.pi * film * thickness_um / np.asarray(wavelength_um, dtype=float))
    r = (outside - film) / (outside + film)
    airy = 1.0 / (1.0 - r**2 * single_pass**2)
    reflection = r * (1.0 - single_pass**2) * airy
    transmission = (1.0 - r**2) * single_pass * airy
    rows = [np.stack(row, axis=-1) for row in ([reflection, transmission], [transmission, reflection])]
    return np.stack(rows, axis=-2)
