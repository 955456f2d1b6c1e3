"""Two-level saturable matter in the core of a guide: engine parameters from physical ones, and the mode's overlap.

Meep's two-level atom obeys P'' + γP' + ω₀²P = σ(N₁ − N₂)E with γ = 2π·linewidth and a decay rate Γ of the upper
level (ħ = 1). With all atoms in the ground state (N = 1) at resonance it absorbs α = σ/(nγ) of power per length, and
it saturates, α/(1 + I/I_sat), at |E_sat|² = ωγΓ/(4σ). Both are checked by a one-dimensional run in the tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

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
        return 2 * np.pi * self.frequency * gamma * self.decay / (4 * self.coupling)


def two_level(device: Absorber) -> TwoLevel:
    """Choose the engine's parameters such that the core material absorbs what the device's file says."""
    p = device.parameters
    frequency = 1.0 / device.saturation.wavelength_um
    linewidth = p.linewidth_thz * 1e12 / SPEED_OF_LIGHT_UM_PER_S
    gamma = 2 * np.pi * linewidth
    coupling = p.absorption_per_um * device.materials.core.index * gamma
    return TwoLevel(frequency, linewidth, frequency / p.relaxation_periods, coupling)


def atoms_block(device: Absorber, cell: Cell) -> tuple[tuple[Any, Any], Any]:
    """((centre, size), medium) of the absorbing core for `structure.simulation`.

    The block ends a quarter pixel inside the core's edge, so that points on the edge, where half the pixel is
    cladding, carry no atoms and rounding cannot decide.
    """
    mp = meep()
    atom, n = two_level(device), device.materials.core.index
    transitions = [
        mp.Transition(1, 2, frequency=atom.frequency, gamma=atom.linewidth, sigma_diag=mp.Vector3(1, 1, 1) * atom.coupling),
        mp.Transition(2, 1, transition_rate=atom.decay),
    ]
    medium = mp.Medium(
        epsilon=n**2,
        E_susceptibilities=[mp.MultilevelAtom(sigma=1.0, transitions=transitions, initial_populations=[1.0, 0.0])],
        D_conductivity=device.parameters.nonsaturable_absorption_per_um / n,
    )
    inset = 0.5 * cell.grid.pitch
    size = mp.Vector3(device.parameters.length_um - inset, device.parameters.width_um - inset)
    return (mp.Vector3(), size), medium


@dataclass(frozen=True, eq=False)
class Overlap:
    """How the guided mode fills the absorbing core.

    saturation_power_mw: guided power at which the core's mean intensity is the material's saturation intensity.
    unit_over_saturation: the same for the run: engine power per µm of height that corresponds to it.
    """

    profile: ModeProfile
    saturation_power_mw: float
    engine_saturation_power: float


def overlap(device: Absorber, cell: Cell) -> Overlap:
    """Transverse and longitudinal electric energy of the mode over the rows of pixels that hold atoms."""
    p = device.parameters
    port = cell.ports[0]
    mode, pitch = port.modes[0], cell.grid.pitch
    y = (port.first + 0.5 + np.arange(len(mode.e))) * pitch
    rows = np.abs(y) < 0.5 * p.width_um - 0.25 * pitch
    transverse = mode.e[rows] ** 2
    longitudinal = _longitudinal(cell)[rows] ** 2
    mean = float(np.mean(transverse + longitudinal))
    weight = np.full(int(rows.sum()), 1.0 / rows.sum())
    mean_intensity = 0.5 * device.materials.core.index * mean
    return Overlap(
        profile=ModeProfile(transverse=transverse / mean, longitudinal=longitudinal / mean, weight=weight),
        saturation_power_mw=p.saturation_intensity_mw_per_um2 * p.thickness_um / mean_intensity,
        engine_saturation_power=two_level(device).saturation_field_squared / mean,
    )


def _longitudinal(cell: Cell) -> np.ndarray:
    """|Ex| of the mode at the rows of its transverse points: Ex = (i/Ω) χ_xx ∂y Hz, averaged from the edges."""
    port, grid = cell.ports[0], cell.grid
    mode = port.modes[0]
    omega = (2 / grid.dt) * np.sin(np.pi * mode.frequency * grid.dt)
    i, j = port.plane + grid.nx // 2, port.first + grid.ny // 2
    slope = np.diff(np.concatenate([[0.0], mode.h, [0.0]])) / grid.pitch
    edges = np.abs(cell.chi.xx[i, j : j + len(slope)] * slope) / omega
    return 0.5 * (edges[:-1] + edges[1:])
