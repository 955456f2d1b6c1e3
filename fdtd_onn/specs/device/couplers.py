"""Directional couplers and the Mach–Zehnder node made of two."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from fdtd_onn.specs.base import Spec
from fdtd_onn.specs.device.base import Device, IndexPerKelvin, Length, Pitch, Width


class CouplerParameters(Spec):
    """Two equal guides brought together by S-bends, parallel over `length_um`, and apart again."""

    width_um: Width
    gap_um: float = Field(ge=0.05, le=2.0)
    length_um: float = Field(ge=0.0, le=500.0)
    bend_length_um: Length
    pitch_um: Pitch

    @model_validator(mode="after")
    def _pitch_above_gap(self) -> CouplerParameters:
        if self.pitch_um <= self.width_um + self.gap_um:
            raise ValueError(
                f"pitch_um ({self.pitch_um}) must exceed width_um + gap_um ({self.width_um + self.gap_um:g}), "
                "or the arms do not separate"
            )
        return self


class MziParameters(CouplerParameters):
    """Two such couplers in a row; the lower of the straight arms between them is warmer by `arm_delta_t_k`."""

    arm_length_um: Length
    arm_delta_t_k: float = Field(ge=-200.0, le=400.0)
    dn_dt_per_k: IndexPerKelvin


class Coupler(Device):
    """Directional coupler; ports o1 (lower left), o2 (upper left), o3 (upper right), o4 (lower right)."""

    kind: Literal["coupler"]
    parameters: CouplerParameters


class Mzi(Device):
    """Mach–Zehnder interferometer, a node of a mesh; ports o1 … o4 as a coupler has them."""

    kind: Literal["mzi"]
    parameters: MziParameters
