"""Guides with a metal strip above them that heats."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from fdtd_onn.specs.base import Spec
from fdtd_onn.specs.device.base import Device, IndexPerKelvin, Width

ThermalMaterial = Literal["Si", "SiO2", "Si3N4", "TiN", "Ti", "W", "Al"]
Layer = Annotated[float, Field(gt=0.0, le=20.0)]


class HeaterParameters(Spec):
    """A straight guide in oxide on a wafer, and the strip above its middle, from the wafer upwards.

    The film's thickness is that of the device's stack; the wafer's lower face is kept at a fixed temperature.
    """

    width_um: Width
    length_um: float = Field(ge=1.0, le=5000.0, description="of the heated section")
    wafer_um: float = Field(ge=1.0, le=2000.0)
    buried_oxide_um: Layer
    heater_distance_um: Layer = Field(description="from the guide's upper face to the heater's lower one")
    heater_thickness_um: float = Field(ge=0.02, le=5.0)
    heater_width_um: Width
    cover_um: Layer = Field(description="oxide above the heater")
    convection_w_per_m2_k: float = Field(ge=0.0, le=1e6, description="to the air above; 0: none")
    dn_dt_core_per_k: IndexPerKelvin
    dn_dt_cladding_per_k: IndexPerKelvin
    loss_db_per_cm: float = Field(ge=0.0, le=1000.0, description="propagation loss of the guide")


class ThermalMaterials(Spec):
    """What conducts the heat, by name."""

    wafer: ThermalMaterial
    core: ThermalMaterial
    cladding: ThermalMaterial
    heater: ThermalMaterial


class Heater(Device):
    """Guide under a heater, from electrical power to phase; ports o1 (left), o2 (right)."""

    kind: Literal["heater"]
    parameters: HeaterParameters
    thermal: ThermalMaterials

    @model_validator(mode="after")
    def _in_three_dimensions(self) -> Heater:
        if self.dimensions != 3:
            raise ValueError("a heater's guide is solved in its cross-section: it needs dimensions = 3 and a [stack]")
        if self.tunable is not None:
            raise ValueError("a heater is driven by its power, which its model keeps adjustable: leave out [tunable]")
        return self

    @model_validator(mode="after")
    def _on_a_strip(self) -> Heater:
        stack = self.stack_in_use
        others = (stack.substrate, stack.wafer, stack.overlay_um)
        if (stack.slab_um, stack.sidewall_deg) != (0.0, 0.0) or others != (None, None, None):
            raise ValueError(
                "heat is solved for a strip with upright walls in one cladding: leave slab_um, sidewall_deg, "
                "substrate, wafer, box_um and overlay_um out of [stack]; wafer and oxide are under [parameters]"
            )
        return self

    @model_validator(mode="after")
    def _of_one_mode_without_dispersion(self) -> Heater:
        if self.modes:
            raise ValueError("a heater's phase is that of the fundamental mode: leave [modes] out")
        if self.is_dispersive:
            raise ValueError(
                "a heater's guide is solved with the indices at the band's centre: set dispersion = 'constant', or "
                "leave dn_dlambda_per_um out of [stack]"
            )
        return self
