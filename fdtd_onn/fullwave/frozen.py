"""An absorber whose populations stand still: linear matter, a damped oscillator at every point."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from fdtd_onn.fullwave.absorbing import TwoLevel
from fdtd_onn.fullwave.cell import Cell
from fdtd_onn.fullwave.density import Density
from fdtd_onn.fullwave.dispersion import Dispersion, Pole
from fdtd_onn.fullwave.permittivity import Permittivity
from fdtd_onn.fullwave.populations import Box, Real, strengths


def frozen_matter(populations: Real, atom: TwoLevel, atoms: Density, cell: Cell, box: Box) -> Dispersion:
    """What weak light meets: P″ + γP′ + ω₀²P = σρN E with N standing still, for `structure.simulation`."""
    answer = strengths(populations, atoms, cell, box)
    frequency = atom.pole_frequency(cell.grid.dt)
    scale = atom.coupling / (2 * np.pi * frequency) ** 2
    slope = Permittivity(**{f.name: scale * getattr(answer, f.name) for f in fields(answer)})
    return Dispersion(slope, (Pole(frequency, 1.0, atom.linewidth),), cell.grid.dt)


def dark(box: Box) -> Real:
    """The populations without light."""
    return np.ones(box.pixels)
