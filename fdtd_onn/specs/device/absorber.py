"""Saturable-absorber sections."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

from pydantic import Field, model_validator

from fdtd_onn.specs.base import Spec
from fdtd_onn.specs.device.base import Device, Length, Width


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


class Absorber(Device):
    """Saturable-absorber section; ports o1 (left), o2 (right)."""

    kind: Literal["absorber"]
    parameters: AbsorberParameters
    saturation: SaturationSweep

    @model_validator(mode="after")
    def _in_a_plane_with_hz(self) -> Absorber:
        if (self.polarization, self.dimensions, self.plane) != ("te", 2, "xy"):
            raise ValueError(
                "an absorber is simulated with polarization = 'te' and dimensions = 2 in the plane xy only, "
                f"got {self.polarization!r} and {self.dimensions} in {self.plane}"
            )
        if self.modes:
            raise ValueError("an absorber is simulated with its fundamental mode only: leave [modes] out")
        return self

    @model_validator(mode="after")
    def _without_dispersion(self) -> Absorber:
        if self.is_dispersive:
            raise ValueError(
                "an absorber takes no dn_dlambda_per_um: it is run at one wavelength, where the index is all that "
                "counts, and its two-level matter brings the dispersion of the absorption line"
            )
        return self
