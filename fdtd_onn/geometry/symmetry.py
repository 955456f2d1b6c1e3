"""Symmetries that a device's author declares: what they do to its ports, and whether the drawing has them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import gdstk
import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import BadInput
from fdtd_onn.geometry.gds_read import ROUNDING_UM, polygon
from fdtd_onn.geometry.shapes import Geometry, PortPlacement, Region
from fdtd_onn.specs.device.base import Symmetry

#: Maps of the plane about the centre of the device's box.
MAPS: dict[Symmetry, NDArray[np.int64]] = {
    "x": np.array([[-1, 0], [0, 1]]),
    "y": np.array([[1, 0], [0, -1]]),
    "rotation": np.array([[-1, 0], [0, -1]]),
    "diagonal": np.array([[0, 1], [1, 0]]),
    "antidiagonal": np.array([[0, -1], [-1, 0]]),
}
_SAME_PLACE_UM = 1e-6
# Corners are rounded when polygons are compared: what is thinner than that is no difference.
_THINNEST_UM = 5.0 * ROUNDING_UM


@dataclass(frozen=True)
class Image:
    """What one element of the symmetry group does to the ports: S[to[i], to[j]] = sign[i] · sign[j] · S[i, j].

    sign: of the mode's electric field, which the map may turn round. Ports count in the geometry's order.
    """

    to: tuple[int, ...]
    sign: tuple[int, ...]

    def then(self, other: Image) -> Image:
        """First one map, then the other."""
        return Image(
            tuple(other.to[k] for k in self.to),
            tuple(s * other.sign[k] for s, k in zip(self.sign, self.to, strict=True)),
        )


def identity(count: int) -> Image:
    """The map that leaves each of so many ports where it is."""
    return Image(tuple(range(count)), (1,) * count)


def port_images(drawn: Geometry, symmetries: Sequence[Symmetry], polarization: str) -> tuple[Image, ...]:
    """The group that the declared symmetries generate, as it acts on the ports' fundamental modes; identity first.

    Raises BadInput for a symmetry that the drawing does not have.
    """
    generators = []
    for name in symmetries:
        _require(drawn, name)
        generators.append(_image(drawn, name, polarization))
    group = [identity(len(drawn.ports))]
    for element in group:  # grows while it is walked through
        group += [new for g in generators if (new := element.then(g)) not in group]
    return tuple(group)


def _image(drawn: Geometry, name: Symmetry, polarization: str) -> Image:
    turn = MAPS[name]
    to = tuple(_partner(drawn.ports, port, name) for port in drawn.ports)
    # Upright fields stay; fields in the plane, positive along the axis across the port, turn with the map.
    across = [np.array([port.axis == "y", port.axis == "x"], dtype=int) for port in drawn.ports]
    sign = [1 if polarization == "tm" else int((turn @ across[k]) @ across[to[k]]) for k in range(len(to))]
    return Image(to, tuple(sign))


def _partner(ports: Sequence[PortPlacement], port: PortPlacement, name: Symmetry) -> int:
    """Index of the port onto which the map puts this one."""
    turn = MAPS[name]
    place = turn @ (port.x_um, port.y_um)
    out = turn @ _outward(port)
    for k, other in enumerate(ports):
        near = np.hypot(other.x_um - place[0], other.y_um - place[1]) < _SAME_PLACE_UM
        if near and np.array_equal(out, _outward(other)) and abs(port.width_um - other.width_um) < _SAME_PLACE_UM:
            return k
    got = f"none there, where {port.name} is put"
    raise BadInput(
        "symmetries", f"a port at ({place[0]:g}, {place[1]:g}) µm for {name!r}", got, "Declare the device's own only."
    )


def _outward(port: PortPlacement) -> NDArray[np.int64]:
    return port.outward * np.array([port.axis == "x", port.axis == "y"], dtype=int)


def _require(drawn: Geometry, name: Symmetry) -> None:
    """Compare, material by material and height by height, the drawing with its image."""
    for regions in _alike(drawn.regions):
        here = [polygon(region.vertices) for region in regions]
        there = [polygon(region.vertices @ MAPS[name].T) for region in regions]
        off = [p for p in gdstk.boolean(here, there, "xor", ROUNDING_UM) if _width(p) > _THINNEST_UM]
        if off:
            worst = max(off, key=lambda p: p.area())
            x, y = np.mean(worst.points, axis=0)
            got = f"{sum(p.area() for p in off):.2g} µm² that have no counterpart, the most near ({x:.2f}, {y:.2f}) µm"
            cure = "Leave the symmetry out of `symmetries`, or correct the drawing."
            raise BadInput("symmetries", f"a drawing with the declared symmetry {name!r}", got, cure)


def _alike(regions: Sequence[Region]) -> list[list[Region]]:
    groups = defaultdict(list)
    for region in regions:
        groups[region.index, region.z_range_um].append(region)
    return list(groups.values())


def _width(shape: gdstk.Polygon) -> float:
    """Mean width of a sliver."""
    return float(2.0 * shape.area() / shape.perimeter())
