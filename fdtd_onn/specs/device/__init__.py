"""Device specifications: one frozen model per kind of device, told apart by `kind`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, TypeAdapter

from fdtd_onn.specs.device.absorber import Absorber, LayerPlacement, StripPlacement
from fdtd_onn.specs.device.assembly import Assembly
from fdtd_onn.specs.device.couplers import Coupler, Mzi
from fdtd_onn.specs.device.drawing import Gds, GdsLayer
from fdtd_onn.specs.device.guides import Bend, PhaseShifter, SBend, Straight, StraightParameters, Taper
from fdtd_onn.specs.device.heater import Heater
from fdtd_onn.specs.device.junctions import Crossing, Mmi1x2, Mmi2x2, YBranch
from fdtd_onn.specs.device.taps import Aperture, GratingTap

AnyDevice = Annotated[
    Straight
    | Taper
    | SBend
    | Bend
    | Coupler
    | Mzi
    | Mmi1x2
    | Mmi2x2
    | YBranch
    | Crossing
    | PhaseShifter
    | Heater
    | Absorber
    | GratingTap
    | Gds
    | Assembly,
    Field(discriminator="kind"),
]
device_adapter: TypeAdapter[AnyDevice] = TypeAdapter(AnyDevice)

__all__ = [
    "Absorber",
    "AnyDevice",
    "Aperture",
    "Assembly",
    "Bend",
    "Coupler",
    "Crossing",
    "Gds",
    "GdsLayer",
    "GratingTap",
    "Heater",
    "LayerPlacement",
    "Mmi1x2",
    "Mmi2x2",
    "Mzi",
    "PhaseShifter",
    "SBend",
    "Straight",
    "StraightParameters",
    "StripPlacement",
    "Taper",
    "YBranch",
    "device_adapter",
]
