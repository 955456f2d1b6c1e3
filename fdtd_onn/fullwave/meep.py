"""The only place that imports Meep, with what its import does to the process put right."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import ModuleType

from fdtd_onn.fullwave.engine import installed_engine


@cache
def meep() -> ModuleType:
    """The Meep module, quiet, with denormal numbers as Python expects them. Raises EngineMissing."""
    installed_engine()
    with _stdout_to_stderr():
        import meep as mp
    # Importing Meep sets flush-to-zero for the whole process, which NumPy warns of.
    mp.set_zero_subnormals(False)
    mp.verbosity(0)
    # It would print to standard output when the process ends.
    atexit.unregister(mp.report_elapsed_time)
    return mp


@contextmanager
def _stdout_to_stderr() -> Iterator[None]:
    """Keep standard output clean for machine-readable results: Meep prints its banner there, from C too."""
    sys.stdout.flush()
    saved = os.dup(1)
    try:
        os.dup2(2, 1)
        yield
    finally:
        sys.stdout.flush()
        os.dup2(saved, 1)
        os.close(saved)
