"""Grating taps: a little of the guided light up to a camera."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from fdtd_onn.specs.base import Spec
from fdtd_onn.specs.device.base import Device, Length, Width


class GratingTapParameters(Spec):
    """A straight guide with a row of shallow grooves across it, and teeth of full height between them.

    The row begins and ends with a groove, and is its own mirror image.
    """

    width_um: Width
    period_um: float = Field(ge=0.1, le=5.0)
    duty: float = Field(gt=0.0, lt=1.0, description="the part of a period that a tooth takes")
    grooves: int = Field(ge=1, le=100, description="one more than teeth between them")
    etch_um: float = Field(ge=0.0, le=5.0, description="depth of the grooves, from the film's top")
    access_um: Length = Field(description="straight guide on either side of the row")

    @property
    def row_um(self) -> float:
        """Length from the first groove's beginning to the last one's end."""
        return self.period_um * (self.grooves - self.duty)


class Aperture(Spec):
    """Directions above the chip from which a camera collects; angles to the normal, positive towards +x.

    In an upright plane an interval of angles, in space a cone around its centre.
    """

    centre_deg: float = Field(ge=-80.0, le=80.0)
    half_width_deg: float = Field(gt=0.0, le=90.0)


class GratingTap(Device):
    """Bidirectional grating tap; ports o1 (left), o2 (right). Its camera shapes the compiled model, not the runs."""

    kind: Literal["grating_tap"]
    parameters: GratingTapParameters
    camera: Aperture

    @model_validator(mode="after")
    def _with_a_film(self) -> GratingTap:
        if not self.uses_stack:
            raise ValueError("a tap radiates out of the chip's plane: set plane = 'xz', or dimensions = 3")
        stack, etch = self.stack_in_use, self.parameters.etch_um
        if etch >= stack.thickness_um - stack.slab_um:
            raise ValueError(
                f"parameters.etch_um ({etch}) must be below what stands above the slab "
                f"({stack.thickness_um - stack.slab_um:g}), or the guide is cut"
            )
        return self

    @model_validator(mode="after")
    def _both_directions_are_run(self) -> GratingTap:
        given = [name for name in ("symmetries", "tunable", "modes") if getattr(self, name)]
        if given:
            raise ValueError(
                f"a tap is run in both directions, with fundamental modes, at one set of parameters: leave "
                f"{' and '.join(given)} out"
            )
        return self

    def features_um(self) -> dict[str, float]:
        """Groove and tooth too."""
        p = self.parameters
        return super().features_um() | {"parameters.duty": p.period_um * min(p.duty, 1.0 - p.duty)}

    def physics(self) -> dict[str, Any]:
        """Without the camera."""
        data = super().physics()
        del data["camera"]
        return data
