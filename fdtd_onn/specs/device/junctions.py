"""Multimode couplers, Y-branch and crossing."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from fdtd_onn.specs.base import Spec
from fdtd_onn.specs.device.base import Device, Length, Pitch, Width


class MmiParameters(Spec):
    """A rectangular multimode body with tapered accesses: `width_um` at the ports, `taper_width_um` at the body."""

    width_um: Width
    taper_width_um: Width
    taper_length_um: Length
    body_width_um: Width
    body_length_um: Length
    port_pitch_um: Pitch

    @model_validator(mode="after")
    def _accesses_fit(self) -> MmiParameters:
        widest = max(self.width_um, self.taper_width_um)
        if self.port_pitch_um <= widest:
            raise ValueError(
                f"port_pitch_um ({self.port_pitch_um}) must exceed width_um and taper_width_um ({widest}), "
                "or the accesses touch"
            )
        if self.port_pitch_um + self.taper_width_um > self.body_width_um:
            raise ValueError(
                f"body_width_um ({self.body_width_um}) must be at least port_pitch_um + taper_width_um "
                f"({self.port_pitch_um + self.taper_width_um:g}), or the accesses stick out of the body"
            )
        return self


class YBranchParameters(Spec):
    """A body whose width follows a spline, split into two S-bend arms as wide as the input."""

    width_um: Width
    body_length_um: Length
    body_widths_um: tuple[Width, ...] = Field(
        min_length=4, max_length=64, description="evenly spaced along the body, from the input to the arms"
    )
    arm_length_um: Length
    port_pitch_um: Pitch

    @model_validator(mode="after")
    def _joins_fit(self) -> YBranchParameters:
        first, last = self.body_widths_um[0], self.body_widths_um[-1]
        if first != self.width_um:
            raise ValueError(f"body_widths_um must begin with width_um ({self.width_um}), not {first}")
        if last <= 2.0 * self.width_um:
            raise ValueError(
                f"body_widths_um must end above twice width_um ({2.0 * self.width_um:g}), not at {last}, "
                "or the arms overlap"
            )
        if self.port_pitch_um < last - self.width_um:
            raise ValueError(
                f"port_pitch_um ({self.port_pitch_um}) must be at least the pitch at which the arms begin "
                f"({last - self.width_um:g}), or they bend into each other"
            )
        return self


class CrossingParameters(Spec):
    """Two guides that widen along parabolas to a square of side `centre_width_um`, where they cross."""

    width_um: Width
    centre_width_um: Width
    taper_length_um: Length

    @model_validator(mode="after")
    def _widens(self) -> CrossingParameters:
        if self.centre_width_um <= self.width_um:
            raise ValueError(f"centre_width_um ({self.centre_width_um}) must exceed width_um ({self.width_um})")
        return self


class Mmi1x2(Device):
    """Multimode splitter; ports o1 (left), o2 (upper right), o3 (lower right)."""

    kind: Literal["mmi_1x2"]
    parameters: MmiParameters


class Mmi2x2(Device):
    """Multimode coupler; ports o1 (lower left), o2 (upper left), o3 (upper right), o4 (lower right)."""

    kind: Literal["mmi_2x2"]
    parameters: MmiParameters


class YBranch(Device):
    """Symmetric splitter; ports o1 (left), o2 (upper right), o3 (lower right)."""

    kind: Literal["y_branch"]
    parameters: YBranchParameters


class Crossing(Device):
    """Crossing of two guides; ports o1 (left), o2 (top, facing +y), o3 (right), o4 (bottom, facing −y)."""

    kind: Literal["crossing"]
    parameters: CrossingParameters
