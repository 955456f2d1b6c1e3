"""`compile` for a folder of devices."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fdtd_onn.api import Checks, compile_library, load_folder, write_library
from fdtd_onn.cli import summaries
from fdtd_onn.cli.progress import bars
from fdtd_onn.errors import BadInput, FdtdOnnError
from fdtd_onn.library import design_names
from fdtd_onn.report import make_folder_of
from fdtd_onn.specs.device.base import Plane
from fdtd_onn.specs.fidelity import FidelityName
from fdtd_onn.store import Store


def is_folder(source: str) -> bool:
    """Whether a folder is meant; a bare name of the library is a device, whatever lies in the current folder."""
    return Path(source).is_dir() and source not in design_names("devices")


def compile_folder(
    folder: Path,
    out: Path,
    overrides: Sequence[str],
    fidelity: FidelityName,
    dimensions: int | None,
    plane: Plane | None,
    checks: Checks,
    store: Store,
    workers: int | None,
    json: bool,
) -> None:
    """Compile every device of a folder; FdtdOnnError that names the devices that failed, after all others are done."""
    if overrides:
        raise BadInput("--set", "one device", f"the folder {folder}", "Compile the device by itself.")
    if out.is_file():
        raise BadInput("--out", "a folder for the models", f"the file {out}", "Choose another name.")
    loaded = load_folder(folder, dimensions, plane)
    make_folder_of(out / "library.json")
    with bars(quiet=json) as shown:
        library = compile_library(loaded, fidelity, store, workers, shown.on_fullwave, checks)
    write_library(library, out)
    rows = [
        {
            "model": name,
            "kind": library.devices[name].kind,
            "ports": list(model.ports),
            "passive": bool(model.passive),
            "file": str(out / f"{name}.h5"),
        }
        for name, model in library.models.items()
    ]
    if rows or json:
        summaries.show(rows, json)
    if library.failures:
        reasons = "".join(f"\n  {name}: {error}" for name, error in library.failures.items())
        raise FdtdOnnError(f"{len(library.failures)} of {len(loaded)} devices failed, the others are done:{reasons}")
