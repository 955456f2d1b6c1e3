"""The symmetric directional coupler from its two supermodes.

Source: A. Yariv, "Coupled-mode theory for guided-wave optics", IEEE J. Quantum Electron. 9, 919 (1973), for two equal
guides: light in one guide is the sum of the even and the odd supermode, and their phase difference moves the power.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def coupler_s(
    length_um: float, wavelength_um: ArrayLike, even_index: ArrayLike, odd_index: ArrayLike
) -> NDArray[np.complex128]:
    """S[out, in], (..., 4, 4), of two equal guides coupled over `length_um`, without reflection or loss.

    Ports o1 (lower left), o2 (upper left), o3 (upper right), o4 (lower right): o1–o4 and o2–o3 stay in their guide.
    wavelength_um, even_index, odd_index: broadcast together; the supermodes' effective indices.
    """
    phase = 2j * np.pi * length_um / np.asarray(wavelength_um, dtype=float)
    even = np.exp(phase * np.asarray(even_index, dtype=float))
    odd = np.exp(phase * np.asarray(odd_index, dtype=float))
    bar, cross = (even + odd) / 2, (even - odd) / 2
    zero = np.zeros_like(bar)
    rows = [
        [zero, zero, cross, bar],
        [zero, zero, bar, cross],
        [cross, bar, zero, zero],
        [bar, cross, zero, zero],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def coupling_length_um(wavelength_um: ArrayLike, even_index: ArrayLike, odd_index: ArrayLike) -> NDArray[np.float64]:
    """Length after which all power has crossed over: λ / 2(n_even − n_odd)."""
    difference = np.asarray(even_index, dtype=float) - np.asarray(odd_index, dtype=float)
    return np.asarray(np.asarray(wavelength_um, dtype=float) / (2.0 * difference))
