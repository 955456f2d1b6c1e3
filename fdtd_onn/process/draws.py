"""Random variations in units of their standard deviations, for one device or for many on a chip."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import BadInput

Real = NDArray[np.float64]
# Neighbours much nearer than the correlation length are one number to rounding error, which Cholesky does not forgive.
OWN_VARIANCE = 1e-10


def independent_draws(count: int, variations: int, seed: int) -> Real:
    """Standard normal draws for single devices, (count, variations)."""
    return np.random.default_rng(seed).standard_normal((count, variations))


def correlated_draws(
    positions_um: Real, lengths_um: Sequence[float | None], count: int, seed: int | Sequence[int]
) -> Real:
    """Standard normal draws for devices at positions (m, 2) on each of `count` chips, (count, m, variations).

    lengths_um: correlation length of each variation; None for one that is the same all over a chip. Variations are
    independent of one another; between places the covariance is exp(−d²/2L²), drawn with its Cholesky factor.
    Raises BadInput for positions of another shape.
    """
    positions = np.asarray(positions_um, dtype=float)
    if positions.ndim != 2 or positions.shape[1] != 2:
        raise BadInput("positions_um", "positions of shape (m, 2)", positions.shape, "Give x and y of each device.")
    random = np.random.default_rng(seed).standard_normal((count, len(positions), len(lengths_um)))
    columns = [random[..., k] @ _factor(positions, length).T for k, length in enumerate(lengths_um)]
    return np.stack(columns, axis=-1)


def lattice_draws(along_um: Real, across_um: Real, length_um: float, seed: int | Sequence[int]) -> Real:
    """Standard normal draws for one chip's devices at all crossings of places along (n,) and across (m,), (n, m).

    The covariance exp(−d²/2L²) is one along times one across, and so is its Cholesky factor: of n·m devices only
    matrices (n, n) and (m, m) are ever built.
    """
    random = np.random.default_rng(seed).standard_normal((len(along_um), len(across_um)))
    along, across = (_factor(np.stack([x, np.zeros(len(x))], axis=1), length_um) for x in (along_um, across_um))
    return np.asarray(along @ random @ across.T)


def _factor(positions: Real, length_um: float | None) -> Real:
    """F with F Fᵀ the covariance between the places, (m, m)."""
    m = len(positions)
    if length_um is None:
        return np.outer(np.ones(m), np.eye(m)[0])
    squared = np.sum((positions[:, None] - positions[None]) ** 2, axis=-1)
    return np.linalg.cholesky(np.exp(-0.5 * squared / length_um**2) + OWN_VARIANCE * np.eye(m))
