"""How densely the atoms of an absorber lie on the grid.

Populations sit in the middle of pixels; the polarisations of a component sit at its own points, on edges of pixels or
between them by the axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.fullwave.cell import Cell
from fdtd_onn.fullwave.grid import YEE_SHIFT, Grid
from fdtd_onn.fullwave.patch import patch_of
from fdtd_onn.fullwave.section_mode import SectionMode
from fdtd_onn.specs.device import Absorber

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Line:
    """Density along one axis, relative to the matter's own, at every half pixel; zero beyond its ends.

    start: of the first value, in half pixels from the cell's middle.
    """

    values: Real
    start: int

    def at(self, half_pixel: NDArray[np.int_]) -> Real:
        """Density at positions in half pixels."""
        place = half_pixel - self.start
        inside = (place >= 0) & (place < len(self.values))
        return np.where(inside, self.values[np.clip(place, 0, len(self.values) - 1)], 0.0)


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of populations between two edges of the matter, across the guide.

    line: from half a pixel outside the lowest edge to half a pixel outside the highest: rows and edges alternate.
    paired: whether the atoms of components that sit on edges are on every second edge alone.
    """

    line: Line
    paired: bool

    @property
    def count(self) -> int:
        """Rows between the matter's edges."""
        return (len(self.line.values) - 3) // 2

    @property
    def first(self) -> int:
        """The lowest of them, in pixels from the cell's middle."""
        return (self.line.start + 1) // 2

    @property
    def on_edges(self) -> Real:
        """(count + 1,) density on the rows' edges."""
        return self.line.values[1::2]


@dataclass(frozen=True, eq=False)
class Density:
    """A point of the grid has the product of the densities along and across the guide."""

    along: Line
    across: tuple[Rows, ...]

    @property
    def rows(self) -> tuple[int, ...]:
        """Of populations, along each axis across the guide."""
        return tuple(rows.count for rows in self.across)

    def on_points(self, grid: Grid, component: str) -> Real:
        """(nx + 1, ny + 1), or (nx + 1, ny + 1, nz + 1) in space, at the points of a component."""
        lines = (self.along, *(rows.line for rows in self.across))
        counts = (grid.nx, grid.ny, grid.nz)
        values = [
            line.at(2 * np.arange(count + 1) - count + shift)
            for line, count, shift in zip(lines, counts, YEE_SHIFT[component], strict=False)
        ]
        return reduce(np.multiply.outer, values)


def density(device: Absorber, cell: Cell) -> Density:
    """The atoms of a section on its grid, whose resolution must be `aligned_resolution`."""
    patch, pitch = patch_of(device), cell.grid.pitch
    offsets = cell.offset_um[1:]
    firsts = [round((low + offset) / pitch) for low, offset in zip(patch.lows_um, offsets, strict=True)]
    counts = [round(size / pitch) for size in patch.sizes_um]
    rows = tuple(_across(first, count) for first, count in zip(firsts, counts, strict=True))
    if cell.grid.nz or cell.ports[0].frame.polarization == "tm":
        # The main field, in the film's plane and across the guide, lives on the edges of the rows upwards.
        component = "Ey" if cell.grid.nz else "Ez"
        power = _on_edges(SectionMode(cell), component, firsts[-1], counts[-1])
        rows = (*rows[:-1], _across_pairs(firsts[-1], power))
    return Density(_along(patch.length_um, pitch), rows)


def _on_edges(section: SectionMode, component: str, first: int, rows: int) -> Real:
    """(rows + 1,) |E|² of the mode on the edges of rows of pixels, along the last axis, summed over the other."""
    start = first - section.first[-1] - 1
    power = section.fields[component] ** 2
    return np.asarray(power.reshape(-1, power.shape[-1]).sum(axis=0)[start : start + rows + 1])


def _along(length: float, pitch: float) -> Line:
    """Along the guide, symmetric about the middle: the part of the point's pixel that is in the section."""
    reach = 2 * int(np.ceil(0.5 * length / pitch)) + 2
    position = 0.5 * pitch * np.arange(-reach, reach + 1)
    return Line(np.round(np.clip((0.5 * length - np.abs(position)) / pitch + 0.5, 0.0, 1.0), 9), -reach)


def _across(first: int, rows: int) -> Rows:
    """Across matter of `rows` pixels.

    The outermost edges lie on the matter's boundary. The halves that belong inside are moved to the next edge, an error
    of second order, because their own atoms would answer in part to populations outside.
    """
    values = np.zeros(2 * rows + 3)
    values[3:-3] = 1.0
    values[[2, -3]] = 1.0
    values[3] += 0.5
    values[-4] += 0.5
    return Rows(Line(values, 2 * first - 1), paired=False)


def _across_pairs(first: int, power: Real) -> Rows:
    """The same where the main field lives on the edges of the rows: every second edge stands for two rows.

    All its atoms then answer to populations inside, which are all driven alike. power: (rows + 1,) the mode's |E|²
    there; the density on an edge is that of two rows, times Simpson's mean of the mode's |E|² over both, over its own.
    Components that live between the edges have the matter's density.
    """
    values = np.zeros(2 * len(power) + 1)
    values[2:-2:2] = 1.0
    values[3:-3:4] = (power[:-2:2] + 4 * power[1::2] + power[2::2]) / (3 * power[1::2])
    return Rows(Line(values, 2 * first - 1), paired=True)


@dataclass(frozen=True)
class Interval:
    """A stretch of one axis with the same density of atoms, relative to the matter's own."""

    centre: float
    size: float
    density: float


def intervals(line: Line, pitch: float) -> list[Interval]:
    """Stretches of equal density, each reaching a quarter pixel beyond its points."""
    position = 0.5 * pitch * (line.start + np.arange(len(line.values)))
    starts = np.flatnonzero(np.diff(line.values, prepend=np.nan) != 0)
    ends = np.append(starts[1:], len(line.values)) - 1
    return [
        Interval(0.5 * (position[a] + position[b]), position[b] - position[a] + 0.5 * pitch, float(line.values[a]))
        for a, b in zip(starts, ends, strict=True)
        if line.values[a] > 0.0
    ]


def driving(section: SectionMode, component: str, across: Sequence[Rows]) -> Real:
    """|E|² of one component of the mode that drives each row of populations, at unit guided power.

    A population is driven by the mean of the field around it times the mean of the field that its atoms have.
    """
    shifts = YEE_SHIFT[component][1:]
    places = tuple(
        slice(rows.first - first - (not shift), rows.first - first + rows.count)
        for rows, first, shift in zip(across, section.first, shifts, strict=False)
    )
    field = section.fields[component][places]
    seen, current = field, field
    for axis, (rows, shift) in enumerate(zip(across, shifts, strict=False)):
        if rows.paired and not shift:
            seen, current = _means(seen, axis), _means(_spread(rows.on_edges, axis, field.ndim) * current, axis)
    power = seen * current
    for axis, (rows, shift) in enumerate(zip(across, shifts, strict=False)):
        if not (rows.paired or shift):
            power = _means(_spread(rows.on_edges, axis, field.ndim) * power, axis)
    return power


def _spread(values: Real, axis: int, dimensions: int) -> Real:
    return values.reshape([-1 if k == axis else 1 for k in range(dimensions)])


def _means(values: Real, axis: int) -> Real:
    """Of neighbours along an axis."""
    count = values.shape[axis]
    return 0.5 * (np.take(values, range(count - 1), axis) + np.take(values, range(1, count), axis))
