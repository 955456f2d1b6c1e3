"""Which Meep is installed, found without importing it.

Importing Meep starts MPI, prints, and changes how the processor treats subnormal numbers; a result that is already
in the store must cost none of that, but its key needs the engine's version.
"""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path

from fdtd_onn.errors import EngineMissing

HOW_TO_GET_MEEP = (
    "Install the simulator: on Debian or Ubuntu `apt install python3-meep-mpi-default` (for the system's Python), "
    "elsewhere `conda install -c conda-forge 'pymeep=*=mpi_*'`"
)


@dataclass(frozen=True)
class Engine:
    """The full-wave engine that an import would give."""

    name: str
    version: str
    location: Path


def installed_engine() -> Engine:
    """The Meep simulator that this Python would import; EngineMissing if there is none, or another package instead."""
    spec = importlib.util.find_spec("meep")
    if spec is None:
        raise EngineMissing(f"Meep is not installed for this Python. {HOW_TO_GET_MEEP}.")
    if spec.origin is None:
        raise _not_the_simulator("a folder without code")
    return engine_at(Path(spec.origin))


def engine_at(origin: Path) -> Engine:
    """The simulator whose `__init__.py` this is; EngineMissing if it is something else or says no version."""
    folder = origin.parent
    if not ((folder / "simulation.py").is_file() and any(folder.glob("_meep*.so"))):
        raise _not_the_simulator(str(origin))
    version = re.search(r"""^__version__ = ["']([^"']+)["']""", origin.read_text(encoding="utf-8"), re.MULTILINE)
    if version is None:
        raise EngineMissing(f"The Meep in {folder} does not say its version. {HOW_TO_GET_MEEP}.")
    return Engine("meep", version[1], folder)


def _not_the_simulator(found: str) -> EngineMissing:
    return EngineMissing(
        f"The package named meep ({found}) is not the simulator: the one on PyPI is an unrelated task runner. "
        f"Remove it with `pip uninstall meep`. {HOW_TO_GET_MEEP}."
    )
