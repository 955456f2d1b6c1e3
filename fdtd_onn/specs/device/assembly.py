"""Devices placed port to port in one drawing."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from fdtd_onn.specs.base import Spec
from fdtd_onn.specs.device.base import Device
from fdtd_onn.specs.device.couplers import Coupler, Mzi
from fdtd_onn.specs.device.guides import PhaseShifter, SBend, Straight
from fdtd_onn.specs.device.taps import GratingTap

#: Devices whose guides all end along x.
PartDevice = Annotated[Straight | SBend | PhaseShifter | Coupler | Mzi | GratingTap, Field(discriminator="kind")]
Place = Annotated[float, Field(ge=-1e5, le=1e5)]


class Part(Spec):
    """A device, and where the middle of its box is.

    monitored: whether runs read the waves in its middle, both ways; only of a straight guide.
    """

    device: PartDevice
    x_um: Place
    y_um: Place
    monitored: bool = False

    @model_validator(mode="after")
    def _monitored_where_one_mode_runs(self) -> Part:
        if self.monitored and not isinstance(self.device, Straight):
            raise ValueError(f"only a straight guide can be monitored, not a {self.device.kind}")
        return self


class AssemblyParameters(Spec):
    """The parts, in any order."""

    parts: tuple[Part, ...] = Field(min_length=1, max_length=10_000)


class Assembly(Device):
    """Devices joined port to port; ports that are left open are o1, o2, … clockwise from the lower left."""

    kind: Literal["assembly"]
    parameters: AssemblyParameters

    @model_validator(mode="after")
    def _of_one_film(self) -> Assembly:
        for number, part in enumerate(self.parameters.parts):
            device = part.device
            film = "stack" if self.uses_stack else "materials"
            if device.polarization != self.polarization or getattr(device, film) != getattr(self, film):
                raise ValueError(
                    f"parameters.parts[{number}] ({device.name}) must have the polarization and {film} of the "
                    "assembly: it is drawn in the same film"
                )
        return self

    def features_um(self) -> dict[str, float]:
        """Of all parts."""
        found: dict[str, float] = {}
        for part in self.parameters.parts:
            for name, size in part.device.features_um().items():
                found[name] = min(size, found.get(name, size))
        return found

    def physics(self) -> dict[str, Any]:
        """As for every device; a part counts by its kind, its parameters and its place."""
        data = super().physics()
        data["parameters"] = [
            {**part.model_dump(mode="json", include={"x_um", "y_um", "monitored"})}
            | {"kind": part.device.kind, **part.device.parameters.model_dump(mode="json")}
            for part in self.parameters.parts
        ]
        return data
