"""Which field components a guided wave has, by the axis it runs along and its polarisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from fdtd_onn.fullwave.meep import meep

Axis = Literal["x", "y"]


@dataclass(frozen=True)
class Frame:
    """Transverse components of a wave along an axis of the plane.

    handedness: sign of e·h of the wave towards larger coordinates: +1 if axis, electric and magnetic component are in
    cyclic order of (x, y, z), else −1.
    """

    axis: Axis
    polarization: str
    electric: str
    magnetic: str
    handedness: int

    def vector(self, along: float, across: float) -> Any:
        """A Meep vector from coordinates along the axis and across it in the plane."""
        mp = meep()
        return mp.Vector3(along, across) if self.axis == "x" else mp.Vector3(across, along)

    def across(self, vector: Any) -> float:
        """The coordinate across the axis of a Meep vector."""
        return float(vector.y if self.axis == "x" else vector.x)


_FRAMES = (
    Frame("x", "te", "Ey", "Hz", +1),
    Frame("x", "tm", "Ez", "Hy", -1),
    Frame("y", "te", "Ex", "Hz", -1),
    Frame("y", "tm", "Ez", "Hx", +1),
)


def frame_of(axis: str, polarization: str) -> Frame:
    """The frame of a wave along an axis: te has Hz out of the plane, tm has Ez."""
    return next(f for f in _FRAMES if (f.axis, f.polarization) == (axis, polarization))
