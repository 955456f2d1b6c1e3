"""The Yee grid of a cell: which point of which component lies where."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.geometry.coverage import PixelGrid
from fdtd_onn.geometry.shapes import Geometry
from fdtd_onn.specs.fidelity import Fidelity

#: Offset of each electric component from the pixel's lower corner, in half pixels (Yee).
YEE_SHIFT = {"Ex": (1, 0, 0), "Ey": (0, 1, 0), "Ez": (0, 0, 1)}
COURANT = 0.5
#: Straight guide between the source plane and the absorbing layer behind it.
SOURCE_CLEARANCE_UM = 0.4


@dataclass(frozen=True)
class Grid:
    """Cell of nx × ny (× nz) pixels, all even, centred on the origin: integer points lie at multiples of the pitch.

    pml: thickness of the absorbing layers in pixels. nz: 0 in two dimensions.
    """

    resolution: float
    nx: int
    ny: int
    pml: int
    nz: int = 0

    @property
    def pitch(self) -> float:
        """Side of a pixel, µm."""
        return 1.0 / self.resolution

    @property
    def dt(self) -> float:
        """Time step in µm/c."""
        return COURANT / self.resolution

    @property
    def dimensions(self) -> int:
        """2 or 3."""
        return 3 if self.nz else 2

    @property
    def cells(self) -> int:
        """Number of pixels."""
        return self.nx * self.ny * max(self.nz, 1)

    @property
    def size_um(self) -> tuple[float, float, float]:
        """Cell size, absorbing layers included; no height in two dimensions."""
        return self.nx / self.resolution, self.ny / self.resolution, self.nz / self.resolution

    def pixels_around(self, component: str) -> PixelGrid:
        """The pixels centred on the points of a component whose index runs over 0 … nx, 0 … ny."""
        sx, sy, _ = YEE_SHIFT[component]
        x0 = (-0.5 * self.nx + 0.5 * sx - 0.5) * self.pitch
        y0 = (-0.5 * self.ny + 0.5 * sy - 0.5) * self.pitch
        return PixelGrid(x0, y0, self.pitch, self.nx + 1, self.ny + 1)

    def heights(self, component: str) -> NDArray[np.float64]:
        """(nz + 1,) z in µm of the points of a component."""
        return (np.arange(self.nz + 1) - self.nz // 2 + 0.5 * YEE_SHIFT[component][2]) * self.pitch

    def nearest(self, coordinate_um: float) -> int:
        """Index of the integer point (multiple of the pitch) nearest to a coordinate."""
        return round(coordinate_um * self.resolution)


def grid_for(geometry: Geometry, fidelity: Fidelity, resolution: float) -> Grid:
    """The smallest cell that holds a geometry, centred, with its leads, margins and absorbing layers."""
    return grid_around(extent_um(geometry, fidelity), fidelity, resolution)


def grid_around(extent_um: Sequence[tuple[float, float]], fidelity: Fidelity, resolution: float) -> Grid:
    """The smallest cell with so much, (low, high) per axis, within its absorbing layers."""
    pml = math.ceil(fidelity.pml_um * resolution)
    counts = [2 * (math.ceil(0.5 * (high - low) * resolution) + pml) for low, high in extent_um]
    return Grid(resolution, counts[0], counts[1], pml, *counts[2:])


def extent_um(geometry: Geometry, fidelity: Fidelity) -> tuple[tuple[float, float], ...]:
    """What a cell must hold within its absorbing layers, (low, high) per axis: leads where ports are, else margins."""
    plane = (_range(geometry, fidelity, "x", geometry.x_range_um), _range(geometry, fidelity, "y", geometry.y_range_um))
    if geometry.z_range_um is None:
        return plane
    low, high = geometry.z_range_um
    return (*plane, (low - fidelity.margin_um, high + fidelity.margin_um))


def _range(geometry: Geometry, fidelity: Fidelity, axis: str, device_um: tuple[float, float]) -> tuple[float, float]:
    sides = {port.outward for port in geometry.ports if port.axis == axis}
    below, above = (fidelity.lead_um + SOURCE_CLEARANCE_UM if side in sides else fidelity.margin_um for side in (-1, 1))
    return device_um[0] - below, device_um[1] + above
