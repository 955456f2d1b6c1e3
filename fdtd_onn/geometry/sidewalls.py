"""Leaning side walls: every edge of a polygon moves outwards with depth, and corners follow as planes meet (miter).

Edges that two regions share, such as those between a guide and its heated section, belong to no wall. They stand,
and the corners at their ends slide along them, in both regions alike: no seam can open.
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

_SAME_UM = 1e-9
_BOOLEAN_UM = 1e-6
# Walls that meet at less than this sine of an angle and lean differently get a step between them, not a far corner.
_NEARLY_IN_LINE = 0.05


def leaning(regions: Sequence[Region], angle_deg: float, range_um: Range) -> tuple[Region, ...]:
    """Regions of one film between two heights, with walls that lean out by an angle from top to foot.

    What is drawn holds at half the height. Raises BadInput where walls would meet, at the foot or at the top.
    """
    if angle_deg == 0.0:
        return tuple(replace(region, z_range_um=range_um) for region in regions)
    slope, middle = float(np.tan(np.radians(angle_deg))), 0.5 * (range_um[0] + range_um[1])
    outlines = _with_shared_vertices([region.vertices for region in regions])
    slopes = [np.where(shared, 0.0, slope) for shared in _shared_edges(outlines)]
    leant = tuple(
        replace(region, vertices=outline, z_range_um=range_um, walls=Walls(of_edges, middle))
        for region, outline, of_edges in zip(regions, outlines, slopes, strict=True)
    )
    for name, height in zip(("foot", "top"), range_um, strict=True):
        _check_apart([outline_at(region, height) for region in leant], angle_deg, name)
    return leant


def outline_at(region: Region, z_um: float) -> Floats:
    """Vertices of a region's cross-section at a height: those drawn, unless its walls lean."""
    if region.walls is None:
        return region.vertices
    return _offset(region.vertices, (region.walls.drawn_at_um - z_um) * region.walls.slope)


def _offset(vertices: Floats, distances: Floats) -> Floats:
    """The counter-clockwise polygon whose edges, from every vertex to the next, moved outwards by these distances."""
    along = np.roll(vertices, -1, axis=0) - vertices
    normal = np.stack([along[:, 1], -along[:, 0]], axis=1) / np.hypot(*along.T)[:, None]
    before, after = np.roll(distances, 1)[:, None], distances[:, None]
    normal_before = np.roll(normal, 1, axis=0)
    cosine = np.sum(normal_before * normal, axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        alike = before * (normal_before + normal) / (1.0 + cosine)
        corner = (normal_before * (before - after * cosine) + normal * (after - before * cosine)) / (1.0 - cosine**2)
    step = (before != after) & (1.0 - cosine**2 < _NEARLY_IN_LINE**2)
    first = np.where(step, normal_before * before, np.where(before == after, alike, corner))
    last = np.where(step, normal * after, first)
    doubled = np.stack([vertices + first, vertices + last], axis=1).reshape(-1, 2)
    return np.asarray(doubled[np.stack([np.ones(len(step), bool), step[:, 0]], axis=1).ravel()])


def _with_shared_vertices(outlines: Sequence[Floats]) -> list[Floats]:
    """The same polygons, with the others' vertices that lie on their edges among their own: then edges match whole."""
    everywhere = np.concatenate(outlines)
    tree = cKDTree(everywhere)
    completed = []
    for start in outlines:
        stop = np.roll(start, -1, axis=0)
        length = np.hypot(*(stop - start).T)
        nearby = tree.query_ball_point(0.5 * (start + stop), 0.5 * length)
        pieces = [_cut(a, b, everywhere[near]) for a, b, near in zip(start, stop, nearby, strict=True)]
        completed.append(np.concatenate(pieces))
    return completed


def _cut(start: Floats, stop: Floats, points: Floats) -> Floats:
    """The start of an edge, and after it, in order, those of the points that lie inside the edge."""
    length = float(np.hypot(*(stop - start)))
    along = (stop - start) / length
    t, off = (points - start) @ along, (points - start) @ np.array([-along[1], along[0]])
    inside = np.sort(t[(np.abs(off) < _SAME_UM) & (t > _SAME_UM) & (t < length - _SAME_UM)])
    distinct = inside[np.diff(inside, prepend=0.0) > _SAME_UM]
    return np.concatenate([start[None], start + distinct[:, None] * along])


def _shared_edges(outlines: Sequence[Floats]) -> list[NDArray[np.bool_]]:
    """Of every edge of every polygon, whether another edge runs the other way in the same place."""
    ends = [np.concatenate([v, np.roll(v, -1, axis=0)], axis=1) for v in outlines]
    together = np.concatenate(ends)
    distance, _ = cKDTree(together).query(together[:, [2, 3, 0, 1]], distance_upper_bound=4.0 * _SAME_UM)
    counts = np.cumsum([len(e) for e in ends])[:-1]
    return list(np.split(np.isfinite(distance), counts))


def _check_apart(outlines: Sequence[Floats], angle_deg: float, where: str) -> None:
    """Walls that have met make loops or overlaps: together the polygons then cover another area than they add up to."""
    areas = sum(0.5 * float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) for x, y in (v.T for v in outlines))
    perimeter = sum(float(np.hypot(*(np.roll(v, -1, axis=0) - v).T).sum()) for v in outlines)
    polygons = [gdstk.Polygon(v.tolist()) for v in outlines]
    union = sum(polygon.area() for polygon in gdstk.boolean(polygons, [], "or", _BOOLEAN_UM))
    if abs(union - areas) > 4.0 * _BOOLEAN_UM * perimeter:
        expected = f"walls that keep apart at the {where} of the film"
        got = f"walls that meet, leaning by {angle_deg:g}°"
        raise BadInput("stack.sidewall_deg", expected, got, "Lower the angle, or widen what is narrow: guide or gap.")
