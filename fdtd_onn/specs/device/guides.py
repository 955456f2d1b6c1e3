"""Single guides: straight, bent, widening, heated."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from fdtd_onn.specs.base import Spec
from fdtd_onn.specs.device.base import Device, IndexPerKelvin, Length, Width


class StraightParameters(Spec):
    """A straight guide."""

    width_um: Width
    length_um: Length


class TaperParameters(Spec):
    """A guide whose width changes linearly along its length."""

    width_start_um: Width
    width_stop_um: Width
    length_um: Length


class SBendParameters(Spec):
    """A guide shifted sideways along a path of continuous curvature."""

    width_um: Width
    length_um: Length
    offset_um: float = Field(gt=-100.0, lt=100.0)


class BendParameters(Spec):
    """A guide turned by 90°: along an arc, or along clothoid, arc and clothoid ("partial Euler bend").

    radius_um is that of the arc which turns the same corner, from port to port, whatever the shape.
    """

    width_um: Width
    radius_um: float = Field(gt=0.0, le=500.0, description="of the circular bend that fits the same corner")
    shape: Literal["circular", "euler"]
    euler_fraction: float | None = Field(
        default=None, gt=0.0, le=1.0, description="for shape euler: share of the turn that is in its two clothoids"
    )

    @model_validator(mode="after")
    def _fits_together(self) -> BendParameters:
        if self.radius_um <= self.width_um:
            raise ValueError(
                f"radius_um ({self.radius_um}) must exceed width_um ({self.width_um}), "
                "or the inner edge of the bend folds over"
            )
        if (self.shape == "euler") != (self.euler_fraction is not None):
            verb = "needs" if self.shape == "euler" else "has no"
            raise ValueError(f"shape '{self.shape}' {verb} euler_fraction")
        return self


class PhaseShifterParameters(Spec):
    """A straight guide whose core is warmer by `delta_t_k` over `length_um`."""

    width_um: Width
    length_um: Length
    delta_t_k: float = Field(ge=-200.0, le=400.0)
    dn_dt_per_k: IndexPerKelvin


class Straight(Device):
    """Straight guide; ports o1 (left), o2 (right)."""

    kind: Literal["straight"]
    parameters: StraightParameters


class Taper(Device):
    """Linear taper; ports o1 (left, start), o2 (right, stop)."""

    kind: Literal["taper"]
    parameters: TaperParameters


class SBend(Device):
    """S-bend; ports o1 (left), o2 (right)."""

    kind: Literal["s_bend"]
    parameters: SBendParameters


class Bend(Device):
    """90° bend; ports o1 (left end, facing −x), o2 (top, facing +y)."""

    kind: Literal["bend"]
    parameters: BendParameters


class PhaseShifter(Device):
    """Heated straight section; ports o1 (left), o2 (right)."""

    kind: Literal["phase_shifter"]
    parameters: PhaseShifterParameters
