"""Where the absorbing matter lies across the guide, and grids on whose lines its edges fall."""

from __future__ import annotations

from dataclasses import dataclass

from fdtd_onn.specs.device import Absorber, LayerPlacement, StripPlacement


@dataclass(frozen=True)
class Patch:
    """A rectangle of absorbing matter in the plane of the run, in the device's own coordinates.

    low_um, high_um: its edges across the guide. height_um: of the guide out of the plane, over which the field is
    taken as even. fewest: pixels across that it must have.
    """

    low_um: float
    high_um: float
    length_um: float
    height_um: float
    index: float
    fewest: int

    @property
    def width_um(self) -> float:
        """From edge to edge, across the guide."""
        return self.high_um - self.low_um


def patch_of(device: Absorber) -> Patch:
    """The absorbing matter of a section."""
    p, placement = device.parameters, device.placement
    if isinstance(placement, StripPlacement):
        low, high = (placement.offset_um + side * placement.width_um for side in (-0.5, 0.5))
        return Patch(low, high, p.length_um, p.thickness_um, placement.index, 2)
    if isinstance(placement, LayerPlacement):
        top = device.stack_in_use.thickness_um
        return Patch(top, top + placement.thickness_um, p.length_um, p.width_um, placement.index, 2)
    half = 0.5 * p.width_um
    return Patch(-half, half, p.length_um, p.thickness_um, device.materials.core.index, 4)


def aligned_resolution(device: Absorber, wanted: float) -> float:
    """The resolution nearest to the wanted one at which the absorbing matter is an even number of pixels wide.

    Then its edges run between rows of populations, every row is either all inside or all outside, and no atom answers
    to a population that lies half outside.
    """
    patch = patch_of(device)
    return 2 * max(patch.fewest // 2, round(0.5 * wanted * patch.width_um)) / patch.width_um
