"""Two-level saturable matter in the core of a guide: engine parameters from physical ones, and the mode's overlap.

Meep's two-level atom obeys P'' + γP' + ω₀²P = σ(N₁ − N₂)E with γ = 2π·linewidth and a decay rate Γ of the upper
level (ħ = 1). With all atoms in the ground state (N = 1) at resonance it absorbs α = σ/(nγ) of power per length, and
it saturates, α/(1 + I/I_sat), at |E_sat|² = ωγΓ/σ. Both are checked by a one-dimensional run in the tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.fullwave.cell import Cell
from fdtd_onn.fullwave.meep import meep
from fdtd_onn.responses.saturation import ModeProfile
from fdtd_onn.specs.device import Absorber
from fdtd_onn.units import SPEED_OF_LIGHT_UM_PER_S


@dataclass(frozen=True)
class TwoLevel:
    """Engine parameters of the absorber, in units of c and µm."""

    frequency: float
    linewidth: float
    decay: float
    coupling: float

    @property
    def saturation_field_squared(self) -> float:
        """|E|² of a travelling wave at which the absorption has halved."""
        gamma = 2 * np.pi * self.linewidth
        return 2 * np.pi * self.frequency * gamma * self.decay / self.coupling


def two_level(device: Absorber, pump_over_saturation: float) -> TwoLevel:
    """Choose the engine's parameters such that the core material absorbs what the device's file says.

    The lifetime grows with the pump: the population then swings by the same small part within an optical period, and
    comes to rest in the same time, at any power. Only its ratio to the pump's rate shows in steady state.
    """
    p = device.parameters
    frequency = 1.0 / device.saturation.wavelength_um
    linewidth = p.linewidth_thz * 1e12 / SPEED_OF_LIGHT_UM_PER_S
    gamma = 2 * np.pi * linewidth
    coupling = p.absorption_per_um * device.materials.core.index * gamma
    lifetime_periods = p.relaxation_periods * (1.0 + pump_over_saturation)
    return TwoLevel(frequency, linewidth, frequency / lifetime_periods, coupling)


def aligned_resolution(device: Absorber, wanted: float) -> float:
    """The resolution nearest to the wanted one at which the core is an even number of pixels wide.

    Then its edges run between rows of populations, every row is either all core or all cladding, and no atom answers
    to a population that lies half outside.
    """
    width = device.parameters.width_um
    return 2 * max(2, round(0.5 * wanted * width)) / width


def absorbing_blocks(device: Absorber, atom: TwoLevel, cell: Cell) -> tuple[Any, ...]:
    """The absorbing core as Meep blocks for `structure.simulation`.

    Meep gives a grid point the full density of the block it lies in; where the density is not that of the core (see
    `_across` and `_along`), points get blocks of their own.
    """
    mp = meep()
    p, pitch = device.parameters, cell.grid.pitch
    coupling = mp.Vector3(1, 1, 1) * atom.coupling
    transitions = [
        mp.Transition(1, 2, frequency=atom.frequency, gamma=atom.linewidth, sigma_diag=coupling),
        mp.Transition(2, 1, transition_rate=atom.decay),
    ]
    conductivity = p.nonsaturable_absorption_per_um / device.materials.core.index

    def block(x: _Interval, y: _Interval) -> Any:
        density = x.density * y.density
        atoms = mp.MultilevelAtom(sigma=density, transitions=transitions, initial_populations=[1.0, 0.0])
        medium = mp.Medium(epsilon=2.0, E_susceptibilities=[atoms], D_conductivity=density * conductivity)
        return mp.Block(center=mp.Vector3(x.centre, y.centre), size=mp.Vector3(x.size, y.size, 1.0), material=medium)

    along = _intervals(_along(p.length_um, pitch), pitch)
    across = _intervals(_across(round(p.width_um / pitch)), pitch)
    return tuple(block(x, y) for x in along for y in across)


@dataclass(frozen=True)
class _Interval:
    """A stretch of one axis with the same density of atoms, relative to that of the core."""

    centre: float
    size: float
    density: float


def _along(length: float, pitch: float) -> NDArray[np.float64]:
    """Density at every half pixel along the guide, symmetric about 0: the part of the point's pixel in the section."""
    reach = 2 * int(np.ceil(0.5 * length / pitch)) + 2
    position = 0.5 * pitch * np.arange(-reach, reach + 1)
    return np.round(np.clip((0.5 * length - np.abs(position)) / pitch + 0.5, 0.0, 1.0), 9)


def _across(rows: int) -> NDArray[np.float64]:
    """Density at every half pixel across a core of `rows` pixels: from one pixel's half outside it.

    Rows (Ey) and their edges (Ex) alternate, beginning half a pixel outside the lowest edge.

    The outermost edges lie on the core's boundary. The halves that belong inside are moved to the next edge, an error
    of second order, because their own atoms would answer in part to populations outside the core.
    """
    density = np.zeros(2 * rows + 3)
    density[3:-3] = 1.0
    density[[2, -3]] = 1.0
    density[[3, -4]] = 1.5
    return density


def _intervals(density: NDArray[np.float64], pitch: float) -> list[_Interval]:
    """Stretches of equal density, each reaching a quarter pixel beyond the points it holds; values lie around 0."""
    position = 0.5 * pitch * (np.arange(len(density)) - len(density) // 2)
    starts = np.flatnonzero(np.diff(density, prepend=np.nan) != 0)
    ends = np.append(starts[1:], len(density)) - 1
    return [
        _Interval(0.5 * (position[a] + position[b]), position[b] - position[a] + 0.5 * pitch, float(density[a]))
        for a, b in zip(starts, ends, strict=True)
        if density[a] > 0.0
    ]


@dataclass(frozen=True, eq=False)
class Overlap:
    """How the guided mode fills the absorbing core.

    saturation_power_mw: guided power at which the core's mean intensity is the material's saturation intensity.
    engine_saturation_power: the same in the run, in the engine's units of power per µm of height.
    """

    profile: ModeProfile
    saturation_power_mw: float
    engine_saturation_power: float


def overlap(device: Absorber, atom: TwoLevel, cell: Cell) -> Overlap:
    """Transverse and longitudinal electric energy of the mode over the rows of pixels that hold atoms."""
    p = device.parameters
    port, pitch = cell.ports[0], cell.grid.pitch
    main = port.modes[0].parts[0]
    rows = round(p.width_um / pitch)
    lowest = -rows // 2 - port.window.first
    inside = slice(lowest, lowest + rows)
    # Ex lives on the edges of the rows, and each row's population is driven by the edges on either side.
    edges = _across(rows)[1::2] * _longitudinal(cell)[lowest : lowest + rows + 1] ** 2
    transverse = main.e[inside] ** 2
    longitudinal = 0.5 * (edges[:-1] + edges[1:])
    weight = np.full(rows, 1.0 / rows)
    mean = float(np.sum(weight * (transverse + longitudinal)))
    mean_intensity = 0.5 * device.materials.core.index * mean
    return Overlap(
        profile=ModeProfile(transverse=transverse / mean, longitudinal=longitudinal / mean, weight=weight),
        saturation_power_mw=p.saturation_intensity_mw_per_um2 * p.thickness_um / mean_intensity,
        engine_saturation_power=atom.saturation_field_squared / mean,
    )


def _longitudinal(cell: Cell) -> NDArray[np.float64]:
    """|Ex| of the mode on the edges of its rows: Ex = (i/Ω) χ_xx ∂y Hz."""
    port, grid = cell.ports[0], cell.grid
    mode, main = port.modes[0], port.modes[0].parts[0]
    omega = (2 / grid.dt) * np.sin(np.pi * mode.frequency * grid.dt)
    i, j = port.window.plane + grid.nx // 2, port.window.first + grid.ny // 2
    slope = np.diff(np.concatenate([[0.0], main.h, [0.0]])) / grid.pitch
    return np.abs(cell.chi.xx[i, j : j + len(slope)] * slope) / omega
