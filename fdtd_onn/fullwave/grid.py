"""The Yee grid of a cell: which point of which component lies where."""

from __future__ import annotations

import math
from dataclasses import dataclass

from fdtd_onn.geometry.coverage import PixelGrid
from fdtd_onn.geometry.shapes import Geometry
from fdtd_onn.specs.fidelity import Fidelity

#: Offset of each component from the pixel's lower left corner, in half pixels (Yee; the z offset does not show in 2D).
YEE_SHIFT = {"Ex": (1, 0), "Ey": (0, 1), "Ez": (0, 0), "Hx": (0, 1), "Hy": (1, 0), "Hz": (1, 1)}
COURANT = 0.5
#: Straight guide between the source plane and the absorbing layer behind it.
SOURCE_CLEARANCE_UM = 0.4


@dataclass(frozen=True)
class Grid:
    """Cell of nx × ny pixels (both even), centred on the origin, so that integer points lie at multiples of the pitch.

    pml: thickness of the absorbing layers in pixels.
    """

    resolution: float
    nx: int
    ny: int
    pml: int

    @property
    def pitch(self) -> float:
        """Side of a pixel, µm."""
        return 1.0 / self.resolution

    @property
    def dt(self) -> float:
        """Time step in µm/c."""
        return COURANT / self.resolution

    @property
    def size_um(self) -> tuple[float, float]:
        """Cell size, absorbing layers included."""
        return self.nx / self.resolution, self.ny / self.resolution

    def pixels_around(self, component: str) -> PixelGrid:
        """The pixels centred on the points of a component whose index runs over 0 … nx, 0 … ny."""
        sx, sy = YEE_SHIFT[component]
        x0 = (-0.5 * self.nx + 0.5 * sx - 0.5) * self.pitch
        y0 = (-0.5 * self.ny + 0.5 * sy - 0.5) * self.pitch
        return PixelGrid(x0, y0, self.pitch, self.nx + 1, self.ny + 1)

    def nearest(self, coordinate_um: float) -> int:
        """Index of the integer point (multiple of the pitch) nearest to a coordinate."""
        return round(coordinate_um * self.resolution)


def grid_for(geometry: Geometry, fidelity: Fidelity, resolution: float) -> Grid:
    """The smallest cell that holds a geometry, centred, with its leads, margins and absorbing layers."""
    pml = math.ceil(fidelity.pml_um * resolution)
    width, height = (high - low for low, high in extent_um(geometry, fidelity))
    nx = 2 * (math.ceil(0.5 * width * resolution) + pml)
    ny = 2 * (math.ceil(0.5 * height * resolution) + pml)
    return Grid(resolution, nx, ny, pml)


def extent_um(geometry: Geometry, fidelity: Fidelity) -> tuple[tuple[float, float], tuple[float, float]]:
    """What a cell must hold within its absorbing layers, ((x0, x1), (y0, y1)): leads where ports are, else margins."""
    return _range(geometry, fidelity, "x", geometry.x_range_um), _range(geometry, fidelity, "y", geometry.y_range_um)


def _range(geometry: Geometry, fidelity: Fidelity, axis: str, device_um: tuple[float, float]) -> tuple[float, float]:
    sides = {port.outward for port in geometry.ports if port.axis == axis}
    below, above = (fidelity.lead_um + SOURCE_CLEARANCE_UM if side in sides else fidelity.margin_um for side in (-1, 1))
    return device_um[0] - below, device_um[1] + above
