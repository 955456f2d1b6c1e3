"""Saturable-absorber sections."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from fdtd_onn.specs.base import Spec
from fdtd_onn.specs.device.base import Device, Length, Width
from fdtd_onn.units import SPEED_OF_LIGHT_UM_PER_S

#: A frequency of 1 THz in units of 1/µm.
PER_UM_PER_THZ = 1e12 / SPEED_OF_LIGHT_UM_PER_S


class CorePlacement(Spec):
    """The guide's core itself absorbs."""

    kind: Literal["core"]


class StripPlacement(Spec):
    """A strip along the guide absorbs, inside or beside the core or across its edge; it displaces what it covers.

    In space it is as thick as the guide.
    """

    kind: Literal["strip"]
    width_um: float = Field(gt=0.0, le=20.0)
    offset_um: float = Field(ge=-20.0, le=20.0, description="of the strip's middle from the guide's")
    index: float = Field(
        ge=1.0, le=6.0, description="of the strip; in the chip's plane its effective index, in space its bulk one"
    )


class LayerPlacement(Spec):
    """A film on top of the core absorbs, as wide as the guide; in two dimensions it is run in the plane xz."""

    kind: Literal["layer"]
    thickness_um: float = Field(gt=0.0, le=2.0)
    index: float = Field(ge=1.0, le=6.0)


Placement = Annotated[CorePlacement | StripPlacement | LayerPlacement, Field(discriminator="kind")]


class AbsorberParameters(Spec):
    """A straight guide with two-level saturable matter over `length_um`, where `placement` says."""

    width_um: Width
    length_um: Length
    thickness_um: float = Field(gt=0.0, le=10.0, description="of the guide, out of the plane: turns W/µm into W")
    absorption_per_um: float = Field(
        gt=0.0, le=1.0, description="small-signal power absorption of the absorbing matter"
    )
    nonsaturable_absorption_per_um: float = Field(ge=0.0, le=1.0)
    saturation_intensity_mw_per_um2: float = Field(gt=0.0)
    linewidth_thz: float = Field(gt=0.0, le=50.0, description="full width at half maximum of the absorption line")
    detuning_thz: float = Field(default=0.0, ge=-50.0, le=50.0, description="of the light, above the line's centre")
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


class Absorber(Device):
    """Saturable-absorber section; ports o1 (left), o2 (right)."""

    kind: Literal["absorber"]
    placement: Placement = CorePlacement(kind="core")
    parameters: AbsorberParameters
    saturation: SaturationSweep

    @model_validator(mode="after")
    def _in_its_plane(self) -> Absorber:
        plane = "xz" if self.placement.kind == "layer" and self.dimensions == 2 else "xy"
        if (self.polarization, self.plane) != ("te", plane):
            raise ValueError(
                f"an absorber with placement {self.placement.kind!r} is simulated with polarization = 'te', in two "
                f"dimensions in the plane {'xz' if self.placement.kind == 'layer' else 'xy'} only, got "
                f"{self.polarization!r} and {self.dimensions} dimensions in {self.plane}"
            )
        if self.modes:
            raise ValueError("an absorber is simulated with its fundamental mode only: leave [modes] out")
        return self

    @model_validator(mode="after")
    def _upright_faces(self) -> Absorber:
        """Atoms fill whole pixels: a box whose faces lie on lines of the grid."""
        if self.dimensions == 2:
            return self
        if self.stack_in_use.sidewall_deg:
            raise ValueError(
                f"an absorber in three dimensions has upright walls, got stack.sidewall_deg = "
                f"{self.stack_in_use.sidewall_deg:g}: its atoms fill whole pixels of the grid; leave it out"
            )
        if self.stack_in_use.slab_um and self.placement.kind != "layer":
            raise ValueError(
                f"absorbing matter in or beside the core is run in strip guides only, got stack.slab_um = "
                f"{self.stack_in_use.slab_um:g}: where in the slab it ends would be open; set it to 0"
            )
        return self

    @model_validator(mode="after")
    def _film_under_the_overlay(self) -> Absorber:
        if not (self.uses_stack and isinstance(self.placement, LayerPlacement)):
            return self
        overlay, thickness = self.stack_in_use.overlay_um, self.placement.thickness_um
        if overlay is not None and overlay < thickness:
            raise ValueError(
                f"the film on the core (placement.thickness_um = {thickness:g}) must end within the cladding above it, "
                f"got stack.overlay_um = {overlay:g}"
            )
        return self

    @model_validator(mode="after")
    def _one_thickness(self) -> Absorber:
        if self.uses_stack and self.stack_in_use.thickness_um != self.parameters.thickness_um:
            raise ValueError(
                f"parameters.thickness_um ({self.parameters.thickness_um:g}) and stack.thickness_um "
                f"({self.stack_in_use.thickness_um:g}) are the same film's: give both the same value"
            )
        return self

    @model_validator(mode="after")
    def _film_varies_as_one(self) -> Absorber:
        keys = ("parameters.thickness_um", "stack.thickness_um")
        for variation in self.process if self.stack is not None else ():
            amounts = [variation.moves.get(key, 0.0) for key in keys]
            if amounts[0] != amounts[1]:
                raise ValueError(
                    f"process {variation.name!r} must move {keys[0]} and {keys[1]} alike: they are one film's"
                )
        return self

    @property
    def line_frequency(self) -> float:
        """Frequency of the absorption line's centre, in 1/µm."""
        return 1.0 / self.saturation.wavelength_um - self.parameters.detuning_thz * PER_UM_PER_THZ

    @property
    def linewidth(self) -> float:
        """Full width at half maximum of the absorption line, in 1/µm."""
        return self.parameters.linewidth_thz * PER_UM_PER_THZ

    def detuning(self, frequency: float) -> float:
        """δ of light of a frequency in 1/µm, in half widths of the line: weak light is absorbed as 1/(1 + δ²).

        Of the oscillator, δ = (f² − f₀²)/(f·linewidth), which near the line is 2(f − f₀)/linewidth.
        """
        return (frequency**2 - self.line_frequency**2) / (frequency * self.linewidth)

    @model_validator(mode="after")
    def _without_dispersion(self) -> Absorber:
        if self.is_dispersive:
            raise ValueError(
                "an absorber takes no dn_dlambda_per_um: it is run at one wavelength, where the index is all that "
                "counts, and its two-level matter brings the dispersion of the absorption line"
            )
        return self
