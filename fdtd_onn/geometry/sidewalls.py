"""Leaning side walls: every edge of a polygon moves outwards with depth, and corners follow as planes meet (miter).

Edges that two regions share from end to end, such as those between a guide and its heated section, belong to no wall.
They stand, and the corners at their ends slide along them, in both regions alike: no seam can open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import gdstk
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from fdtd_onn.errors import BadInput
from fdtd_onn.geometry.shapes import Range, Region, Walls

Floats = NDArray[np.float64]

_SAME = 1e-9
_BOOLEAN_UM = 1e-6


def leaning(regions: Sequence[Region], angle_deg: float, range_um: Range) -> tuple[Region, ...]:
    """Regions of one film between two heights, with walls that lean out by an angle from top to foot.

    What is drawn holds at half the height. Raises BadInput where walls would meet, at the foot or at the top.
    """
    if angle_deg == 0.0:
        return tuple(replace(region, z_range_um=range_um) for region in regions)
    slope, middle = float(np.tan(np.radians(angle_deg))), 0.5 * (range_um[0] + range_um[1])
    shared = _shared_edges([region.vertices for region in regions])
    leant = tuple(
        replace(region, z_range_um=range_um, walls=Walls(np.where(stand, 0.0, slope), middle))
        for region, stand in zip(regions, shared, strict=True)
    )
    for name, height in zip(("foot", "top"), range_um, strict=True):
        _check_apart([outline_at(region, height) for region in leant], angle_deg, name)
    return leant


def outline_at(region: Region, z_um: float) -> Floats:
    """Vertices of a region's cross-section at a height: those drawn, unless its walls lean.

    Corner by corner the same as drawn: the edge between two of them moves outwards, and they follow.
    """
    if region.walls is None:
        return region.vertices
    along = np.roll(region.vertices, -1, axis=0) - region.vertices
    normal = np.stack([along[:, 1], -along[:, 0]], axis=1) / np.hypot(*along.T)[:, None]
    distance = (region.walls.drawn_at_um - z_um) * region.walls.slope[:, None]
    before, normal_before = np.roll(distance, 1, axis=0), np.roll(normal, 1, axis=0)
    cosine = np.sum(normal_before * normal, axis=1, keepdims=True)
    # Where edges turn hardly or right back, and differ, they meet far away: `leaning` finds such loops.
    apart = np.maximum(1.0 - cosine**2, _SAME)
    corner = (normal_before * (before - distance * cosine) + normal * (distance - before * cosine)) / apart
    alike = distance * (normal_before + normal) / np.maximum(1.0 + cosine, _SAME)
    return np.asarray(region.vertices + np.where(before == distance, alike, corner))


def _shared_edges(outlines: Sequence[Floats]) -> list[NDArray[np.bool_]]:
    """Of every edge of every polygon, whether another edge runs the other way in the same place."""
    ends = [np.concatenate([v, np.roll(v, -1, axis=0)], axis=1) for v in outlines]
    together = np.concatenate(ends)
    distance, _ = cKDTree(together).query(together[:, [2, 3, 0, 1]], distance_upper_bound=4.0 * _SAME)
    counts = np.cumsum([len(e) for e in ends])[:-1]
    return list(np.split(np.isfinite(distance), counts))


def _check_apart(outlines: Sequence[Floats], angle_deg: float, where: str) -> None:
    """Walls that have met make loops or overlaps: then the polygons cover another area than they add up to."""
    areas = sum(0.5 * float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) for x, y in (v.T for v in outlines))
    perimeter = sum(float(np.hypot(*(np.roll(v, -1, axis=0) - v).T).sum()) for v in outlines)
    polygons = [gdstk.Polygon(v.tolist()) for v in outlines]
    union = sum(polygon.area() for polygon in gdstk.boolean(polygons, [], "or", _BOOLEAN_UM))
    if abs(union - areas) > 4.0 * _BOOLEAN_UM * perimeter:
        expected = f"walls that keep apart at the {where} of the film"
        got = f"walls that meet, leaning by {angle_deg:g}°"
        raise BadInput("stack.sidewall_deg", expected, got, "Lower the angle, or widen what is narrow: guide or gap.")
