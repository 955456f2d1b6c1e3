"""What every device specification has, whatever its kind."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from fdtd_onn.errors import BadInput
from fdtd_onn.specs.base import Spec
from fdtd_onn.specs.materials import Materials, Stack

Length = Annotated[float, Field(gt=0.0, le=2000.0)]
Width = Annotated[float, Field(ge=0.1, le=20.0)]
Pitch = Annotated[float, Field(gt=0.0, le=50.0, description="distance between the guides' centres at the ports")]
IndexPerKelvin = Annotated[float, Field(ge=-1e-3, le=1e-3, description="of the core's (effective) index")]


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
    def _guides_over_the_band(self) -> Device:
        for where, used in (("materials", self.materials), ("stack", self.stack)):
            for wavelength in (self.wavelengths.start_um, self.centre_um, self.wavelengths.stop_um):
                if used is None:
                    continue
                core, cladding = _indices(where, used, wavelength, self.centre_um)
                if core <= cladding:
                    raise ValueError(
                        f"{where}.core's index ({core:.6g}) must exceed the cladding's ({cladding:.6g}), "
                        f"or nothing is guided at {wavelength:g} µm"
                    )
        return self

    @property
    def centre_um(self) -> float:
        """Middle of the wavelengths, where indices are given."""
        return 0.5 * (self.wavelengths.start_um + self.wavelengths.stop_um)

    def indices_at(self, wavelength_um: float) -> tuple[float, float]:
        """Refractive indices of core and cladding in a run: in a plane of `materials`, else of the stack."""
        if self.dimensions == 2:
            return _indices("materials", self.materials, wavelength_um, self.centre_um)
        return _indices("stack", self.stack_in_use, wavelength_um, self.centre_um)

    @property
    def is_dispersive(self) -> bool:
        """Whether an index of a run changes over the band."""
        return self.indices_at(self.wavelengths.start_um) != self.indices_at(self.wavelengths.stop_um)

    @property
    def stack_in_use(self) -> Stack:
        """The stack of a three-dimensional device."""
        if self.stack is None:
            raise ValueError(f"device {self.name!r} has no stack")
        return self.stack

    def parameter_names(self) -> tuple[str, ...]:
        """Names of the numbers under `[parameters]`, which can be replaced or swept, in the order of declaration."""
        return tuple(name for name, value in self.parameters if isinstance(value, float))  # type: ignore[attr-defined]

    def with_parameters(self, **values: float) -> Self:
        """The same device with some parameters replaced, validated anew."""
        data = self.model_dump(mode="json")
        data["parameters"].update(values)
        return type(self).model_validate(data)

    def family(self) -> tuple[Self, ...]:
        """The devices to characterise for the tunable model: one per tunable value, or just this one."""
        if self.tunable is None:
            return (self,)
        return tuple(self.with_parameters(**{self.tunable.parameter: v}) for v in self.tunable.values)

    def physics(self) -> dict[str, Any]:
        """Everything that changes the numbers of a run and nothing that does not (names, notes, sources)."""
        data = self.model_dump(mode="json", exclude={"name", "summary", "source", "tunable"})
        # Effective indices count in a plane only, the stack in three dimensions only.
        del data["stack" if self.dimensions == 2 else "materials"]
        used = data["materials" if self.dimensions == 2 else "stack"]
        # What a run takes of a material is its index at the wavelengths, wherever that was found.
        grid = self.wavelengths
        band = np.linspace(grid.start_um, grid.stop_um, grid.points) if self.is_dispersive else [self.centre_um]
        indices = [self.indices_at(float(wavelength)) for wavelength in [self.centre_um, *band]]
        used["core"], used["cladding"] = ([pair[k] for pair in indices] for k in (0, 1))
        return data


def _indices(where: str, used: Materials | Stack, wavelength_um: float, centre_um: float) -> tuple[float, float]:
    """Of core and cladding. Raises ValueError naming the material whose formula does not reach the wavelength."""
    try:
        return used.core.index_at(wavelength_um, centre_um), used.cladding.index_at(wavelength_um, centre_um)
    except BadInput as error:
        raise ValueError(f"{where}: {error}") from error
