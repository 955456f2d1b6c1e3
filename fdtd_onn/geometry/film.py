"""Exact overlap of a region of a film with the pixels of a grid in space: volumes and boundary normals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import FdtdOnnError
from fdtd_onn.geometry.coverage import PixelGrid, boundary_length, coverage
from fdtd_onn.geometry.shapes import Region
from fdtd_onn.geometry.sidewalls import outline_at

Floats = NDArray[np.float64]


class _Slice(NamedTuple):
    """Of every pixel in a plane: the part covered, the boundary's normal, its length times the slope of its walls."""

    covered: Floats
    boundary: Floats
    rise: Floats


_Slices = Callable[[float], _Slice]

# Simpson's rule is exact for walls that stay within a pixel, whose area is quadratic in height; faces are points of it.
_WEIGHTS = (1 / 6, 4 / 6, 1 / 6)


@dataclass(frozen=True, eq=False)
class Share:
    """Of a layer of pixels, (nx, ny): the part inside a region, and its boundary's outward normal in every pixel.

    boundary: (nx, ny, 2), along x and y; upward: (nx, ny), of faces and leaning walls. Both are integrals in units of a
    pixel's face.
    """

    covered: Floats
    boundary: Floats
    upward: Floats


def film(region: Region, pixels: PixelGrid, heights: Floats) -> Iterator[tuple[int, Share]]:
    """A region's share of the pixels around every height (by its position) that it reaches.

    Raises FdtdOnnError for a region that has no range in z.
    """
    if region.z_range_um is None:
        raise FdtdOnnError("a region of a three-dimensional geometry needs its range in z")

    edges = np.append(heights - 0.5 * pixels.pitch, heights[-1] + 0.5 * pixels.pitch).tolist()
    at = _slices(region, pixels)
    for k, (below, above) in enumerate(pairwise(edges)):
        low, high = max(below, region.z_range_um[0]), min(above, region.z_range_um[1])
        if low < high:
            yield k, _share(at, low, high, (low > below, high < above), pixels.pitch)


def _slices(region: Region, pixels: PixelGrid) -> _Slices:
    """What a region's cross-section at a height has in every pixel; neighbouring pixels ask for the same heights."""
    if region.walls is None:
        everywhere = _Slice(*coverage(region.vertices, pixels), np.zeros((pixels.nx, pixels.ny)))
        return lambda z_um: everywhere

    slopes = region.walls.slope

    @cache
    def at(z_um: float) -> _Slice:
        outline = outline_at(region, z_um)
        return _Slice(*coverage(outline, pixels), boundary_length(outline, slopes, pixels))

    return at


def _share(at: _Slices, low: float, high: float, faces: tuple[bool, bool], pitch: float) -> Share:
    """Between two heights within one pixel; faces: whether the region ends inside the pixel there, below and above."""
    slices, part = [at(z) for z in (low, 0.5 * (low + high), high)], (high - low) / pitch
    covered, boundary, upward = (part * np.tensordot(_WEIGHTS, np.stack(kind), 1) for kind in zip(*slices, strict=True))
    if faces[0]:
        upward = upward - slices[0].covered
    if faces[1]:
        upward = upward + slices[-1].covered
    return Share(covered, boundary, upward)
