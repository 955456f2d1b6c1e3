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
from fdtd_onn.geometry.coverage import coverage
from fdtd_onn.geometry.shapes import Geometry, Region

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Permittivity:
    """χ = ε⁻¹ on the grid, (nx + 1, ny + 1) each, or (nx + 1, ny + 1, nz + 1) in three dimensions.

    Diagonal entries are at their own Yee points, xy at integer points. Off-diagonal entries with z, which only pixels
    on a film's upper and lower rims have, are left out, so that a port's modes stay exact modes of the grid.
    """

    xx: Floats
    yy: Floats
    zz: Floats
    xy: Floats


@dataclass(frozen=True, eq=False)
class _Averages:
    """Of a pixel: ⟨ε⟩, ⟨ε⁻¹⟩ and the components of the boundary's unit normal inside (zero without one)."""

    mean: Floats
    inverse_mean: Floats
    normal: tuple[Floats, Floats, Floats]


def permittivity(geometry: Geometry, grid: Grid) -> Permittivity:
    """Smoothed χ of a geometry. Raises FdtdOnnError if its regions overlap."""
    return Permittivity(
        xx=_entry(_averages(geometry, grid, "Ex", grid.heights("Ex")), 0, 0),
        yy=_entry(_averages(geometry, grid, "Ey", grid.heights("Ey")), 1, 1),
        zz=_entry(_averages(geometry, grid, "Ez", grid.heights("Ez")), 2, 2),
        xy=_entry(_averages(geometry, grid, "Ez", grid.heights("Ex")), 0, 1),
    )


def _averages(geometry: Geometry, grid: Grid, in_plane: str, heights: Floats) -> _Averages:
    """Averages over the pixels around the points of a component in the plane and, in 3D, around these heights."""
    pixels = grid.pixels_around(in_plane)
    background = geometry.cladding_index**2
    shape = (pixels.nx, pixels.ny) + ((len(heights),) if grid.nz else ())
    mean, inverse, total = np.full(shape, background), np.full(shape, 1.0 / background), np.zeros(shape)
    normal = tuple(np.zeros(shape) for _ in range(3))
    for region in geometry.regions:
        epsilon = region.index**2
        covered, boundary = coverage(region.vertices, pixels)
        filled, faces = _film(region, heights, grid) if grid.nz else (np.ones(()), np.zeros(()))
        part = np.multiply.outer(covered, filled)
        mean += (epsilon - background) * part
        inverse += (1.0 / epsilon - 1.0 / background) * part
        total += part
        for axis in (0, 1):
            normal[axis][...] += (epsilon - background) * np.multiply.outer(boundary[..., axis], filled)
        normal[2][...] += (epsilon - background) * np.multiply.outer(covered, faces)
    if total.max() > 1.0 + 1e-6:
        raise FdtdOnnError(f"regions of the geometry overlap: a pixel is covered {total.max():.3f} times")
    length = np.sqrt(sum(n**2 for n in normal))
    for n in normal:
        np.divide(n, length, out=n, where=length > 1e-12)
    return _Averages(mean, inverse, (normal[0], normal[1], normal[2]))


def _film(region: Region, heights: Floats, grid: Grid) -> tuple[Floats, Floats]:
    """Of the pixels around these heights: the part that the film fills, and its faces inside, upper +1, lower −1."""
    if region.z_range_um is None:
        raise FdtdOnnError("a region of a three-dimensional geometry needs its range in z")
    low, high = region.z_range_um
    below, above = heights - 0.5 * grid.pitch, heights + 0.5 * grid.pitch
    filled = np.clip(np.minimum(above, high) - np.maximum(below, low), 0.0, None) / grid.pitch
    faces = ((below < high) & (high < above)).astype(float) - ((below < low) & (low < above)).astype(float)
    return filled, faces


def _entry(a: _Averages, i: int, j: int) -> Floats:
    entry = a.normal[i] * a.normal[j] * (a.inverse_mean - 1.0 / a.mean)
    return entry + 1.0 / a.mean if i == j else entry
