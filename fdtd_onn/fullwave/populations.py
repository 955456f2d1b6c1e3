"""The steady state of the populations in an absorber, from the light in it.

The engine shows no populations, but in steady state the fields determine them. At the population k, with the mean E of
the points of each component around it (B), and at each point the mean N of the populations around it (A),

    N_k + g Σ_c Re[(B E)_k* (B ρ E A N)_k] = 1,    g = (1 − δ linewidth/2f)/((1 + δ²)|E_sat|²),

which is what the engine's update of its populations (rate E·(dP/dt + γP/2), see `absorbing`) comes to when nothing
changes any more but for the swing at twice the light's frequency. It is linear in N. ρ: the density of the atoms.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from math import prod
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.linalg import spsolve

from fdtd_onn.fullwave.absorbing import TwoLevel
from fdtd_onn.fullwave.cell import Cell
from fdtd_onn.fullwave.density import Density
from fdtd_onn.fullwave.grid import YEE_SHIFT, Grid
from fdtd_onn.fullwave.permittivity import Permittivity
from fdtd_onn.fullwave.steady import AMPLITUDE_OF_SUM, advance
from fdtd_onn.fullwave.yee_block import YeeBlock

Complex = NDArray[np.complex128]
Real = NDArray[np.float64]

#: Components of the electric field, and the entries of χ that sit at their points.
ENTRIES = {"Ex": "xx", "Ey": "yy", "Ez": "zz"}


@dataclass(frozen=True)
class Box:
    """The pixels around an absorber that hold populations which count: lower corner from the cell's, and counts."""

    corner: tuple[int, ...]
    pixels: tuple[int, ...]

    def points(self, component: str) -> tuple[slice, ...]:
        """Where the points of a component on the box and its rim are in an array over the cell."""
        return tuple(
            slice(start, start + count + 1 - shift)
            for start, count, shift in zip(self.corner, self.pixels, YEE_SHIFT[component], strict=False)
        )


def box_around(atoms: Density, grid: Grid) -> Box:
    """One pixel further than the atoms reach, on every side."""
    reach = len(atoms.along.values) // 4 + 2
    lowest = [n // 2 + rows.first - 1 for n, rows in zip((grid.ny, grid.nz), atoms.across, strict=False)]
    return Box((grid.nx // 2 - reach, *lowest), (2 * reach, *(count + 2 for count in atoms.rows)))


def components(cell: Cell) -> tuple[str, ...]:
    """Electric components that a run in this cell has."""
    if cell.grid.nz:
        return ("Ex", "Ey", "Ez")
    return ("Ex", "Ey") if cell.ports[0].frame.polarization == "te" else ("Ez",)


def fields_inside(sim: Any, cell: Cell, box: Box, frequency: float, steps: int) -> dict[str, Complex]:
    """Amplitudes A of E = Re(A exp(−iωt)) on the box, by component, over the next `steps`, whole periods."""
    blocks = {name: _block(name, box, cell.grid) for name in components(cell)}
    sums = {name: block.add_sum(sim, [frequency]) for name, block in blocks.items()}
    advance(sim, steps)
    scale = AMPLITUDE_OF_SUM / (steps * cell.grid.dt)
    return {name: scale * block.read(sim, sums[name], 0, "absorber") for name, block in blocks.items()}


def _block(component: str, box: Box, grid: Grid) -> YeeBlock:
    places, counts = box.points(component), (grid.nx, grid.ny, grid.nz)
    first = tuple(
        (place.start - n // 2 + 0.5 * shift) * grid.pitch
        for place, n, shift in zip(places, counts, YEE_SHIFT[component], strict=False)
    )
    return YeeBlock(component, first, tuple(place.stop - place.start for place in places), grid.pitch)


def inversion(
    fields: dict[str, Complex], atom: TwoLevel, atoms: Density, cell: Cell, box: Box, detuning: float, frequency: float
) -> Real:
    """N of every population of the box, (pixels): 1 in the dark."""
    gain = (1.0 - 0.5 * detuning * atom.linewidth / frequency) / (1.0 + detuning**2) / atom.saturation_field_squared
    count = prod(box.pixels)
    system = sp.identity(count, format="csr")
    for name, e in fields.items():
        around = _to_pixels(name, box)
        rho = atoms.on_points(cell.grid, name)[box.points(name)].ravel()
        driven = sp.diags(np.conj(around @ e.ravel())) @ around @ sp.diags(rho * e.ravel()) @ _to_points(name, box)
        system = system + gain * driven.real
    return np.asarray(spsolve(system.tocsc(), np.ones(count))).reshape(box.pixels)


def strengths(populations: Real, atoms: Density, cell: Cell, box: Box) -> Permittivity:
    """Density times mean population at the points of every component, over the cell: what answers to weak light."""
    grid = cell.grid
    zero = np.zeros([n + 1 for n in (grid.nx, grid.ny, grid.nz)[: grid.dimensions]])
    found = {entry: zero for entry in ("xx", "yy", "zz", "xy")}
    for name in components(cell):
        mean = (_to_points(name, box) @ populations.ravel()).reshape(
            [place.stop - place.start for place in box.points(name)]
        )
        values = zero.copy()
        values[box.points(name)] = mean
        found[ENTRIES[name]] = values * atoms.on_points(grid, name)
    return Permittivity(**found)


def _to_pixels(component: str, box: Box) -> Any:
    """The mean over the points of a component around each pixel's middle, (pixels, points)."""
    axes = [
        sp.identity(count) if shift else sp.diags([0.5, 0.5], [0, 1], shape=(count, count + 1))
        for count, shift in zip(box.pixels, YEE_SHIFT[component], strict=False)
    ]
    return reduce(sp.kron, axes).tocsr()


def _to_points(component: str, box: Box) -> Any:
    """The mean of the populations around each point, (points, pixels); on the rim, where no atoms are, less."""
    return _to_pixels(component, box).T.tocsr()
