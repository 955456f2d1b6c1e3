"""What every device specification has, whatever its kind."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from fdtd_onn.errors import BadInput
from fdtd_onn.specs.base import Spec
from fdtd_onn.specs.materials import Materials, Stack
from fdtd_onn.specs.process import MOST_VARIATIONS, Variation

#: Of a two-dimensional run: the chip's own, or an upright one along the guide.
Plane = Literal["xy", "xz"]
Length = Annotated[float, Field(gt=0.0, le=2000.0)]
Width = Annotated[float, Field(ge=0.1, le=20.0)]
Pitch = Annotated[float, Field(gt=0.0, le=50.0, description="distance between the guides' centres at the ports")]
ModeName = Annotated[
    str,
    Field(
        pattern=r"^t[em](0|[1-9][0-9]?)$", description="a mode: te0, te1, … by falling effective index, or tm0, tm1, …"
    ),
]
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
    """What every device has; each kind adds its parameters.

    modes: by port, the modes that S counts there; a port that is not named has the fundamental one of `polarization`.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")
    summary: str = ""
    source: str = Field(min_length=1)
    polarization: Literal["te", "tm"]
    dimensions: int = Field(default=2, ge=2, le=3)
    plane: Plane = Field(default="xy", description="of runs in two dimensions; z is up, out of the chip")
    materials: Materials
    stack: Stack | None = None
    wavelengths: WavelengthGrid
    tunable: Tunable | None = None
    symmetries: tuple[Symmetry, ...] = Field(default=(), max_length=5)
    process: tuple[Variation, ...] = Field(default=(), max_length=MOST_VARIATIONS)
    modes: dict[str, tuple[ModeName, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _tunable_names_a_parameter(self) -> Device:
        if self.tunable is not None and self.tunable.parameter not in self.parameter_names():
            raise ValueError(
                f"tunable.parameter {self.tunable.parameter!r} is not one of {', '.join(self.parameter_names())}"
            )
        return self

    @model_validator(mode="after")
    def _stack_where_needed(self) -> Device:
        if self.dimensions == 3 and self.plane == "xz":
            raise ValueError("plane = 'xz' is that of a run in two dimensions, not in 3")
        if self.uses_stack and self.stack is None:
            what = "dimensions = 3" if self.dimensions == 3 else "plane = 'xz'"
            raise ValueError(f"{what} needs a [stack]: thickness_um, and bulk materials for core and cladding")
        return self

    @model_validator(mode="after")
    def _modes_of_the_run(self) -> Device:
        for port, names in self.modes.items():
            if not names or len(set(names)) < len(names):
                raise ValueError(f"modes.{port} must name one mode or more, each once, got {list(names)}")
            strange = [name for name in names if name[:2] != self.polarization]
            if self.dimensions == 2 and strange:
                raise ValueError(
                    f"modes.{port} names {', '.join(strange)}, but a two-dimensional run has modes of the device's "
                    f"polarization only, {self.polarization!r}: modes of both kinds need dimensions = 3"
                )
        return self

    @model_validator(mode="after")
    def _guides_over_the_band(self) -> Device:
        for where, used in (("materials", self.materials), ("stack", self.stack)):
            for wavelength in (self.wavelengths.start_um, self.centre_um, self.wavelengths.stop_um):
                if used is None:
                    continue
                core, *others = _indices(where, used, wavelength, self.centre_um).items()
                for name, index in others:
                    # A wafer is out of the guided light's reach: it may be of the core's material.
                    if name != "wafer" and core[1] <= index:
                        raise ValueError(
                            f"{where}.core's index ({core[1]:.6g}) must exceed the {name}'s ({index:.6g}), "
                            f"or nothing is guided at {wavelength:g} µm"
                        )
        return self

    @model_validator(mode="after")
    def _process_moves_numbers(self) -> Device:
        if len({variation.name for variation in self.process}) < len(self.process):
            raise ValueError("every variation under process needs a name of its own")
        for variation in self.process:
            self.moved_data({key: 0.0 for key in variation.moves})
        return self

    @property
    def centre_um(self) -> float:
        """Middle of the wavelengths, where indices are given."""
        return 0.5 * (self.wavelengths.start_um + self.wavelengths.stop_um)

    def indices_at(self, wavelength_um: float) -> dict[str, float]:
        """Refractive indices of a run, the core first: of `materials` in the chip's plane, else of the stack."""
        if self.uses_stack:
            return _indices("stack", self.stack_in_use, wavelength_um, self.centre_um)
        return _indices("materials", self.materials, wavelength_um, self.centre_um)

    @property
    def is_dispersive(self) -> bool:
        """Whether an index of a run changes over the band."""
        return self.indices_at(self.wavelengths.start_um) != self.indices_at(self.wavelengths.stop_um)

    @property
    def default_mode(self) -> str:
        """The fundamental mode of the device's polarisation, which every port has unless `modes` says otherwise."""
        return f"{self.polarization}0"

    @property
    def uses_stack(self) -> bool:
        """Whether runs have the films of the stack in them, or the effective indices of `materials`."""
        return self.dimensions == 3 or self.plane == "xz"

    @property
    def stack_in_use(self) -> Stack:
        """The stack of a device whose runs have it in them."""
        if self.stack is None:
            raise ValueError(f"device {self.name!r} has no stack")
        return self.stack

    def parameter_names(self) -> tuple[str, ...]:
        """Names of the numbers under `[parameters]`, which can be replaced or swept, in the order of declaration."""
        return tuple(name for name, value in self.parameters if isinstance(value, float))  # type: ignore[attr-defined]

    def features_um(self) -> dict[str, float]:
        """Widths and gaps, and the films of the stack where runs have them: what the grid has to resolve, by key."""
        features = {}
        for name, value in self.parameters:  # type: ignore[attr-defined]
            if name.endswith(("width_um", "widths_um", "gap_um")):
                features[f"parameters.{name}"] = min(value) if isinstance(value, tuple) else value
        if self.uses_stack:
            stack = self.stack_in_use
            films = {"thickness_um": stack.thickness_um, "slab_um": stack.slab_um}
            features |= {f"stack.{name}": size for name, size in films.items() if size > 0.0}
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
        # Effective indices count in the plane of the chip only, the stack everywhere else only.
        used = data["stack" if self.uses_stack else "materials"]
        del data["materials" if self.uses_stack else "stack"]
        # What a run takes of a material is its index at the wavelengths, wherever that was found.
        grid = self.wavelengths
        band = np.linspace(grid.start_um, grid.stop_um, grid.points) if self.is_dispersive else [self.centre_um]
        indices = [self.indices_at(float(wavelength)) for wavelength in [self.centre_um, *band]]
        used |= {name: [at[name] for at in indices] for name in indices[0]}
        data["modes"] = {port: list(names) for port, names in self.modes.items() if names != (self.default_mode,)}
        return data


def _indices(where: str, used: Materials | Stack, wavelength_um: float, centre_um: float) -> dict[str, float]:
    """By material, the core first. Raises ValueError naming a material whose formula does not reach the wavelength."""
    try:
        return {name: material.index_at(wavelength_um, centre_um) for name, material in used.materials().items()}
    except BadInput as error:
        # The sentence around it has a full stop of its own.
        raise ValueError(f"{where}: {error}".removesuffix(".")) from error
