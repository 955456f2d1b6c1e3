"""The inverse permittivity at every Yee point, smoothed so that errors stay of second order at any boundary.

Across a boundary with normal n the smoothed tensor is χ = P⟨ε⁻¹⟩ + (1 − P)⟨ε⟩⁻¹ with P = n nᵀ and averages over
the pixel around the point (Farjadpour et al., Optics Letters 31, 2972 (2006); Kottke, Farjadpour and Johnson,
Phys. Rev. E 77, 036611 (2008)). Averages and normals come from the exact overlap of polygons and pixels. The
off-diagonal entry sits at the pixel's corner, where the update of the engine is stable (Werner and Cary 2007).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import FdtdOnnError
from fdtd_onn.fullwave.grid import Grid
from fdtd_onn.geometry.coverage import PixelGrid, coverage
from fdtd_onn.geometry.shapes import Geometry


@dataclass(frozen=True, eq=False)
class Permittivity:
    """χ = ε⁻¹ on the grid, (nx + 1, ny + 1) each: diagonal entries at their own Yee points, xy at integer points."""

    xx: NDArray[np.float64]
    yy: NDArray[np.float64]
    zz: NDArray[np.float64]
    xy: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Averages:
    """Of a pixel: ⟨ε⟩, ⟨ε⁻¹⟩ and the unit normal of the boundary inside (zero without one)."""

    mean: NDArray[np.float64]
    inverse_mean: NDArray[np.float64]
    normal: NDArray[np.float64]


def permittivity(geometry: Geometry, grid: Grid) -> Permittivity:
    """Smoothed χ of a geometry. Raises FdtdOnnError if its regions overlap."""
    at_x = _averages(geometry, grid.pixels_around("Ex"))
    at_y = _averages(geometry, grid.pixels_around("Ey"))
    at_z = _averages(geometry, grid.pixels_around("Ez"))
    return Permittivity(
        xx=_entry(at_x, 0, 0),
        yy=_entry(at_y, 1, 1),
        zz=1.0 / at_z.mean,
        xy=_entry(at_z, 0, 1),
    )


def _averages(geometry: Geometry, pixels: PixelGrid) -> _Averages:
    background = geometry.cladding_index**2
    shape = (pixels.nx, pixels.ny)
    mean, inverse = np.full(shape, background), np.full(shape, 1.0 / background)
    normal, total = np.zeros((*shape, 2)), np.zeros(shape)
    for region in geometry.regions:
        covered, boundary = coverage(region.vertices, pixels)
        epsilon = region.index**2
        mean += covered * (epsilon - background)
        inverse += covered * (1.0 / epsilon - 1.0 / background)
        normal += (epsilon - background) * boundary
        total += covered
    if total.max() > 1.0 + 1e-6:
        raise FdtdOnnError(f"regions of the geometry overlap: a pixel is covered {total.max():.3f} times")
    length = np.linalg.norm(normal, axis=2, keepdims=True)
    unit = np.divide(normal, length, out=np.zeros_like(normal), where=length > 1e-12)
    return _Averages(mean, inverse, unit)


def _entry(a: _Averages, i: int, j: int) -> NDArray[np.float64]:
    projector = a.normal[..., i] * a.normal[..., j]
    entry = projector * (a.inverse_mean - 1.0 / a.mean)
    return np.asarray(entry + 1.0 / a.mean if i == j else entry)
