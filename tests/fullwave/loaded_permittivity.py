"""How far the permittivity that the engine holds is from the one it was given, also as a program of its own.

Started by mpirun, every rank asks for every point, so that points of other ranks' chunks and of their rims count too.
"""

from __future__ import annotations

import numpy as np

from fdtd_onn.fullwave.grid import YEE_SHIFT, grid_for
from fdtd_onn.fullwave.meep import meep
from fdtd_onn.fullwave.permittivity import permittivity
from fdtd_onn.fullwave.structure import simulation
from fdtd_onn.geometry.devices import geometry
from fdtd_onn.specs.fidelity import FIDELITIES
from tests.geometry.make import make_device

ENTRIES = (("xx", "Ex", "X"), ("yy", "Ey", "Y"), ("zz", "Ez", "Z"), ("xy", "Ex", "Y"), ("xy", "Ey", "X"))


def held(structure, grid, component, direction):
    """χ that the engine holds at every point of a component inside the cell, (nx, ny)."""
    mp = meep()
    shift = [0.5 * half for half in YEE_SHIFT[component][:2]]
    values = np.empty((grid.nx - 1, grid.ny - 1))
    for i, j in np.ndindex(values.shape):
        x, y = (
            (k + s - n // 2) * grid.pitch for k, s, n in zip((i + 1, j + 1), shift, (grid.nx, grid.ny), strict=True)
        )
        entry = structure.get_chi1inv(getattr(mp, component), getattr(mp, direction), mp.vec(x, y), 0.0)
        values[i, j] = entry.real
    return values


def largest_difference():
    """Over all entries and points of a coupler's cell, in one number."""
    drawn = geometry(make_device("coupler", length_um=0.5, bend_length_um=2.0), 10.0)
    grid = grid_for(geometry(make_device("coupler", length_um=0.5, bend_length_um=2.0), 0.0), FIDELITIES["draft"], 10)
    chi = permittivity(drawn, grid)
    structure = simulation(grid, chi).structure
    return max(
        np.abs(held(structure, grid, component, direction) - getattr(chi, name)[1:-1, 1:-1]).max()
        for name, component, direction in ENTRIES
    )


if __name__ == "__main__":
    difference = largest_difference()
    if meep().am_master():
        print(f"ranks {meep().count_processors()} difference {difference:.3e}")
