"""What every device specification has, whatever its kind."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from fdtd_onn.specs.base import Spec
from fdtd_onn.specs.materials import Materials, Stack
from fdtd_onn.specs.process import MOST_VARIATIONS, Variation

Length = Annotated[float, Field(gt=0.0, le=2000.0)]
Width = Annotated[float, Field(ge=0.1, le=20.0)]
Pitch = Annotated[float, Field(gt=0.0, le=50.0, description="distance between the guides' centres at the ports")]
IndexPerKelvin = Annotated[float, Field(ge=-1e-3, le=1e-3, description="of the core's (effective) index")]
#: About the centre of the device's box: x → −x, y → −y, both, x ↔ y, and x ↔ −y.
Symmetry = Literal["x", "y", "rotation", "diagonal", "antidiagonal"]


class WavelengthGrid(Spec):
    """Evenly spaced vacuum wavelengths, both ends included."""

    start_um: float = Field(gt=0.2, lt=20.0)
    stop_um: float = Field(gt=0.2, lt=20.0)
    points: int = Field(ge=2, le=401)

    @model_validator(mode="after")
    def _ordered(self) -> WavelengthGrid:
        if self.stop_um <= self.start_um:
            raise ValueError(f"stop_um ({self.stop_um}) must be above start_um ({self.start_um})")
        return self


class Tunable(Spec):
    """The parameter that a compiled model keeps adjustable, and the values at which it is characterised."""

    parameter: str
    values: tuple[float, ...] = Field(min_length=2, max_length=32)

    @model_validator(mode="after")
    def _increasing(self) -> Tunable:
        if any(b <= a for a, b in pairwise(self.values)):
            raise ValueError(f"values must increase, got {list(self.values)}")
        return self


class Device(Spec):
    """What every device has; each kind adds its parameters."""

    name: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")
    summary: str = ""
    source: str = Field(min_length=1)
    polarization: Literal["te", "tm"]
    dimensions: int = Field(default=2, ge=2, le=3)
    materials: Materials
    stack: Stack | None = None
    wavelengths: WavelengthGrid
    tunable: Tunable | None = None
    symmetries: tuple[Symmetry, ...] = Field(default=(), max_length=5)
    process: tuple[Variation, ...] = Field(default=(), max_length=MOST_VARIATIONS)

    @model_validator(mode="after")
    def _tunable_names_a_parameter(self) -> Device:
        if self.tunable is not None and self.tunable.parameter not in self.parameter_names():
            raise ValueError(
                f"tunable.parameter {self.tunable.parameter!r} is not one of {', '.join(self.parameter_names())}"
            )
        return self

    @model_validator(mode="after")
    def _stack_where_needed(self) -> Device:
        if self.dimensions == 3 and self.stack is None:
            raise ValueError("dimensions = 3 needs a [stack]: thickness_um, and bulk materials for core and cladding")
        return self

    @model_validator(mode="after")
    def _process_moves_numbers(self) -> Device:
        if len({variation.name for variation in self.process}) < len(self.process):
            raise ValueError("every variation under process needs a name of its own")
        for variation in self.process:
            self.moved_data({key: 0.0 for key in variation.moves})
        return self

    @property
    def stack_in_use(self) -> Stack:
        """The stack of a three-dimensional device."""
        if self.stack is None:
            raise ValueError(f"device {self.name!r} has no stack")
        return self.stack

    def parameter_names(self) -> tuple[str, ...]:
        """Names of the numbers under `[parameters]`, which can be replaced or swept, in the order of declaration."""
        return tuple(name for name, value in self.parameters if isinstance(value, float))  # type: ignore[attr-defined]

    def features_um(self) -> dict[str, float]:
        """Widths and gaps, and in three dimensions the film's thickness: what the grid has to resolve, by key."""
        features = {}
        for name, value in self.parameters:  # type: ignore[attr-defined]
            if name.endswith(("width_um", "widths_um", "gap_um")):
                features[f"parameters.{name}"] = min(value) if isinstance(value, tuple) else value
        if self.dimensions == 3:
            features["stack.thickness_um"] = self.stack_in_use.thickness_um
        return features

    def with_parameters(self, **values: float) -> Self:
        """The same device with some parameters replaced, validated anew."""
        data = self.model_dump(mode="json")
        data["parameters"].update(values)
        return type(self).model_validate(data)

    def moved_data(self, amounts: Mapping[str, float]) -> dict[str, Any]:
        """The device's data with numbers changed by amounts, by key ("parameters.width_um"); ValueError if none is."""
        data = self.model_dump(mode="json")
        for key, amount in amounts.items():
            *tables, last = key.split(".")
            table: Any = data
            for name in tables:
                table = table.get(name) if isinstance(table, dict) else None
            if not isinstance(table, dict) or not isinstance(table.get(last), float):
                raise ValueError(f"process moves {key!r}, which is not the key of a number of this device")
            table[last] += amount
        return data

    def family(self) -> tuple[Self, ...]:
        """The devices to characterise for the tunable model: one per tunable value, or just this one."""
        if self.tunable is None:
            return (self,)
        return tuple(self.with_parameters(**{self.tunable.parameter: v}) for v in self.tunable.values)

    def physics(self) -> dict[str, Any]:
        """Everything that changes the numbers of a run and nothing that does not (names, notes, sources)."""
        data = self.model_dump(mode="json", exclude={"name", "summary", "source", "tunable", "symmetries", "process"})
        # Effective indices count in a plane only, the stack in three dimensions only.
        del data["stack" if self.dimensions == 2 else "materials"]
        used = data["materials" if self.dimensions == 2 else "stack"]
        for name in ("core", "cladding"):
            used[name].pop("note")
        return data
