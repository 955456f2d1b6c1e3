"""Plane shapes: frozen polygons filled with one index, ports, and the geometry they make up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import FdtdOnnError

Axis = Literal["x", "y"]

_SAME_PLACE_UM = 1e-6


@dataclass(frozen=True, eq=False)
class Region:
    """A simple polygon, counter-clockwise vertices (m, 2) in µm, filled with a refractive index.

    z_range_um: from where to where it reaches upwards in three dimensions; None in a plane.
    """

    vertices: NDArray[np.float64]
    index: float
    role: str
    z_range_um: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        """Drop repeated vertices, orient counter-clockwise and freeze."""
        v = np.array(self.vertices, dtype=float)
        if v.ndim == 2:
            v = v[np.any(v != np.roll(v, 1, axis=0), axis=1)]
        if v.ndim != 2 or v.shape[1] != 2 or len(v) < 3:
            raise FdtdOnnError(f"a region needs vertices of shape (m >= 3, 2), got {v.shape}")
        x, y = v.T
        if np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) < 0:
            v = v[::-1].copy()
        v.setflags(write=False)
        object.__setattr__(self, "vertices", v)


@dataclass(frozen=True)
class PortPlacement:
    """Where light enters and leaves: the reference plane's centre, in µm, and which way is out of the device.

    axis, outward: light runs along this axis, and leaves towards its smaller (−1) or larger (+1) coordinates.
    guide_um: length along the guide from the reference plane to the middle of the device; where a wide body has no
    guide to follow, the straight distance.
    """

    name: str
    x_um: float
    y_um: float
    outward: int
    width_um: float
    guide_um: float
    axis: Axis = "x"

    @property
    def along_um(self) -> float:
        """Coordinate of the reference plane on the port's axis."""
        return self.x_um if self.axis == "x" else self.y_um

    @property
    def across_um(self) -> float:
        """Coordinate of the guide's centre across the port's axis."""
        return self.y_um if self.axis == "x" else self.x_um


@dataclass(frozen=True, eq=False)
class Geometry:
    """A device in the plane: disjoint core regions in a cladding, its ports, and the box they take."""

    regions: tuple[Region, ...]
    cladding_index: float
    ports: tuple[PortPlacement, ...]
    x_range_um: tuple[float, float]
    y_range_um: tuple[float, float]
    z_range_um: tuple[float, float] | None = None

    def shifted(self, dx_um: float, dy_um: float, dz_um: float = 0.0) -> Geometry:
        """The regions moved by (dx, dy, dz); ports and ranges move along."""
        move = np.array([dx_um, dy_um])
        return replace(
            self,
            regions=tuple(
                replace(r, vertices=r.vertices + move, z_range_um=_moved(r.z_range_um, dz_um)) for r in self.regions
            ),
            ports=tuple(replace(p, x_um=p.x_um + dx_um, y_um=p.y_um + dy_um) for p in self.ports),
            x_range_um=(self.x_range_um[0] + dx_um, self.x_range_um[1] + dx_um),
            y_range_um=(self.y_range_um[0] + dy_um, self.y_range_um[1] + dy_um),
            z_range_um=_moved(self.z_range_um, dz_um),
        )

    def guides_across(self, axis: Axis, at_um: float) -> tuple[tuple[float, float], ...]:
        """Where a line across an axis meets core: (low, high) of each piece in µm, abutting pieces joined."""
        along, across = (0, 1) if axis == "x" else (1, 0)
        pieces = sorted(piece for r in self.regions for piece in _crossed(r.vertices[:, [along, across]], at_um))
        joined: list[tuple[float, float]] = []
        for low, high in pieces:
            if joined and low <= joined[-1][1] + _SAME_PLACE_UM:
                joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
            else:
                joined.append((low, high))
        return tuple(joined)

    def raised(self, thickness_um: float, core_step: float, cladding_index: float) -> Geometry:
        """The flat device as a film: its regions from z = 0 to the thickness, indices higher by `core_step`."""
        film = (0.0, thickness_um)
        regions = tuple(replace(r, index=r.index + core_step, z_range_um=film) for r in self.regions)
        return replace(self, regions=regions, cladding_index=cladding_index, z_range_um=film)


def _crossed(vertices: NDArray[np.float64], at_um: float) -> list[tuple[float, float]]:
    """Pieces of the line x = at_um inside a polygon (m, 2)."""
    start, end = vertices, np.roll(vertices, -1, axis=0)
    meets = (start[:, 0] <= at_um) != (end[:, 0] <= at_um)
    (x0, y0), (x1, y1) = start[meets].T, end[meets].T
    y = np.sort(y0 + (at_um - x0) * (y1 - y0) / (x1 - x0))
    return [(float(low), float(high)) for low, high in zip(y[::2], y[1::2], strict=True)]


def _moved(range_um: tuple[float, float] | None, by_um: float) -> tuple[float, float] | None:
    return None if range_um is None else (range_um[0] + by_um, range_um[1] + by_um)


def rectangle(x0: float, x1: float, y0: float, y1: float, index: float, role: str) -> Region:
    """Axis-parallel rectangle."""
    return Region(np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)]), index, role)
