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
    """The smallest cell that holds a geometry with its leads, margins and absorbing layers."""
    pml = math.ceil(fidelity.pml_um * resolution)
    half_x = max(-geometry.x_range_um[0], geometry.x_range_um[1]) + fidelity.lead_um + SOURCE_CLEARANCE_UM
    half_y = max(-geometry.y_range_um[0], geometry.y_range_um[1]) + fidelity.margin_um
    nx = 2 * (math.ceil(half_x * resolution) + pml)
    ny = 2 * (math.ceil(half_y * resolution) + pml)
    return Grid(resolution, nx, ny, pml)
