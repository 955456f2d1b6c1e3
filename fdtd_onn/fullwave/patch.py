"""Where the absorbing matter lies across the guide, and grids on whose lines its edges fall."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log

from fdtd_onn.errors import BadInput
from fdtd_onn.geometry.shapes import Range
from fdtd_onn.specs.device import Absorber, LayerPlacement, StripPlacement

# In space: how far, in pixels, the matter's edge may be from a line of the grid, and the resolution, as a factor, from
# the one that was wanted.
_OFF_LINE = 0.02
_FARTHEST = 1.5


@dataclass(frozen=True)
class Patch:
    """A rectangle of absorbing matter across the guide, in the device's own coordinates.

    spans_um: its edges along the axes of the run: y, or z in the upright plane, or y and z in space. area_um2: of the
    section that they stand for: in a plane the field is taken as even over the guide's height (or width).
    fewest: pixels that it must have along each.
    """

    spans_um: tuple[Range, ...]
    length_um: float
    area_um2: float
    index: float
    fewest: tuple[int, ...]

    @property
    def lows_um(self) -> tuple[float, ...]:
        """Lower edges."""
        return tuple(low for low, _ in self.spans_um)

    @property
    def sizes_um(self) -> tuple[float, ...]:
        """From edge to edge; the last one is what lies on an even number of pixels."""
        return tuple(high - low for low, high in self.spans_um)


def patch_of(device: Absorber) -> Patch:
    """The absorbing matter of a section."""
    p, placement = device.parameters, device.placement
    across, film, index, fewest = _centred(p.width_um), (0.0, p.thickness_um), _core_index(device), 4
    if isinstance(placement, StripPlacement):
        low, high = (placement.offset_um + side * placement.width_um for side in (-0.5, 0.5))
        across, index, fewest = (low, high), placement.index, 2
    elif isinstance(placement, LayerPlacement):
        film, index, fewest = (p.thickness_um, p.thickness_um + placement.thickness_um), placement.index, 2
    area = (across[1] - across[0]) * (film[1] - film[0])
    if device.dimensions == 3:
        return Patch((across, film), p.length_um, area, index, (2, fewest))
    return Patch((film if device.plane == "xz" else across,), p.length_um, area, index, (fewest,))


def aligned_resolution(device: Absorber, wanted: float) -> float:
    """The resolution nearest to the wanted one at which the absorbing matter is an even number of pixels wide.

    Then its edges run between rows of populations, every row is either all inside or all outside, and no atom answers
    to a population that lies half outside. In space the number upwards is even, and the one across is whole.
    Raises BadInput for a section in space for which no resolution near the wanted one does that.
    """
    patch = patch_of(device)
    *across, up = patch.sizes_um
    if across:
        return _aligned_in_space(device, patch, wanted)
    return 2 * max(patch.fewest[-1] // 2, round(0.5 * wanted * up)) / up


def _aligned_in_space(device: Absorber, patch: Patch, wanted: float) -> float:
    (width, height), (fewest_across, fewest_up) = patch.sizes_um, patch.fewest
    lowest, highest = wanted / _FARTHEST, wanted * _FARTHEST
    pairs = range(max(fewest_up // 2, ceil(0.5 * lowest * height)), floor(0.5 * highest * height) + 1)
    fitting = [
        resolution
        for resolution in (2 * pair / height for pair in pairs)
        if abs(resolution * width - round(resolution * width)) <= _OFF_LINE
        and round(resolution * width) >= fewest_across
    ]
    if fitting:
        return min(fitting, key=lambda resolution: abs(log(resolution / wanted)))
    fits = 0.5 * height * max(1, round(2 * width / height))
    cure = f"Thicken it to {fewest_up / highest:.3g} µm at least" if not pairs else f"Choose a width of {fits:g} µm"
    raise BadInput(
        f"{device.name}: absorbing matter of {width:g} × {height:g} µm across the guide",
        f"a width of whole pixels, and a height of an even number of them ({fewest_up} at least), at {lowest:.3g} to "
        f"{highest:.3g} px/µm",
        "no such grid: the engine's pixels are cubes, and atoms fill whole ones",
        f"{cure}, or another fidelity.",
    )


def _centred(width_um: float) -> Range:
    return -0.5 * width_um, 0.5 * width_um


def _core_index(device: Absorber) -> float:
    return device.indices_at(device.centre_um)["core"]
