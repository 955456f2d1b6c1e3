"""Shapes: frozen polygons filled with one index, horizontal layers, ports, and the geometry they make up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import FdtdOnnError

Axis = Literal["x", "y"]
Range = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Walls:
    """How the side walls of a region lean.

    slope: (m,) how far the edge from every vertex to the next moves outwards per length downwards; 0 where it stands.
    drawn_at_um: the height at which the region's vertices hold.
    """

    slope: NDArray[np.float64]
    drawn_at_um: float


@dataclass(frozen=True, eq=False)
class Region:
    """A simple polygon, counter-clockwise vertices (m, 2) in µm, filled with a refractive index.

    z_range_um: from where to where it reaches upwards in three dimensions; None in a plane, where it says that a region
    ends below the film's top.
    walls: None where they are vertical.
    layer: (layer, datatype) of the drawing it was read from; None for a device that is drawn here.
    """

    vertices: NDArray[np.float64]
    index: float
    role: str
    z_range_um: Range | None = None
    walls: Walls | None = None
    layer: tuple[int, int] | None = None

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
class Layer:
    """What is between two heights (either may be infinite) wherever there is no region, instead of the cladding.

    apart: whether guided light does not reach it, whatever its own modes are: a port's window ends where it begins.
    """

    index: float
    range_um: Range
    apart: bool = False


@dataclass(frozen=True)
class Stretch:
    """A piece of guide between a port and the middle of its device, as wide as the port's.

    shift_um: how far from the port's line it runs along the port's axis; None if it is slanted or widens, so that its
    edges lie everywhere in the grid's pixels. index_step: of the core, above what it is at the port.
    """

    length_um: float
    shift_um: float | None = 0.0
    index_step: float = 0.0


Route = tuple[Stretch, ...]


@dataclass(frozen=True)
class PortPlacement:
    """Where light enters and leaves: the reference plane's centre, in µm, and which way is out of the device.

    axis, outward: light runs along this axis, and leaves towards its smaller (−1) or larger (+1) coordinates.
    route: the guide from the reference plane to the middle of the device; where a wide body has no guide to follow, the
    straight distance.
    """

    name: str
    x_um: float
    y_um: float
    outward: int
    width_um: float
    route: Route
    axis: Axis = "x"

    @property
    def guide_um(self) -> float:
        """Length of the guide from the reference plane to the middle of the device."""
        return sum(stretch.length_um for stretch in self.route)

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
    """A device: disjoint regions in a background of cladding and layers, its ports, and the box they take.

    layers: disjoint, horizontal: heights are z in three dimensions, and y in an upright plane, which is (x, z) of the
    device. No region reaches from one layer, or from the cladding, into another.
    monitors: places on guides within, where runs read the waves both ways.
    """

    regions: tuple[Region, ...]
    cladding_index: float
    ports: tuple[PortPlacement, ...]
    x_range_um: Range
    y_range_um: Range
    z_range_um: Range | None = None
    layers: tuple[Layer, ...] = ()
    monitors: tuple[PortPlacement, ...] = ()

    def displaced_by(self, region: Region) -> float:
        """Index of what would be in a region's place without it."""
        low, high = (region.vertices[:, 1].min(), region.vertices[:, 1].max())
        if region.z_range_um is not None:
            low, high = region.z_range_um
        middle = 0.5 * (low + high)
        holding = [layer.index for layer in self.layers if layer.range_um[0] < middle < layer.range_um[1]]
        return holding[0] if holding else self.cladding_index

    def shifted(self, dx_um: float, dy_um: float, dz_um: float = 0.0) -> Geometry:
        """The regions moved by (dx, dy, dz); layers, ports and ranges move along."""
        up = dy_um if self.z_range_um is None else dz_um
        return replace(
            self,
            regions=tuple(_moved_region(r, np.array([dx_um, dy_um]), dz_um) for r in self.regions),
            layers=tuple(replace(n, range_um=(n.range_um[0] + up, n.range_um[1] + up)) for n in self.layers),
            ports=tuple(_moved_port(port, dx_um, dy_um) for port in self.ports),
            monitors=tuple(_moved_port(port, dx_um, dy_um) for port in self.monitors),
            x_range_um=(self.x_range_um[0] + dx_um, self.x_range_um[1] + dx_um),
            y_range_um=(self.y_range_um[0] + dy_um, self.y_range_um[1] + dy_um),
            z_range_um=_moved(self.z_range_um, dz_um),
        )


def _moved_port(port: PortPlacement, dx_um: float, dy_um: float) -> PortPlacement:
    return replace(port, x_um=port.x_um + dx_um, y_um=port.y_um + dy_um)


def _moved_region(region: Region, move: NDArray[np.float64], dz_um: float) -> Region:
    walls = region.walls
    return replace(
        region,
        vertices=region.vertices + move,
        z_range_um=_moved(region.z_range_um, dz_um),
        walls=None if walls is None else replace(walls, drawn_at_um=walls.drawn_at_um + dz_um),
    )


def _moved(range_um: Range | None, by_um: float) -> Range | None:
    return None if range_um is None else (range_um[0] + by_um, range_um[1] + by_um)


def rectangle(x0: float, x1: float, y0: float, y1: float, index: float, role: str) -> Region:
    """Axis-parallel rectangle."""
    return Region(np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)]), index, role)
