"""What a film's thickness does to runs in the chip's plane, which know of the film by its slab index alone."""

from __future__ import annotations

from collections.abc import Mapping

from fdtd_onn.analytic.layered_slab import LayeredSlab, layered_slab_index
from fdtd_onn.analytic.slab import SlabField
from fdtd_onn.specs.device import AnyDevice
from fdtd_onn.specs.materials import Stack

THICKNESS = "stack.thickness_um"
SLAB_INDEX = "materials.core.index"


def with_slab_index(device: AnyDevice, amounts: Mapping[str, float]) -> dict[str, float]:
    """Amounts by key, the core's effective index following the stack's thickness where runs have no stack in them.

    It moves by what the closed form says of the stack's own film between its substrate and its cladding, at the
    band's centre. The index in the file stays the nominal one, wherever it came from.
    """
    moved = dict(amounts)
    if device.uses_stack or device.stack is None or THICKNESS not in moved:
        return moved
    # The chip's te has its field along the film, out of the plane of the slab's textbook.
    field: SlabField = "Ez" if device.polarization == "te" else "Hz"
    before, after = (
        layered_slab_index(_film(device.stack, added, device.centre_um), device.centre_um, field)
        for added in (0.0, moved[THICKNESS])
    )
    return moved | {SLAB_INDEX: moved.get(SLAB_INDEX, 0.0) + after - before}


def _film(stack: Stack, added_um: float, wavelength_um: float) -> LayeredSlab:
    at = {name: material.index_at(wavelength_um, wavelength_um) for name, material in stack.materials().items()}
    return LayeredSlab(stack.thickness_um + added_um, at["core"], at.get("substrate", at["cladding"]), at["cladding"])
