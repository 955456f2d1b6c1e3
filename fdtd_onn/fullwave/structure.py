"""Hand the engine a permittivity computed here, exactly, through its own structure files.

Meep's set-up averages every pixel by adaptive integration and costs more than the run. It can also load a structure
from HDF5, one file per rank: the inverse permittivity of the rank's chunks, and the strengths of the Lorentz poles in
them, which is what is written here.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import RunFailed
from fdtd_onn.fullwave.dispersion import Dispersion, Pole
from fdtd_onn.fullwave.grid import COURANT, Grid
from fdtd_onn.fullwave.meep import meep
from fdtd_onn.fullwave.permittivity import Permittivity

# Positions of components and directions in Meep's arrays (enum component: Ex, Ey, Er, Ep, Ez; enum direction: X, Y, Z).
_ENTRIES = {(0, 0): "xx", (0, 1): "xy", (1, 0): "xy", (1, 1): "yy", (4, 2): "zz"}
_DIAGONAL = ((0, 0), (1, 1), (4, 2))
_COMPONENTS, _DIRECTIONS = 20, 5

# An anisotropic filling makes Meep allocate, and exchange between ranks, every entry that is set afterwards.
_FILLING = {"epsilon_diag": (2.0, 3.0, 4.0), "epsilon_offdiag": (0.1, 0.0, 0.0)}

Entries = dict[tuple[int, int], NDArray[np.float64]]


def simulation(
    grid: Grid, chi: Permittivity, matter: tuple[Any, ...] = (), dispersion: Dispersion | None = None
) -> Any:
    """A Meep Simulation of the cell whose structure holds `chi` and `dispersion`, bare of sources and fields.

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
    _load(sim.structure, grid, chi, dispersion)
    _verify(sim.structure, grid, chi)
    return sim


def _load(structure: Any, grid: Grid, chi: Permittivity, dispersion: Dispersion | None) -> None:
    rank = meep().my_rank()
    volumes = list(zip(structure.get_chunk_volumes(), structure.get_chunk_owners(), strict=True))
    own = {k: gv for k, (gv, owner) in enumerate(volumes) if owner == rank}
    with tempfile.TemporaryDirectory(prefix="fdtd-onn-") as folder:
        path = Path(folder) / "structure.h5"
        with h5py.File(path, "w") as file:
            _write_chi(file, [_chunk_entries(gv, grid, chi) for gv in own.values()])
            slopes = {} if dispersion is None else {k: _diagonal(gv, grid, dispersion.slope) for k, gv in own.items()}
            _write_poles(file, () if dispersion is None else dispersion.poles, slopes, structure.num_chunks)
        structure.load(str(path), False)


def _chunk_entries(gv: Any, grid: Grid, chi: Permittivity) -> Entries:
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


def _diagonal(gv: Any, grid: Grid, slope: Permittivity) -> Entries:
    entries = _chunk_entries(gv, grid, slope)
    return {key: entries[key] for key in _DIAGONAL}


def _write_chi(file: h5py.File, chunks: list[Entries]) -> None:
    """The inverse permittivity of one rank's chunks, as Meep's structure files hold it."""
    counts = np.zeros((len(chunks), _COMPONENTS, _DIRECTIONS))
    values = [np.zeros(0)]
    for k, entries in enumerate(chunks):
        for key in sorted(entries):
            counts[k, key[0], key[1]] = entries[key].size
            values.append(entries[key].ravel())
    file["num_chi1inv"] = counts
    file["chi1inv"] = np.concatenate(values)


def _write_poles(file: h5py.File, poles: tuple[Pole, ...], slopes: dict[int, Entries], chunks_in_all: int) -> None:
    """The Lorentz poles, and for each the strengths σ in one rank's chunks; none if there are no poles.

    A pole is told by the number of its parameters: its id, its frequency, its damping, and 0 for a strength in units
    of the frequency squared.
    """
    file["num_sus"] = np.array([float(len(poles)), 0.0])
    entries = len(_DIAGONAL) if poles else 0
    file["num_sigmas"] = np.concatenate([np.full(chunks_in_all, float(entries)), np.zeros(chunks_in_all)])
    file["sigma_cd"] = np.array(_DIAGONAL, dtype=float).ravel() if poles else np.zeros(0)
    file["E_params"] = np.array([(4.0, k, pole.frequency, pole.width, 0.0) for k, pole in enumerate(poles)]).ravel()
    file["H_params"] = np.zeros(0)
    for chunk, entry in slopes.items():
        for key, slope in entry.items():
            strengths = [pole.weight * slope.ravel() for pole in poles]
            file[f"E_{chunk}_sigma_{key[0]}_{key[1]}"] = np.concatenate(strengths)


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
