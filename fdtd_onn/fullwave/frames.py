"""Which field components a guided wave has, by the axis it runs along, its polarisation and the run's dimensions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from fdtd_onn.geometry.shapes import Axis
from fdtd_onn.specs.device.base import Plane

T = TypeVar("T")


@dataclass(frozen=True)
class Pair:
    """A transverse electric component and the magnetic one that carries flux with it; both live on the same points.

    across, up: distance in pixels from the window's lower corner to the lowest of these points.
    sign: of e·h for a wave towards larger coordinates: +1 if axis, electric and magnetic component are in cyclic order.
    """

    electric: str
    magnetic: str
    sign: int
    across: float
    up: float


@dataclass(frozen=True)
class Frame:
    """Transverse components of a wave along an axis of the plane: one pair in 2D, two in 3D."""

    axis: Axis
    polarization: str
    pairs: tuple[Pair, ...]

    def in_order(self, along: T, across: T, up: T) -> tuple[T, T, T]:
        """By x, y and z, from what is along the axis, across it in the plane, and upwards."""
        return (along, across, up) if self.axis == "x" else (across, along, up)

    def across(self, vector: Any) -> float:
        """The coordinate across the axis of a Meep vector."""
        return float(vector.y if self.axis == "x" else vector.x)


_IN_PLANE = {"x": Pair("Ey", "Hz", +1, 0.5, 1.0), "y": Pair("Ex", "Hz", -1, 0.5, 1.0)}
_UPRIGHT = {"x": Pair("Ez", "Hy", -1, 1.0, 0.5), "y": Pair("Ez", "Hx", +1, 1.0, 0.5)}


def polarization_in_plane(polarization: str, plane: Plane) -> str:
    """A chip's polarisation as its run has it: in an upright plane te points out of the plane, as tm does on a chip."""
    return polarization if plane == "xy" else {"te": "tm", "tm": "te"}[polarization]


def frame_of(axis: Axis, polarization: str, dimensions: int) -> Frame:
    """The frame of a wave along an axis: te has its electric field in the plane, tm upright; in 3D both parts count."""
    if dimensions == 3:
        return Frame(axis, polarization, (_IN_PLANE[axis], _UPRIGHT[axis]))
    return Frame(axis, polarization, ((_IN_PLANE if polarization == "te" else _UPRIGHT)[axis],))
