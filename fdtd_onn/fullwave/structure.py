"""Hand the engine a permittivity computed here, exactly, through its own structure files.

Meep's set-up averages every pixel by adaptive integration and costs more than the run. It can also load a structure
from HDF5, one file per rank: the inverse permittivity of the rank's chunks, which is what is written here.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import RunFailed
from fdtd_onn.fullwave.grid import COURANT, Grid
from fdtd_onn.fullwave.meep import meep
from fdtd_onn.fullwave.permittivity import Permittivity

# Positions of components and directions in Meep's arrays (enum component: Ex, Ey, Er, Ep, Ez; enum direction: X, Y, Z).
_ENTRIES = {(0, 0): "xx", (0, 1): "xy", (1, 0): "xy", (1, 1): "yy", (4, 2): "zz"}
_COMPONENTS, _DIRECTIONS = 20, 5

# An anisotropic filling makes Meep allocate, and exchange between ranks, every entry that is set afterwards.
_FILLING = {"epsilon_diag": (2.0, 3.0, 4.0), "epsilon_offdiag": (0.1, 0.0, 0.0)}


def simulation(grid: Grid, chi: Permittivity, matter: tuple[Any, ...] = ()) -> Any:
    """A Meep Simulation of the cell whose structure holds `chi`, bare of sources and fields.

    matter: Meep blocks of resonant or conducting matter, if any; their permittivity is replaced by `chi`.
    Raises RunFailed if the engine did not take the permittivity.
    """
    mp = meep()
    sim = mp.Simulation(
        cell_size=mp.Vector3(*grid.size_um),
        resolution=grid.resolution,
        Courant=COURANT,
        boundary_layers=[mp.PML(grid.pml * grid.pitch)],
        default_material=mp.Medium(**_FILLING),
        geometry=list(matter),
        eps_averaging=False,
        dimensions=grid.dimensions,
    )
    sim._init_structure(sim.k_point)
    _load(sim.structure, grid, chi)
    _verify(sim.structure, grid, chi)
    return sim


def _load(structure: Any, grid: Grid, chi: Permittivity) -> None:
    rank = meep().my_rank()
    volumes = zip(structure.get_chunk_volumes(), structure.get_chunk_owners(), strict=True)
    chunks = [_chunk_entries(gv, grid, chi) for gv, owner in volumes if owner == rank]
    with tempfile.TemporaryDirectory(prefix="fdtd-onn-") as folder:
        path = Path(folder) / "structure.h5"
        _write(path, chunks, structure.num_chunks)
        structure.load(str(path), False)


def _chunk_entries(gv: Any, grid: Grid, chi: Permittivity) -> dict[tuple[int, int], NDArray[np.float64]]:
    """The part of χ that one chunk holds: its points, its upper rim's too, in Meep's order (last axis fastest)."""
    corner = gv.little_corner()
    starts = [corner.x() // 2 + grid.nx // 2, corner.y() // 2 + grid.ny // 2]
    counts = [gv.nx(), gv.ny()]
    if grid.nz:
        starts.append(corner.z() // 2 + grid.nz // 2)
        counts.append(gv.nz())
    part = tuple(slice(start, start + count + 1) for start, count in zip(starts, counts, strict=True))
    entries = {key: getattr(chi, name)[part] for key, name in _ENTRIES.items()}
    return {key: values for key, values in entries.items() if key not in ((0, 1), (1, 0)) or np.any(values)}


def _write(path: Path, chunks: list[dict[tuple[int, int], NDArray[np.float64]]], chunks_in_all: int) -> None:
    """A structure file of Meep for one rank, without any susceptibility of its own."""
    counts = np.zeros((len(chunks), _COMPONENTS, _DIRECTIONS))
    values = [np.zeros(0)]
    for k, entries in enumerate(chunks):
        for key in sorted(entries):
            counts[k, key[0], key[1]] = entries[key].size
            values.append(entries[key].ravel())
    with h5py.File(path, "w") as file:
        file["num_chi1inv"] = counts
        file["chi1inv"] = np.concatenate(values)
        file["num_sus"] = np.zeros(2)
        file["num_sigmas"] = np.zeros(2 * chunks_in_all)
        for name in ("E_params", "H_params", "sigma_cd"):
            file[name] = np.zeros(0)


def _verify(structure: Any, grid: Grid, chi: Permittivity) -> None:
    """Read a few entries back from the engine, on either side of the cell's middle, where the device is."""
    mp = meep()
    counts = np.array([grid.nx, grid.ny, grid.nz])
    for component, direction, values, shift in ((mp.Ex, mp.X, chi.xx, (0.5, 0, 0)), (mp.Ey, mp.Y, chi.yy, (0, 0.5, 0))):
        for place in ((0.5, 0.5, 0.5), (0.34, 0.52, 0.5), (0.66, 0.34, 0.45)):
            index = np.floor(np.array(place) * counts).astype(int)
            position = (index + shift - counts // 2) * grid.pitch
            point = mp.vec(*(float(x) for x in position[: grid.dimensions]))
            got = structure.get_chi1inv(component, direction, point, 0.0).real
            given = values[tuple(index[: grid.dimensions])]
            if abs(got - given) > 1e-12:
                raise RunFailed(f"the engine's permittivity differs from the one given: 1/ε = {got} for {given}")
