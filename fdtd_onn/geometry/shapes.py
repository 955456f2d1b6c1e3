"""Plane shapes: frozen polygons filled with one index, and guides drawn along a centre line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import quad

from fdtd_onn.errors import FdtdOnnError

Floats = NDArray[np.float64]


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
        """Orient counter-clockwise and freeze."""
        v = np.array(self.vertices, dtype=float)
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
    guide_um: length along the guide from the reference plane to the middle of the device.
    """

    name: str
    x_um: float
    y_um: float
    outward: int
    width_um: float
    guide_um: float
    axis: Literal["x", "y"] = "x"

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

    def raised(self, thickness_um: float, core_step: float, cladding_index: float) -> Geometry:
        """The flat device as a film: its regions from z = 0 to the thickness, indices higher by `core_step`."""
        film = (0.0, thickness_um)
        regions = tuple(replace(r, index=r.index + core_step, z_range_um=film) for r in self.regions)
        return replace(self, regions=regions, cladding_index=cladding_index, z_range_um=film)


def _moved(range_um: tuple[float, float] | None, by_um: float) -> tuple[float, float] | None:
    return None if range_um is None else (range_um[0] + by_um, range_um[1] + by_um)


def rectangle(x0: float, x1: float, y0: float, y1: float, index: float, role: str) -> Region:
    """Axis-parallel rectangle."""
    return Region(np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)]), index, role)


def ribbon(centre: ArrayLike, slope: ArrayLike, width_um: float, index: float, role: str) -> Region:
    """Guide of constant width along a centre line (m, 2) whose tangent direction is dy/dx = slope (m,)."""
    c = np.asarray(centre, dtype=float)
    s = np.asarray(slope, dtype=float)
    normal = np.stack([-s, np.ones_like(s)], axis=1) / np.hypot(1.0, s)[:, None]
    half = 0.5 * width_um * normal
    return Region(np.concatenate([c - half, (c + half)[::-1]]), index, role)


def s_path(length_um: float, offset_um: float, tolerance_um: float = 1e-5) -> tuple[Floats, Floats, float]:
    """Path y = offset·(t − sin(2πt)/2π), t = x/L, from (0, 0): points (m, 2), slopes (m,) and arc length.

    Its curvature is continuous and zero at both ends, so that light does not scatter where it meets straight guides.
    The number of points keeps the chords' deviation, y''·h²/8, below the tolerance.
    """
    curvature = 2 * np.pi * abs(offset_um) / length_um**2
    m = max(3, int(np.ceil(length_um * np.sqrt(curvature / (8 * tolerance_um)))) + 1)
    t = np.linspace(0.0, 1.0, m)
    y = offset_um * (t - np.sin(2 * np.pi * t) / (2 * np.pi))
    steepness = offset_um / length_um
    arc, _ = quad(lambda u: np.hypot(1.0, steepness * (1 - np.cos(2 * np.pi * u))), 0.0, 1.0, epsabs=1e-12)
    return np.stack([length_um * t, y], axis=1), steepness * (1 - np.cos(2 * np.pi * t)), length_um * arc
