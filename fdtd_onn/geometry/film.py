"""Exact overlap of a region of a film with the pixels of a grid in space: volumes and boundary normals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import FdtdOnnError
from fdtd_onn.geometry.coverage import PixelGrid, coverage
from fdtd_onn.geometry.shapes import Region
from fdtd_onn.geometry.sidewalls import outline_at

Floats = NDArray[np.float64]
_Slice = Callable[[float], tuple[Floats, Floats]]

# Simpson's rule is exact for walls within a pixel, whose area is quadratic in height, and has points on the faces.
_WEIGHTS = (1 / 6, 4 / 6, 1 / 6)


@dataclass(frozen=True, eq=False)
class Share:
    """Of a layer of pixels, (nx, ny): the part inside a region, and its boundary's outward normal in every pixel.

    boundary: (nx, ny, 2), along x and y; upward: (nx, ny). Both are integrals in units of a pixel's face.
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


def _slices(region: Region, pixels: PixelGrid) -> _Slice:
    """Coverage of the pixels by a region's cross-section at a height; neighbouring pixels ask for the same ones."""
    if region.walls is None:
        everywhere = coverage(region.vertices, pixels)
        return lambda z_um: everywhere

    @cache
    def at(z_um: float) -> tuple[Floats, Floats]:
        return coverage(outline_at(region, z_um), pixels)

    return at


def _share(at: _Slice, low: float, high: float, faces: tuple[bool, bool], pitch: float) -> Share:
    """Between two heights within one pixel.

    faces: whether the region ends inside the pixel there, below and above. The normals of a closed surface add up to
    nothing: what looks upwards is what the region's faces and walls must balance on the pixel's own lower and upper
    side.
    """
    slices = [at(z) for z in (low, 0.5 * (low + high), high)]
    part = (high - low) / pitch
    areas, normals = (np.tensordot(_WEIGHTS, np.stack(kind), 1) for kind in zip(*slices, strict=True))
    from_below, from_above = (0.0 if face else area for face, (area, _) in zip(faces, slices[::2], strict=True))
    return Share(part * areas, part * normals, np.asarray(from_below - from_above))
