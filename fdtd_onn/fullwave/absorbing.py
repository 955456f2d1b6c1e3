"""Two-level saturable matter in or on a guide: engine parameters from physical ones, and the mode's overlap.

Meep's two-level atom obeys P'' + γP' + (ω₀² + γ²/4)P = σ(N₁ − N₂)E with γ = 2π·linewidth and a decay rate Γ of the
upper level (ħ = 1). Its populations sit in the middle of pixels; each is driven by the mean of E times the mean of the
current of the polarisations around it, and each polarisation by the mean of the populations around it. With all atoms
in the ground state (N = 1) it absorbs α = σ/(nγ) of power per length at the line's centre, and it saturates,
α/(1 + I/I_sat), at |E_sat|² = ω₀γΓ/σ. Both are checked by a one-dimensional run in the tests. At a detuning δ in half
widths, absorption and index change together, as α(1 + iδ)/(1 + δ² + I/I_sat).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import FdtdOnnError
from fdtd_onn.fullwave.cell import Cell
from fdtd_onn.fullwave.grid import YEE_SHIFT, Grid
from fdtd_onn.fullwave.meep import meep
from fdtd_onn.fullwave.modes import Mode, Section, guided_modes
from fdtd_onn.fullwave.patch import patch_of
from fdtd_onn.fullwave.ports import section_of
from fdtd_onn.responses.saturation import ModeProfile
from fdtd_onn.specs.device import Absorber

Blocks = tuple[Any, ...]


@dataclass(frozen=True)
class TwoLevel:
    """Engine parameters of the absorber, in units of c and µm; frequency: of its line's centre."""

    frequency: float
    linewidth: float
    decay: float
    coupling: float

    def pole_frequency(self, dt: float) -> float:
        """Of a damped oscillator whose resonance is the line's centre in steps of dt: Ω/2π, Ω = (2/dt) sin(πf·dt)."""
        return float(np.sin(np.pi * self.frequency * dt) / (np.pi * dt))

    def transition_frequency(self, dt: float) -> float:
        """Of Meep's transition with its resonance there: its oscillator has ω₀² + (γ/2)² in the place of ω₀²."""
        return float(np.sqrt(self.pole_frequency(dt) ** 2 - 0.25 * self.linewidth**2))

    @property
    def saturation_field_squared(self) -> float:
        """|E|² of a travelling wave at the line's centre at which the absorption has halved."""
        gamma = 2 * np.pi * self.linewidth
        return 2 * np.pi * self.frequency * gamma * self.decay / self.coupling


def two_level(device: Absorber, pump_over_saturation: float) -> TwoLevel:
    """Choose the engine's parameters such that the absorbing matter absorbs what the device's file says.

    The lifetime grows with the pump: the population then swings by the same small part within an optical period, and
    comes to rest in the same time, at any power. Only its ratio to the pump's rate shows in steady state.
    """
    p, frequency = device.parameters, device.line_frequency
    coupling = p.absorption_per_um * patch_of(device).index * 2 * np.pi * device.linewidth
    lifetime_periods = p.relaxation_periods * (1.0 + pump_over_saturation)
    return TwoLevel(frequency, device.linewidth, frequency / lifetime_periods, coupling)


@dataclass(frozen=True, eq=False)
class Density:
    """How densely the atoms lie on the grid, relative to the matter's own density.

    along, across: at every half pixel around (0, centre), odd lengths; a point of the grid has their product.
    centre: across the guide, in pixels from the cell's middle.
    """

    along: NDArray[np.float64]
    across: NDArray[np.float64]
    centre: int

    @property
    def rows(self) -> int:
        """Rows of populations across the guide, between the matter's edges."""
        return (len(self.across) - 3) // 2

    @property
    def first_row(self) -> int:
        """The lowest of them, in pixels from the cell's middle."""
        return self.centre - self.rows // 2

    def on_points(self, grid: Grid, component: str) -> NDArray[np.float64]:
        """(nx + 1, ny + 1) at the points of a component."""
        sx, sy, _ = YEE_SHIFT[component]
        x = _at(self.along, 2 * np.arange(grid.nx + 1) - grid.nx + sx)
        y = _at(self.across, 2 * np.arange(grid.ny + 1) - grid.ny + sy - 2 * self.centre)
        return np.multiply.outer(x, y)


def _at(values: NDArray[np.float64], half_pixel: NDArray[np.int_]) -> NDArray[np.float64]:
    """Values around 0 at positions in half pixels; zero beyond their ends."""
    place = half_pixel + len(values) // 2
    inside = (place >= 0) & (place < len(values))
    return np.where(inside, values[np.clip(place, 0, len(values) - 1)], 0.0)


def density(device: Absorber, cell: Cell) -> Density:
    """The atoms of a section on its grid, whose resolution must be `aligned_resolution`."""
    patch, pitch = patch_of(device), cell.grid.pitch
    rows = round(patch.width_um / pitch)
    centre = round((0.5 * (patch.low_um + patch.high_um) + cell.offset_um[1]) / pitch)
    along = _along(patch.length_um, pitch)
    if cell.ports[0].frame.polarization == "te":
        return Density(along, _across(rows), centre)
    return Density(along, _across_pairs(rows, _edge_values(SectionMode(cell), centre - rows // 2, rows)), centre)


@dataclass(frozen=True, eq=False)
class SectionMode:
    """The fundamental mode of the guide where it absorbs, which need not be that of the leads."""

    cell: Cell

    @cached_property
    def _section(self) -> Section:
        port = self.cell.ports[0]
        found = section_of(port.frame, replace(port.window, plane=0), self.cell.grid, self.cell.chi)
        assert isinstance(found, Section)  # absorbers have two dimensions
        return found

    @cached_property
    def mode(self) -> Mode:
        """Fields along the window of the ports, whose first point is `first`. Raises FdtdOnnError if none is guided."""
        port = self.cell.ports[0]
        modes = guided_modes(self._section, float(port.frequencies[len(port.modes) // 2]), 1)
        if not modes:
            raise FdtdOnnError("expected a guided mode in the absorbing section, found none: widen the guide there")
        return modes[0]

    @property
    def first(self) -> int:
        """Lowest edge of the window, in pixels from the cell's middle."""
        return self.cell.ports[0].window.first

    @cached_property
    def along(self) -> NDArray[np.float64]:
        """|Ex| on the edges of the window's rows: Ex = (i/Ω) χ_xx ∂y Hz."""
        grid, mode = self.cell.grid, self.mode
        omega = (2 / grid.dt) * np.sin(np.pi * mode.frequency * grid.dt)
        slope = np.diff(np.concatenate([[0.0], mode.parts[0].h, [0.0]])) / grid.pitch
        return np.abs(self._section.along * slope) / omega


def _edge_values(section: SectionMode, first: int, rows: int) -> NDArray[np.float64]:
    """(rows + 1,) Ez of the mode on the edges of these rows of pixels."""
    start = first - section.first - 1
    return section.mode.parts[0].e[start : start + rows + 1]


def absorbing_blocks(device: Absorber, atom: TwoLevel, cell: Cell, atoms: Density, absorbs: bool = True) -> Blocks:
    """The absorbing matter as Meep blocks for `structure.simulation`; without its atoms, only its other loss.

    Meep gives a grid point the full density of the block it lies in; where the density is not that of the matter
    (see `_across` and `_along`), points get blocks of their own.
    """
    mp = meep()
    pitch = cell.grid.pitch
    coupling = mp.Vector3(1, 1, 1) * atom.coupling
    transitions = [
        mp.Transition(
            1, 2, frequency=atom.transition_frequency(cell.grid.dt), gamma=atom.linewidth, sigma_diag=coupling
        ),
        mp.Transition(2, 1, transition_rate=atom.decay),
    ]
    conductivity = device.parameters.nonsaturable_absorption_per_um / patch_of(device).index

    def block(x: _Interval, y: _Interval) -> Any:
        part = x.density * y.density
        populations = mp.MultilevelAtom(sigma=part, transitions=transitions, initial_populations=[1.0, 0.0])
        matter = [populations] if absorbs else []
        medium = mp.Medium(epsilon=2.0, E_susceptibilities=matter, D_conductivity=part * conductivity)
        return mp.Block(center=mp.Vector3(x.centre, y.centre), size=mp.Vector3(x.size, y.size, 1.0), material=medium)

    across = _intervals(atoms.across, pitch, atoms.centre * pitch)
    return tuple(block(x, y) for x in _intervals(atoms.along, pitch, 0.0) for y in across)


@dataclass(frozen=True)
class _Interval:
    """A stretch of one axis with the same density of atoms, relative to the matter's own."""

    centre: float
    size: float
    density: float


def _along(length: float, pitch: float) -> NDArray[np.float64]:
    """Density at every half pixel along the guide, symmetric about 0: the part of the point's pixel in the section."""
    reach = 2 * int(np.ceil(0.5 * length / pitch)) + 2
    position = 0.5 * pitch * np.arange(-reach, reach + 1)
    return np.round(np.clip((0.5 * length - np.abs(position)) / pitch + 0.5, 0.0, 1.0), 9)


def _across(rows: int) -> NDArray[np.float64]:
    """Density at every half pixel across matter of `rows` pixels: from one pixel's half outside it.

    Rows (Ey) and their edges (Ex) alternate, beginning half a pixel outside the lowest edge.

    The outermost edges lie on the matter's boundary. The halves that belong inside are moved to the next edge, an error
    of second order, because their own atoms would answer in part to populations outside.
    """
    density = np.zeros(2 * rows + 3)
    density[3:-3] = 1.0
    density[[2, -3]] = 1.0
    density[3] += 0.5
    density[-4] += 0.5
    return density


def _across_pairs(rows: int, edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same for a field that lives on the edges of the rows alone (Ez): every second edge stands for two rows.

    All its atoms then answer to populations inside, which are all driven alike. edges: (rows + 1,) the mode's field;
    the density on an edge is that of two rows, times Simpson's mean of the mode's |E|² over both, over its own.
    """
    power = edges**2
    density = np.zeros(2 * rows + 3)
    density[3:-3:4] = (power[:-2:2] + 4 * power[1::2] + power[2::2]) / (3 * power[1::2])
    return density


def _intervals(density: NDArray[np.float64], pitch: float, centre_um: float) -> list[_Interval]:
    """Stretches of equal density, each reaching a quarter pixel beyond its points; values lie around the centre."""
    position = centre_um + 0.5 * pitch * (np.arange(len(density)) - len(density) // 2)
    starts = np.flatnonzero(np.diff(density, prepend=np.nan) != 0)
    ends = np.append(starts[1:], len(density)) - 1
    return [
        _Interval(0.5 * (position[a] + position[b]), position[b] - position[a] + 0.5 * pitch, float(density[a]))
        for a, b in zip(starts, ends, strict=True)
        if density[a] > 0.0
    ]


@dataclass(frozen=True, eq=False)
class Overlap:
    """How the guided mode fills the absorbing matter.

    saturation_power_mw: guided power at which the matter's mean intensity is its saturation intensity, at the line's
    centre. engine_saturation_power: the same in the run, in the engine's units of power per µm out of the plane.
    confinement: the mode's weak absorption over the matter's, by first-order perturbation.
    """

    profile: ModeProfile
    saturation_power_mw: float
    engine_saturation_power: float
    confinement: float


def overlap(device: Absorber, atom: TwoLevel, cell: Cell, atoms: Density) -> Overlap:
    """Transverse and longitudinal electric energy of the section's mode over the rows of pixels that hold atoms."""
    patch = patch_of(device)
    transverse, longitudinal = _driving(SectionMode(cell), cell, atoms)
    weight = np.full(atoms.rows, 1.0 / atoms.rows)
    mean = float(np.sum(weight * (transverse + longitudinal)))
    mean_intensity = 0.5 * patch.index * mean
    return Overlap(
        profile=ModeProfile(transverse=transverse / mean, longitudinal=longitudinal / mean, weight=weight),
        saturation_power_mw=device.parameters.saturation_intensity_mw_per_um2 * patch.height_um / mean_intensity,
        engine_saturation_power=atom.saturation_field_squared / mean,
        confinement=mean_intensity * patch.width_um,
    )


def _driving(section: SectionMode, cell: Cell, atoms: Density) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """|E|² that drives each row of populations, across and along the guide, at unit guided power per µm."""
    on_edges, start = atoms.across[1::2], atoms.first_row - section.first
    if cell.ports[0].frame.polarization == "tm":
        field = _edge_values(section, atoms.first_row, atoms.rows)
        return _means(field) * _means(on_edges * field), np.zeros(atoms.rows)
    # Ex lives on the edges of the rows, and each row's population is driven by the edges on either side.
    edges = on_edges * section.along[start : start + atoms.rows + 1] ** 2
    return section.mode.parts[0].e[start : start + atoms.rows] ** 2, _means(edges)


def _means(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return 0.5 * (values[:-1] + values[1:])
