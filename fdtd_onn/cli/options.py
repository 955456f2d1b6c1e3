"""What the commands have in common: their options, and the store that an option names."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fdtd_onn.specs.device.base import Plane
from fdtd_onn.specs.fidelity import FidelityName
from fdtd_onn.store import Store
from fdtd_onn.store.store import default_root

Json = Annotated[bool, typer.Option("--json", help="Machine-readable result on standard output.")]
Fidelity = Annotated[FidelityName, typer.Option(help="Resolution, margins and stop rule of the full-wave runs.")]
Dimensions = Annotated[
    int | None,
    typer.Option(min=2, max=3, help="2: effective indices in a plane; 3: the film itself (default: the file's)."),
]
InPlane = Annotated[
    Plane | None,
    typer.Option(help="Of runs in two dimensions: xy, the chip's; xz, upright along the guide (default: the file's)."),
]
StoreFolder = Annotated[
    Path | None, typer.Option("--store", help="Where results are kept (default: $FDTD_ONN_STORE or the user's cache).")
]
Workers = Annotated[int | None, typer.Option(min=1, help="Full-wave runs side by side (default: one per core).")]
Overrides = Annotated[list[str], typer.Option("--set", metavar="NAME=VALUE", help="Replace a parameter; repeatable.")]
Sweeps = Annotated[
    list[str],
    typer.Option("--set", metavar="NAME=VALUE", help="Replace a parameter, or sweep it: NAME=START:STOP:STEP."),
]
CheckInferred = Annotated[
    bool, typer.Option("--check-inferred", help="Run a column that a symmetry would give, and compare.")
]
CheckMargins = Annotated[
    bool, typer.Option("--check-margins", help="Run in a larger cell too, and add the change of S to its error.")
]
CheckSpectrum = Annotated[
    bool, typer.Option("--check-spectrum", help="Run an absorber's line in weak light over the wavelengths too.")
]
CheckRecovery = Annotated[bool, typer.Option("--check-recovery", help="Run an absorber's recovery after the pump too.")]
DeviceFile = Annotated[str, typer.Argument(help="A device file, or a name from the library (see `devices`).")]
LayoutFile = Annotated[str, typer.Argument(help="A layout file, or a name from the library (see `layouts`).")]
ModelsFolder = Annotated[
    Path | None, typer.Option("--models", help="Folder of compiled models; with it Meep is not needed.")
]


def store_at(folder: Path | None) -> Store:
    """The store in a folder, or in the default one."""
    return Store(default_root() if folder is None else folder)
