"""The command `phases`: a unitary matrix from a file, and the phases of a mesh for it into another."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from fdtd_onn.api import load_network
from fdtd_onn.api.phases import mesh_phases, require_realisable
from fdtd_onn.api.ranks import require_one_process
from fdtd_onn.atomic import whole_file
from fdtd_onn.cli import summaries
from fdtd_onn.cli.options import Json, LayoutFile, ModelsFolder, StoreFolder, Workers, store_at
from fdtd_onn.cli.progress import bars
from fdtd_onn.errors import BadInput
from fdtd_onn.report import make_folder_of
from fdtd_onn.specs.load import load_layout

LARGEST_FILE_BYTES = 100_000_000  # 1024 ports as text


def phases(
    layout: LayoutFile,
    unitary: Annotated[Path, typer.Option(help="The wanted matrix: .npy, or .csv with entries such as 0.6-0.8j.")],
    out: Annotated[Path, typer.Option(help="File to write (.json): every phase with its place.")],
    layer: Annotated[int | None, typer.Option(min=0, help="Number of the mesh, if the layout has several.")] = None,
    self_configure: Annotated[
        bool, typer.Option("--self-configure", help="Go on from output powers of the mesh with its errors.")
    ] = False,
    models: ModelsFolder = None,
    store: StoreFolder = None,
    workers: Workers = None,
    json: Json = False,
) -> None:
    """The phases of a mesh for a unitary matrix: in closed form, by search as drawn, or from its output powers."""
    require_one_process("phases")
    if out.suffix != ".json":
        raise BadInput("--out", "a name ending in .json", out.name, "Name the file so.")
    wanted = read_matrix(unitary)
    require_realisable(load_layout(layout).network, wanted, layer)
    make_folder_of(out)
    with bars(quiet=json) as shown:
        network = load_network(layout, models, store_at(store), workers, shown.on_fullwave)
    found = mesh_phases(network, wanted, layer, self_configure)
    content = {"layout": layout, **vars(found), "phase_rad": found.phase_rad.tolist()}
    _write(content, out)
    places = ("plane", "guide", "phase_rad")
    summaries.show({name: value for name, value in content.items() if name not in places} | {"file": str(out)}, json)


def read_matrix(file: Path) -> NDArray[np.complex128]:
    """A matrix of numbers from a .npy or .csv file; BadInput if there is none. Nothing is unpickled."""
    if file.suffix not in (".npy", ".csv"):
        raise BadInput(
            str(file), "a name ending in .npy or .csv", repr(file.suffix), "Save the matrix as one of these."
        )
    try:
        if not 0 < file.stat().st_size <= LARGEST_FILE_BYTES:
            raise ValueError(f"{file.stat().st_size} bytes, not 1 to {LARGEST_FILE_BYTES}")
        read = _read_npy(file) if file.suffix == ".npy" else np.loadtxt(file, dtype=complex, delimiter=",", ndmin=2)
        matrix = np.asarray(read)
        if matrix.ndim != 2 or matrix.dtype.kind not in "fciu":
            raise ValueError(f"an array of shape {matrix.shape} and type {matrix.dtype}")
    except (OSError, ValueError, EOFError, TypeError, SyntaxError, MemoryError) as error:
        cure = "Save it with numpy.save or numpy.savetxt(..., delimiter=',')."
        raise BadInput(str(file), "a matrix of numbers", error, cure) from error
    return matrix.astype(complex)


def _read_npy(file: Path) -> Any:
    # Mapped: what a wrong header claims is not allocated.
    return np.lib.format.open_memmap(file, mode="r")


def _write(content: dict[str, Any], out: Path) -> None:
    try:
        with whole_file(out) as part:
            part.write_text(json_text.dumps(content, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise BadInput(str(out), "a file that can be written", error, "Choose another folder or name.") from error
