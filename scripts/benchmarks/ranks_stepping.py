"""Seconds per time step of a small cell in three dimensions, on the ranks this was started with: one line of JSON.

mpirun -np 2 python -m mpi4py ranks_stepping.py STEPS
"""

from __future__ import annotations

import json
import sys
import time

import fdtd_onn as fo
from fdtd_onn.fullwave.grid import grid_for
from fdtd_onn.fullwave.meep import meep
from fdtd_onn.fullwave.permittivity import permittivity
from fdtd_onn.fullwave.structure import simulation
from fdtd_onn.geometry.scene import draw
from fdtd_onn.specs.fidelity import settings_of
from fdtd_onn.specs.load import in_dimensions

_WARM_UP = 5


def main() -> None:
    """Step a strip guide's cell, with a source that fills it."""
    steps = int(sys.argv[1])
    device = in_dimensions(fo.load_device("straight", length_um=12.0), 3, "xy")
    fidelity = settings_of(device, "draft")
    grid = grid_for(draw(device, 0.0), fidelity, fidelity.resolution)
    mp = meep()
    sim = simulation(grid, permittivity(draw(device, grid.size_um[0]), grid))
    sim.change_sources([mp.Source(mp.ContinuousSource(1 / 1.55), component=mp.Ey, center=mp.Vector3())])
    sim.init_sim()
    for _ in range(_WARM_UP):
        sim.fields.step()
    started = time.perf_counter()
    for _ in range(steps):
        sim.fields.step()
    if mp.am_master():
        print(json.dumps({"pixels": grid.cells, "seconds_per_step": (time.perf_counter() - started) / steps}))


if __name__ == "__main__":
    main()
