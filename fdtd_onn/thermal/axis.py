"""Cells along one axis: small where much happens, larger further away."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]
_SAMPLES = 4001
_ROUNDING = 1e-3  # of a cell: the integral's own error must not add one


def graded_edges(breaks: Sequence[float], core: tuple[float, float], finest: float, growth: float) -> Real:
    """Edges of cells that meet every break: sides `finest` within `core`, more by `growth` per µm of distance from it.

    breaks: increasing; the first and the last are the ends. Halving finest and growth halves every cell, so that errors
    of second order fall to a quarter.
    """
    parts = [np.array([breaks[0]])]
    for low, high in pairwise(breaks):
        x = _sampled(low, high, core)
        side = finest + growth * np.maximum(0.0, np.maximum(core[0] - x, x - core[1]))
        count = np.concatenate([[0.0], np.cumsum(0.5 * (1 / side[1:] + 1 / side[:-1]) * np.diff(x))])
        cells = max(1, int(np.ceil(count[-1] - _ROUNDING)))
        parts.append(np.interp(np.arange(1, cells + 1) * count[-1] / cells, count, x))
        parts[-1][-1] = high
    return np.concatenate(parts)


def _sampled(low: float, high: float, core: tuple[float, float]) -> Real:
    """Points from low to high, dense near the core on a logarithmic scale."""
    even = np.linspace(low, high, _SAMPLES)
    reach = np.geomspace(1e-3, 1.0 + max(abs(high - core[0]), abs(core[1] - low)), _SAMPLES)
    near = np.concatenate([core[0] - reach, core[1] + reach, core])
    return np.unique(np.concatenate([even, near[(near > low) & (near < high)]]))
