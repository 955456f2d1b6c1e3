"""Fidelity: a name that fixes every numerical setting of a full-wave run."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from fdtd_onn.specs.base import Spec

FidelityName = Literal["draft", "standard", "reference"]


class Fidelity(Spec):
    """Numerical settings. Lengths in µm, resolutions in pixels per µm."""

    name: FidelityName
    resolution: int = Field(ge=8)
    coarse_resolution: int = Field(ge=8, description="second resolution, for the error estimate")
    pml_um: float = Field(gt=0.0)
    lead_um: float = Field(gt=0.0, description="straight guide between the source and the device, at every port")
    margin_um: float = Field(gt=0.0, description="cladding between the outermost core edge and the PML")
    settle_tolerance: float = Field(gt=0.0, description="change of S per round trip at which a run stops")


FIDELITIES: dict[FidelityName, Fidelity] = {
    f.name: f
    for f in (
        Fidelity(name="draft", resolution=20, coarse_resolution=16, pml_um=1.0, lead_um=1.0, margin_um=1.0,
                 settle_tolerance=1e-3),
        Fidelity(name="standard", resolution=28, coarse_resolution=20, pml_um=1.2, lead_um=1.5, margin_um=1.4,
                 settle_tolerance=1e-4),
        Fidelity(name="reference", resolution=48, coarse_resolution=32, pml_um=1.6, lead_um=2.0, margin_um=1.8,
                 settle_tolerance=1e-5),
    )
}
