"""Full-wave runs for the tests: in this process, or on several ranks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fdtd_onn.errors import EngineMissing
from fdtd_onn.fullwave.assemble import assemble
from fdtd_onn.fullwave.engine import installed_engine
from fdtd_onn.fullwave.execute import execute
from fdtd_onn.fullwave.plan import NO_CHECKS, plan
from fdtd_onn.fullwave.stamp import engine_stamp
from fdtd_onn.specs.runs import run_key

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
# Open MPI: as root, on shared cores, in a container.
OPEN_MPI = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_mpi_yield_when_idle": "1",
    "OMPI_MCA_hwloc_base_binding_policy": "none",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
}


def _engine_is_missing():
    try:
        installed_engine()
    except EngineMissing:
        return True
    return False


needs_engine = pytest.mark.skipif(_engine_is_missing(), reason="Meep is not installed")


def on_ranks(count, *arguments, text=""):
    """What `mpirun -np count python -m mpi4py …` prints, with `text` on its standard input."""
    command = ["mpirun", "-np", str(count), sys.executable, "-m", "mpi4py", *arguments]
    return subprocess.run(
        command, input=text, capture_output=True, text=True, env={**ENVIRONMENT, **OPEN_MPI}, timeout=120
    )


def record_of(run):
    """The record of a run done in this process."""
    return execute(run, engine_stamp(), lambda done, of: None)


def response_of(device, settings, checks=NO_CHECKS):
    """The response of a device whose runs are done in this process, one after the other."""
    stamp = engine_stamp()
    records = {run_key(run, stamp): record_of(run) for run in plan(device, settings, checks)}
    return assemble(device, settings, stamp, records, checks)
