"""Fidelity: a name that fixes every numerical setting of a full-wave run."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from fdtd_onn.errors import BadInput
from fdtd_onn.specs.base import Spec
from fdtd_onn.specs.device import Absorber, AnyDevice, GratingTap

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
    floor: float = Field(
        gt=0.0,
        description="what absorbing layers return, in |S|: a straight guide's reflection, rounded up; changes no run",
    )


def _table(*rows: Fidelity) -> dict[FidelityName, Fidelity]:
    return {row.name: row for row in rows}


#: For linear devices: broadband pulses, wide margins for what radiates.
FIDELITIES = _table(
    Fidelity(
        name="draft",
        resolution=20,
        coarse_resolution=16,
        pml_um=1.0,
        lead_um=1.0,
        margin_um=1.0,
        settle_tolerance=1e-3,
        floor=1e-4,
    ),
    Fidelity(
        name="standard",
        resolution=28,
        coarse_resolution=20,
        pml_um=1.0,
        lead_um=1.2,
        margin_um=1.2,
        settle_tolerance=1e-4,
        floor=3e-5,
    ),
    Fidelity(
        name="reference",
        resolution=48,
        coarse_resolution=32,
        pml_um=1.6,
        lead_um=2.0,
        margin_um=1.8,
        settle_tolerance=1e-5,
        floor=1e-5,
    ),
)

#: For taps in an upright plane, whose cells are small: what few shallow grooves reflect is resolved to −50 dB at
#: standard.
TAP_FIDELITIES = FIDELITIES | {
    "standard": FIDELITIES["standard"].model_copy(update={"resolution": 36, "coarse_resolution": 26})
}

#: For linear devices in three dimensions.
VOLUME_FIDELITIES = _table(
    Fidelity(
        name="draft",
        resolution=20,
        coarse_resolution=16,
        pml_um=0.6,
        lead_um=0.8,
        margin_um=0.8,
        settle_tolerance=1e-3,
        floor=5e-4,
    ),
    Fidelity(
        name="standard",
        resolution=28,
        coarse_resolution=20,
        pml_um=0.8,
        lead_um=1.0,
        margin_um=1.0,
        settle_tolerance=1e-4,
        floor=3e-4,
    ),
    Fidelity(
        name="reference",
        resolution=40,
        coarse_resolution=28,
        pml_um=1.0,
        lead_um=1.2,
        margin_um=1.2,
        settle_tolerance=1e-5,
        floor=1e-4,
    ),
)

#: For absorber sections: one wavelength in one straight guide, nothing radiates, and every pixel costs six times more.
ABSORBER_FIDELITIES = _table(
    Fidelity(
        name="draft",
        resolution=20,
        coarse_resolution=16,
        pml_um=0.5,
        lead_um=0.6,
        margin_um=0.7,
        settle_tolerance=1e-3,
        floor=1e-4,
    ),
    Fidelity(
        name="standard",
        resolution=32,
        coarse_resolution=24,
        pml_um=0.5,
        lead_um=0.6,
        margin_um=0.7,
        settle_tolerance=1e-3,
        floor=1e-4,
    ),
    Fidelity(
        name="reference",
        resolution=48,
        coarse_resolution=36,
        pml_um=1.0,
        lead_um=1.2,
        margin_um=1.2,
        settle_tolerance=1e-4,
        floor=1e-4,
    ),
)

#: For absorber sections in three dimensions, the dearest of all. Resolutions such that films of 220 to 250 nm, which
#: take an even number of pixels, have two more of them on the finer grid.
ABSORBER_VOLUME_FIDELITIES = _table(
    Fidelity(
        name="draft",
        resolution=24,
        coarse_resolution=16,
        pml_um=0.4,
        lead_um=0.4,
        margin_um=0.6,
        settle_tolerance=1e-3,
        floor=3e-3,
    ),
    Fidelity(
        name="standard",
        resolution=36,
        coarse_resolution=26,
        pml_um=0.6,
        lead_um=0.6,
        margin_um=0.8,
        settle_tolerance=1e-3,
        floor=5e-4,
    ),
    Fidelity(
        name="reference",
        resolution=46,
        coarse_resolution=36,
        pml_um=0.8,
        lead_um=0.8,
        margin_um=1.0,
        settle_tolerance=1e-4,
        floor=3e-4,
    ),
)


def settings_of(device: AnyDevice, name: FidelityName) -> Fidelity:
    """The numerical settings behind a name, for this kind of device. Raises BadInput for an unknown name."""
    if name not in FIDELITIES:
        raise BadInput("fidelity", f"one of {', '.join(FIDELITIES)}", repr(name), "Choose one of these.")
    if isinstance(device, Absorber):
        return (ABSORBER_VOLUME_FIDELITIES if device.dimensions == 3 else ABSORBER_FIDELITIES)[name]
    if device.dimensions == 3:
        return VOLUME_FIDELITIES[name]
    return (TAP_FIDELITIES if isinstance(device, GratingTap) else FIDELITIES)[name]
