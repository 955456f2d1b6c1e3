"""Exact overlap of polygons with the pixels of a grid: areas and boundary normals, without sampling.

Each polygon edge is cut at every grid line it crosses; each piece lies in one pixel. By Green's theorem the pieces
give the covered area of every pixel exactly, and their sum in a pixel is the exact integral of the boundary normal
there, which is minus the gradient of the covered area with respect to the pixel's position. Shared edges of abutting
polygons cancel, so seams cannot appear. First moments in the pixels, found in the same way, give averages over hats,
which overlap like the shape functions of bilinear finite elements.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class PixelGrid:
    """nx × ny square pixels of side `pitch`; (x0, y0) is the lower left corner of pixel (0, 0)."""

    x0: float
    y0: float
    pitch: float
    nx: int
    ny: int


def _pieces(
    vertices: NDArray[np.float64], grid: PixelGrid
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int_]]:
    """Cut closed-polygon edges at all lines of the grid: start and end (k, 2) of the pieces in pixels, and edge (k,).

    What lies outside is cut at the grid's rim only: guides run on far beyond the thin slices that are drawn of them.
    """
    start = (np.asarray(vertices) - (grid.x0, grid.y0)) / grid.pitch
    end = np.roll(start, -1, axis=0)
    cuts_edge = [np.repeat(np.arange(len(start)), 2)]
    cuts_t = [np.tile([0.0, 1.0], len(start))]
    for axis, lines in enumerate((grid.nx, grid.ny)):
        a, b = start[:, axis], end[:, axis]
        first = np.maximum(np.floor(np.minimum(a, b)) + 1, 0)
        last = np.minimum(np.ceil(np.maximum(a, b)) - 1, lines)
        count = np.maximum(last - first + 1, 0).astype(int)
        edge = np.repeat(np.arange(len(start)), count)
        line = np.repeat(first, count) + np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        cuts_edge.append(edge)
        cuts_t.append((line - a[edge]) / (b[edge] - a[edge]))
    edge, t = np.concatenate(cuts_edge), np.concatenate(cuts_t)
    order = np.lexsort((t, edge))
    edge, t = edge[order], t[order]
    same = edge[1:] == edge[:-1]
    e, t0, t1 = edge[:-1][same], t[:-1][same, None], t[1:][same, None]
    span = end[e] - start[e]
    return start[e] + t0 * span, start[e] + t1 * span, e


def coverage(vertices: NDArray[np.float64], grid: PixelGrid) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fraction (nx, ny) of each pixel inside a counter-clockwise polygon, and the summed outward normal (nx, ny, 2).

    The normal is the boundary's inside the pixel, integrated over its length in units of the pixel's side.
    Parts of the polygon outside the grid are allowed.
    """
    p, q, _ = _pieces(vertices, grid)
    mid, step = 0.5 * (p + q), q - p
    i, j, shape, inner = _places(mid, grid)
    # A piece that rises by dy closes the area on its left: its own pixel in part, all pixels further left in full.
    area, left = np.zeros(shape), np.zeros(shape)
    np.add.at(area, (i, j), step[:, 1] * (mid[:, 0] - (i - 1)))
    np.add.at(left, (i, j), step[:, 1])
    beyond = np.cumsum(left[::-1], axis=0)[::-1]
    area[:-1] += beyond[1:]
    normal = np.zeros((*shape, 2))
    np.add.at(normal, (i, j), np.stack([step[:, 1], -step[:, 0]], axis=1))
    return area[inner], normal[inner]


def hat_coverage(vertices: NDArray[np.float64], grid: PixelGrid) -> NDArray[np.float64]:
    """Fraction (nx, ny) of a counter-clockwise polygon under (1 − |x|)(1 − |y|) around each pixel's centre, in pixels.

    Hats share every place among the centres around it as linear interpolation does: a wall that moves within its pixel
    moves the centre of gravity of what is covered as far.
    """
    between = PixelGrid(
        grid.x0 - 0.5 * grid.pitch, grid.y0 - 0.5 * grid.pitch, grid.pitch, grid.nx + 1, grid.ny + 1
    )  # its pixels have the centres as their corners
    area, along_x, along_y, product = _moments(vertices, between)
    quarters = (product, along_y - product, along_x - product, area - along_x - along_y + product)
    here = (slice(None, -1), slice(1, None))
    return np.asarray(sum(part[here[k % 2], here[k // 2]] for k, part in enumerate(quarters)))


def _moments(vertices: NDArray[np.float64], grid: PixelGrid) -> NDArray[np.float64]:
    """(4, nx, ny) integrals of 1, x, y and xy over what a polygon covers of each pixel, from its lower left corner."""
    p, q, _ = _pieces(vertices, grid)
    mid, step = 0.5 * (p + q), q - p
    i, j, shape, inner = _places(mid, grid)
    corner = np.stack([i - 1, j - 1], axis=1)
    # ∮ of these over dy; Simpson's rule is exact for cubics.
    own, left = np.zeros((2, 4, len(p)))
    for point, weight in ((p, 1 / 6), (mid, 4 / 6), (q, 1 / 6)):
        x, y = (point - corner).T
        own += weight * step[:, 1] * np.stack([x, 0.5 * x**2, x * y, 0.5 * x**2 * y])
        left += weight * step[:, 1] * np.stack([np.ones_like(y), np.full_like(y, 0.5), y, 0.5 * y])
    moments, beyond = np.zeros((2, 4, *shape))
    for k in range(4):
        np.add.at(moments[k], (i, j), own[k])
        np.add.at(beyond[k], (i, j), left[k])
    moments[:, :-1] += np.cumsum(beyond[:, ::-1], axis=1)[:, ::-1][:, 1:]
    return moments[:, *inner]


def boundary_length(
    vertices: NDArray[np.float64], weights: NDArray[np.float64], grid: PixelGrid
) -> NDArray[np.float64]:
    """Length (nx, ny) of a polygon's boundary in each pixel, in its sides; that from vertex k on times weights[k]."""
    p, q, edge = _pieces(vertices, grid)
    i, j, shape, inner = _places(0.5 * (p + q), grid)
    length = np.zeros(shape)
    np.add.at(length, (i, j), weights[edge] * np.hypot(*(q - p).T))
    return length[inner]


def _places(
    mid: NDArray[np.float64], grid: PixelGrid
) -> tuple[NDArray[np.int_], NDArray[np.int_], tuple[int, int], tuple[slice, slice]]:
    """Where the pieces of an outline belong, in arrays of this shape, and the part of these that is the grid.

    Pieces outside the grid are gathered in a rim of one pixel: only those on the right count for pixels inside.
    """
    i = np.clip(np.floor(mid[:, 0]).astype(int), -1, grid.nx) + 1
    j = np.clip(np.floor(mid[:, 1]).astype(int), -1, grid.ny) + 1
    return i, j, (grid.nx + 3, grid.ny + 2), (slice(1, grid.nx + 1), slice(1, grid.ny + 1))
