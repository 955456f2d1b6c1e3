"""Lines across polygons."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.geometry.shapes import Axis, Geometry, Range

_SAME_UM = 1e-9
_TOUCHING_UM = 1e-6


def crossings(vertices: NDArray[np.float64], axis: int, level_um: float) -> list[Range]:
    """Where the line along an axis (0: x, 1: y) at a level of the other one is inside a polygon, in rising order."""
    start, stop = vertices, np.roll(vertices, -1, axis=0)
    crossing = (start[:, 1 - axis] <= level_um) != (stop[:, 1 - axis] <= level_um)
    a, b = start[crossing], stop[crossing]
    share = (level_um - a[:, 1 - axis]) / (b[:, 1 - axis] - a[:, 1 - axis])
    places = np.sort(a[:, axis] + share * (b[:, axis] - a[:, axis]))
    pairs = zip(places[::2].tolist(), places[1::2].tolist(), strict=True)
    return [(low, high) for low, high in pairs if high - low > _SAME_UM]


def guides_across(drawn: Geometry, axis: Axis, at_um: float) -> list[Range]:
    """Where the line across an axis meets regions: (low, high) of each piece in µm, joined where they touch."""
    pieces = sorted(p for r in drawn.regions for p in crossings(r.vertices, 1 if axis == "x" else 0, at_um))
    joined: list[Range] = []
    for low, high in pieces:
        if joined and low <= joined[-1][1] + _TOUCHING_UM:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return joined
