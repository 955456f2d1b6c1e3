"""Device specifications: one frozen model per kind of device, told apart by `kind`."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, model_validator

from fdtd_onn.specs.base import Spec
from fdtd_onn.specs.materials import Materials, Stack

Length = Annotated[float, Field(gt=0.0, le=2000.0)]
Width = Annotated[float, Field(ge=0.1, le=20.0)]


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
    """What every device has; the kinds below add their parameters."""

    name: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")
    summary: str = ""
    source: str = Field(min_length=1)
    polarization: Literal["te", "tm"]
    dimensions: Literal[2, 3] = 2
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

    @property
    def stack_in_use(self) -> Stack:
        """The stack of a three-dimensional device."""
        if self.stack is None:
            raise ValueError(f"device {self.name!r} has no stack")
        return self.stack

    def parameter_names(self) -> tuple[str, ...]:
        """Names under `[parameters]`, in the order of their declaration."""
        return tuple(type(self.parameters).model_fields)  # type: ignore[attr-defined]

    def with_parameters(self, **values: float) -> AnyDevice:
        """The same device with some parameters replaced, validated anew."""
        data = self.model_dump(mode="json")
        data["parameters"].update(values)
        return device_adapter.validate_python(data)

    def family(self) -> tuple[AnyDevice, ...]:
        """The devices to characterise for the tunable model: one per tunable value, or just this one."""
        if self.tunable is None:
            return (self,)  # type: ignore[return-value]
        return tuple(self.with_parameters(**{self.tunable.parameter: v}) for v in self.tunable.values)

    def physics(self) -> dict[str, Any]:
        """Everything that changes the numbers of a run and nothing that does not (names, notes, sources)."""
        data = self.model_dump(mode="json", exclude={"name", "summary", "source", "tunable"})
        if self.dimensions == 2:
            del data["stack"]
        for material in (*data["materials"].values(), *_materials_of(data.get("stack"))):
            material.pop("note")
        return data


def _materials_of(stack: dict[str, Any] | None) -> list[dict[str, Any]]:
    return [] if stack is None else [stack["core"], stack["cladding"]]


class StraightParameters(Spec):
    """A straight guide."""

    width_um: Width
    length_um: Length


class SBendParameters(Spec):
    """A guide shifted sideways along a path of continuous curvature."""

    width_um: Width
    length_um: Length
    offset_um: float = Field(gt=-100.0, lt=100.0)


class CouplerParameters(Spec):
    """Two equal guides brought together by S-bends, parallel over `length_um`, and apart again."""

    width_um: Width
    gap_um: float = Field(ge=0.05, le=2.0)
    length_um: float = Field(ge=0.0, le=500.0)
    bend_length_um: Length
    pitch_um: float = Field(gt=0.0, le=50.0, description="distance between the guides' centres at the ports")

    @model_validator(mode="after")
    def _pitch_above_gap(self) -> CouplerParameters:
        if self.pitch_um <= self.width_um + self.gap_um:
            raise ValueError(
                f"pitch_um ({self.pitch_um}) must exceed width_um + gap_um ({self.width_um + self.gap_um:g}), "
                "or the arms do not separate"
            )
        return self


class PhaseShifterParameters(Spec):
    """A straight guide whose core is warmer by `delta_t_k` over `length_um`."""

    width_um: Width
    length_um: Length
    delta_t_k: float = Field(ge=-200.0, le=400.0)
    dn_dt_per_k: float = Field(ge=-1e-3, le=1e-3, description="of the core's (effective) index")


class AbsorberParameters(Spec):
    """A straight guide whose core is a two-level saturable absorber over `length_um`."""

    width_um: Width
    length_um: Length
    thickness_um: float = Field(gt=0.0, le=10.0, description="of the guide, out of the plane: turns W/µm into W")
    absorption_per_um: float = Field(gt=0.0, le=1.0, description="small-signal power absorption of the core material")
    nonsaturable_absorption_per_um: float = Field(ge=0.0, le=1.0)
    saturation_intensity_mw_per_um2: float = Field(gt=0.0)
    linewidth_thz: float = Field(gt=0.0, le=50.0, description="full width at half maximum of the absorption line")
    relaxation_periods: float = Field(
        ge=5.0, le=1000.0, description="lifetime in the run at low power, in optical periods; only steady state is read"
    )


class SaturationSweep(Spec):
    """Pump powers to run, as the ratio of the incident power to the material's saturation power in the guide."""

    pump_over_saturation: tuple[float, ...] = Field(min_length=4, max_length=64)
    probe_over_saturation: float = Field(gt=0.0, le=0.01)
    wavelength_um: float = Field(gt=0.2, lt=20.0)

    @model_validator(mode="after")
    def _increasing_and_positive(self) -> SaturationSweep:
        p = self.pump_over_saturation
        if p[0] <= 0 or any(b <= a for a, b in pairwise(p)):
            raise ValueError(f"pump_over_saturation must be positive and increase, got {list(p)}")
        return self


class Straight(Device):
    """Straight guide; ports o1 (left), o2 (right)."""

    kind: Literal["straight"]
    parameters: StraightParameters


class SBend(Device):
    """S-bend; ports o1 (left), o2 (right)."""

    kind: Literal["s_bend"]
    parameters: SBendParameters


class Coupler(Device):
    """Directional coupler; ports o1 (lower left), o2 (upper left), o3 (upper right), o4 (lower right)."""

    kind: Literal["coupler"]
    parameters: CouplerParameters


class PhaseShifter(Device):
    """Heated straight section; ports o1 (left), o2 (right)."""

    kind: Literal["phase_shifter"]
    parameters: PhaseShifterParameters


class Absorber(Device):
    """Saturable-absorber section; ports o1 (left), o2 (right)."""

    kind: Literal["absorber"]
    parameters: AbsorberParameters
    saturation: SaturationSweep


AnyDevice = Annotated[
    Straight | SBend | Coupler | PhaseShifter | Absorber,
    Field(discriminator="kind"),
]
device_adapter: TypeAdapter[AnyDevice] = TypeAdapter(AnyDevice)
