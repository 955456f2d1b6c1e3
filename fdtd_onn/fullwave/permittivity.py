"""The inverse permittivity at every Yee point, smoothed so that errors stay of second order at any boundary.

Across a boundary with normal n the smoothed tensor is χ = P⟨ε⁻¹⟩ + (1 − P)⟨ε⟩⁻¹ with P = n nᵀ and averages over
the pixel around the point (Farjadpour et al., Optics Letters 31, 2972 (2006); Kottke, Farjadpour and Johnson,
Phys. Rev. E 77, 036611 (2008)). Averages and normals come from the exact overlap of polygons and pixels. The
off-diagonal entry sits at the pixel's corner, where the update of the engine is stable (Werner and Cary 2007).

An electric field out of a plane is along every boundary, and smooth across it. There ε is averaged with hats two pixels
wide, as bilinear finite elements with lumped masses have it: where in its pixel a boundary lies then changes the error
at third order only, two resolutions tell what is left, and a groove thinner than a pixel counts at its own height.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import FdtdOnnError
from fdtd_onn.fullwave.grid import Grid
from fdtd_onn.geometry.coverage import PixelGrid, coverage, hat_coverage
from fdtd_onn.geometry.film import Share, film
from fdtd_onn.geometry.shapes import Geometry, Range

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Permittivity:
    """χ = ε⁻¹ on the grid, (nx + 1, ny + 1) each, or (nx + 1, ny + 1, nz + 1) in three dimensions.

    Diagonal entries are at their own Yee points, xy at integer points. Off-diagonal entries with z, which only pixels
    on a film's upper and lower rims and on leaning walls have, are left out, so that a port's modes stay exact modes of
    the grid.
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
        zz=_entry(_averages(geometry, grid, "Ez", grid.heights("Ez")), 2, 2)
        if grid.nz
        else _out_of_plane(geometry, grid),
        xy=_entry(_averages(geometry, grid, "Ez", grid.heights("Ex")), 0, 1),
    )


def _out_of_plane(geometry: Geometry, grid: Grid) -> Floats:
    """1/⟨ε⟩ at integer points in two dimensions, averaged with hats."""
    pixels, cladding = grid.pixels_around("Ez"), geometry.cladding_index**2
    heights = (np.arange(grid.ny + 1) - grid.ny // 2) * grid.pitch
    mean = np.full((pixels.nx, pixels.ny), cladding)
    for layer in geometry.layers:
        below_low, below_high = (_below(face, heights, grid.pitch) for face in layer.range_um)
        mean += (layer.index**2 - cladding) * (below_high - below_low)
    for region in geometry.regions:
        mean += (region.index**2 - geometry.displaced_by(region) ** 2) * hat_coverage(region.vertices, pixels)
    return 1.0 / mean


def _below(face_um: float, heights: Floats, pitch: float) -> Floats:
    """The part of the hats around these heights that lies below a face."""
    t = np.clip((face_um - heights) / pitch, -1.0, 1.0)
    return 0.5 + t - 0.5 * t * np.abs(t)


def _averages(geometry: Geometry, grid: Grid, in_plane: str, heights: Floats) -> _Averages:
    """Averages over the pixels around the points of a component in the plane and, in 3D, around these heights."""
    pixels = grid.pixels_around(in_plane)
    sums = _background(geometry, grid, pixels, heights)
    for region in geometry.regions:
        epsilon, displaced = region.index**2, geometry.displaced_by(region) ** 2
        contrast = (epsilon - displaced, 1.0 / epsilon - 1.0 / displaced)
        if grid.nz:
            for k, share in film(region, pixels, heights):
                sums.add(np.s_[..., k], contrast, share)
        else:
            covered, boundary = coverage(region.vertices, pixels)
            sums.add(np.s_[...], contrast, Share(covered, boundary, np.zeros(())))
    if sums.total.max() > 1.0 + 1e-6:
        raise FdtdOnnError(f"regions of the geometry overlap: a pixel is covered {sums.total.max():.3f} times")
    return sums.averages()


@dataclass(frozen=True, eq=False)
class _Sums:
    """What layers and regions add up to in every pixel; `step` is the integral of ε's fall along x, y and z."""

    mean: Floats
    inverse: Floats
    step: tuple[Floats, Floats, Floats]
    total: Floats

    def add(self, where: Any, contrast: tuple[float, float], share: Share) -> None:
        """A region's part of some pixels, its ε and 1/ε higher by `contrast` than what it displaces."""
        self.mean[where] += contrast[0] * share.covered
        self.inverse[where] += contrast[1] * share.covered
        self.total[where] += share.covered
        for axis in (0, 1):
            self.step[axis][where] += contrast[0] * share.boundary[..., axis]
        self.step[2][where] += contrast[0] * share.upward

    def averages(self) -> _Averages:
        """Averages, and the direction in which ε falls."""
        length = np.sqrt(sum(s**2 for s in self.step))
        x, y, z = (np.divide(s, length, out=np.zeros_like(s), where=length > 1e-12) for s in self.step)
        return _Averages(self.mean, self.inverse, (x, y, z))


def _background(geometry: Geometry, grid: Grid, pixels: PixelGrid, heights: Floats) -> _Sums:
    """Cladding and layers, before any region. Heights are z in three dimensions and y in an upright plane."""
    if not grid.nz:
        heights = pixels.y0 + (np.arange(pixels.ny) + 0.5) * pixels.pitch
    shape = (pixels.nx, pixels.ny) + ((len(heights),) if grid.nz else ())
    cladding = geometry.cladding_index**2
    mean, inverse, step = np.full(shape, cladding), np.full(shape, 1.0 / cladding), np.zeros((3, *shape))
    for layer in geometry.layers:
        filled, faces = _layer(layer.range_um, heights, pixels.pitch)
        mean += (layer.index**2 - cladding) * filled
        inverse += (1.0 / layer.index**2 - 1.0 / cladding) * filled
        step[2 if grid.nz else 1] += (layer.index**2 - cladding) * faces
    return _Sums(mean, inverse, (step[0], step[1], step[2]), np.zeros(shape))


def _layer(range_um: Range, heights: Floats, pitch: float) -> tuple[Floats, Floats]:
    """Of the pixels around these heights: the part that a layer fills, and its faces inside, upper +1, lower −1."""
    (low, high), below, above = range_um, heights - 0.5 * pitch, heights + 0.5 * pitch
    filled = np.clip(np.minimum(above, high) - np.maximum(below, low), 0.0, None) / pitch
    faces = ((below < high) & (high < above)).astype(float) - ((below < low) & (low < above)).astype(float)
    return filled, faces


def _entry(a: _Averages, i: int, j: int) -> Floats:
    entry = a.normal[i] * a.normal[j] * (a.inverse_mean - 1.0 / a.mean)
    return entry + 1.0 / a.mean if i == j else entry
