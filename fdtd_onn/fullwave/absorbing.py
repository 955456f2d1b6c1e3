"""Two-level saturable matter in or on a guide: engine parameters from physical ones, and the mode's overlap.

Meep's two-level atom obeys P'' + γP' + (ω₀² + γ²/4)P = σ(N₁ − N₂)E with γ = 2π·linewidth and a decay rate Γ of the
upper level (ħ = 1). Its populations sit in the middle of pixels; each is driven by the mean of E times the mean of the
current of the polarisations around it, and each polarisation by the mean of the populations around it. With all atoms
in the ground state (N = 1) it absorbs α = σ/(nγ) of power per length at the line's centre, and it saturates,
α/(1 + I/I_sat), at |E_sat|² = ω₀γΓ/σ. Both are checked by a one-dimensional run in the tests. At a detuning δ in half
widths, absorption and index change together, as α(1 + iδ)/(1 + δ² + I/I_sat).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

import numpy as np

from fdtd_onn.fullwave.cell import Cell
from fdtd_onn.fullwave.density import Density, Interval, driving, intervals
from fdtd_onn.fullwave.meep import meep
from fdtd_onn.fullwave.patch import patch_of
from fdtd_onn.fullwave.section_mode import SectionMode
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


def absorbing_blocks(device: Absorber, atom: TwoLevel, cell: Cell, atoms: Density, absorbs: bool = True) -> Blocks:
    """The absorbing matter as Meep blocks for `structure.simulation`; without its atoms, only its other loss.

    Meep gives a grid point the full density of the block it lies in; where the density is not that of the matter
    (see `density`), points get blocks of their own.
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

    def block(*sides: Interval) -> Any:
        part = prod(side.density for side in sides)
        populations = mp.MultilevelAtom(sigma=part, transitions=transitions, initial_populations=[1.0, 0.0])
        matter = [populations] if absorbs else []
        medium = mp.Medium(epsilon=2.0, E_susceptibilities=matter, D_conductivity=part * conductivity)
        centre, size = ([getattr(side, name) for side in sides] for name in ("centre", "size"))
        return mp.Block(center=mp.Vector3(*centre), size=mp.Vector3(*size, *[1.0] * (3 - len(size))), material=medium)

    lines = (atoms.along, *(rows.line for rows in atoms.across))
    return tuple(block(*sides) for sides in product(*(intervals(line, pitch) for line in lines)))


@dataclass(frozen=True, eq=False)
class Overlap:
    """How the guided mode fills the absorbing matter.

    saturation_power_mw: guided power at which the matter's mean intensity is its saturation intensity, at the line's
    centre. engine_saturation_power: the same in the run, in the engine's units of power (per µm out of the plane).
    confinement: the mode's weak absorption over the matter's, by first-order perturbation.
    """

    profile: ModeProfile
    saturation_power_mw: float
    engine_saturation_power: float
    confinement: float


def overlap(device: Absorber, atom: TwoLevel, cell: Cell, atoms: Density) -> Overlap:
    """Transverse and longitudinal electric energy of the section's mode over the pixels that hold atoms."""
    patch, section = patch_of(device), SectionMode(cell)
    by_component = {name: driving(section, name, atoms.across).ravel() for name in section.fields}
    longitudinal = by_component.pop("Ex", np.zeros(prod(atoms.rows)))
    transverse = np.sum(list(by_component.values()), axis=0)
    weight = np.full(longitudinal.size, 1.0 / longitudinal.size)
    mean = float(np.sum(weight * (transverse + longitudinal)))
    confinement = 0.5 * patch.index * mean * prod(patch.sizes_um)
    return Overlap(
        profile=ModeProfile(transverse=transverse / mean, longitudinal=longitudinal / mean, weight=weight),
        saturation_power_mw=device.parameters.saturation_intensity_mw_per_um2 * patch.area_um2 / confinement,
        engine_saturation_power=atom.saturation_field_squared / mean,
        confinement=confinement,
    )
