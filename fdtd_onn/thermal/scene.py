"""The cross-section of a heater: matter by rectangles, put on a graded grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.specs.device import Heater
from fdtd_onn.thermal.axis import graded_edges
from fdtd_onn.thermal.conduction import HeatSection
from fdtd_onn.thermal.materials import CONDUCTORS, HeatConductor

Real = NDArray[np.float64]
Range = tuple[float, float]

# The film's lower face is z = 0, the guide's middle y = 0. Over this many wafers' thicknesses sideways what spreads in
# the wafer falls to exp(-2.5 π).
_WAFERS = 5.0


@dataclass(frozen=True)
class Block:
    """A rectangle of one material, µm."""

    y_range_um: Range
    z_range_um: Range
    matter: HeatConductor


@dataclass(frozen=True)
class Meshing:
    """Cells have sides `finest` (µm) within y_range and z_range, and `growth` more per µm of distance from them."""

    y_range_um: Range
    z_range_um: Range
    finest: float
    growth: float


def meshed(blocks: Sequence[Block], meshing: Meshing, convection: float) -> HeatSection:
    """Blocks on a grid that meets all their edges; later ones lie over earlier ones, the first is the whole domain."""
    domain = blocks[0]
    y = graded_edges(_breaks(domain.y_range_um, [b.y_range_um for b in blocks]), meshing.y_range_um, *_sides(meshing))
    z = graded_edges(_breaks(domain.z_range_um, [b.z_range_um for b in blocks]), meshing.z_range_um, *_sides(meshing))
    conductivity, capacity = np.empty((len(y) - 1, len(z) - 1)), np.empty((len(y) - 1, len(z) - 1))
    for block in blocks:
        inside = _inside(y, z, block.y_range_um, block.z_range_um)
        conductivity[inside], capacity[inside] = block.matter.conductivity, block.matter.capacity
    return HeatSection(y, z, conductivity, capacity, convection)


def spread_power(section: HeatSection, y_range_um: Range, z_range_um: Range) -> Real:
    """(ny·nz,) power per length of the cells in a rectangle, mW/µm: one in all, evenly spread."""
    areas = np.where(_inside(section.y_edges, section.z_edges, y_range_um, z_range_um), section.areas, 0.0)
    return (areas / areas.sum()).ravel()


def heater_section(device: Heater, resolution: float) -> HeatSection:
    """The half y ≥ 0 of a heater's cross-section, which is symmetric. resolution: cells per µm at guide and heater."""
    p, top = device.parameters, heater_range_um(device)[1]
    side = _WAFERS * (p.wafer_um + p.buried_oxide_um)
    meshing = Meshing(
        (0.0, 0.5 * max(p.width_um, p.heater_width_um) + 0.2),
        (-0.2, top + 0.1),
        1.0 / resolution,
        2.0 / resolution,
    )
    blocks = [*stack_blocks(device, (0.0, side)), *strip_blocks(device, (0.0, 1.0))]
    return meshed(blocks, meshing, 1e-9 * p.convection_w_per_m2_k)  # W/(m² K) is 1e-9 mW/(µm² K)


def heater_range_um(device: Heater) -> Range:
    """Lower and upper face of the heater."""
    p = device.parameters
    low = device.stack_in_use.thickness_um + p.heater_distance_um
    return low, low + p.heater_thickness_um


def stack_blocks(device: Heater, y_range_um: Range) -> tuple[Block, ...]:
    """Oxide from the wafer's lower face to the cover's upper one, and in it the wafer."""
    p, matter = device.parameters, device.thermal
    bottom, top = -p.buried_oxide_um - p.wafer_um, heater_range_um(device)[1] + p.cover_um
    return (
        Block(y_range_um, (bottom, top), CONDUCTORS[matter.cladding]),
        Block(y_range_um, (bottom, -p.buried_oxide_um), CONDUCTORS[matter.wafer]),
    )


def strip_blocks(device: Heater, sides: Range, at_um: float = 0.0) -> tuple[Block, ...]:
    """Guide and heater around y = at_um. sides: (−1, 1) for the whole of them, (0, 1) for the upper half."""
    p = device.parameters

    def across(width: float) -> Range:
        return at_um + 0.5 * sides[0] * width, at_um + 0.5 * sides[1] * width

    return (
        Block(across(p.width_um), (0.0, device.stack_in_use.thickness_um), CONDUCTORS[device.thermal.core]),
        Block(across(p.heater_width_um), heater_range_um(device), CONDUCTORS[device.thermal.heater]),
    )


def _sides(meshing: Meshing) -> tuple[float, float]:
    return meshing.finest, meshing.growth


def _breaks(domain: Range, ranges: Sequence[Range]) -> list[float]:
    """All ends within the domain, increasing; nearly equal ones, which rounding parts, count as one."""
    return sorted({round(end, 9) for pair in ranges for end in pair if domain[0] <= end <= domain[1]})


def _inside(y_edges: Real, z_edges: Real, y_range: Range, z_range: Range) -> NDArray[np.bool_]:
    y, z = 0.5 * (y_edges[1:] + y_edges[:-1]), 0.5 * (z_edges[1:] + z_edges[:-1])
    in_y, in_z = (y > y_range[0]) & (y < y_range[1]), (z > z_range[0]) & (z < z_range[1])
    return np.logical_and.outer(in_y, in_z)
