"""What this machine can run: each thing the package leans on, whether it is there, and what to do if it is not."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import h5py
import numpy as np
from rich.console import Console
from rich.text import Text

from fdtd_onn.cli.limited_run import run_limited
from fdtd_onn.errors import EngineMissing
from fdtd_onn.fullwave.engine import HOW_TO_GET_MEEP, installed_engine
from fdtd_onn.store import Store

State = Literal["ok", "warn", "fail"]

SCHEDULERS = {
    "Slurm": ("sbatch", "--version"),
    "PBS": ("qsub", "--version"),
    "LSF": ("bsub", "-V"),
    "Flux": ("flux", "--version"),
}

# Meep prints when it is imported and when it ends, so the answer leaves by a copy of stdout made before.
# Half the smallest normal number is subnormal: it becomes 0 where the processor flushes subnormals.
MEEP_PROBE = """
import json, os, sys
answer = os.dup(1)
os.dup2(2, 1)
flushes = lambda: float(sys.argv[1]) / 2 == 0
import meep
after_import = flushes()
meep.set_zero_subnormals(False)
report = {"version": meep.__version__, "mpi": bool(meep.with_mpi()), "mpb": hasattr(meep, "mpb"),
          "flushes_after_import": after_import, "flushes_after_reset": flushes()}
os.write(answer, json.dumps(report).encode())
"""

RANKS_PROBE = """
from mpi4py import MPI
count = MPI.COMM_WORLD.allreduce(1)
if MPI.COMM_WORLD.rank == 0:
    print(count, MPI.Get_library_version().split(",")[0].strip())
"""


@dataclass(frozen=True)
class Check:
    """One finding. `cure` is empty where there is nothing to do."""

    name: str
    state: State
    detail: str
    cure: str = ""


def checks() -> list[Check]:
    """All findings; a check that breaks is itself a finding, since the doctor must not break with what it reports."""
    findings = []
    for name, check in (
        ("Python", _python),
        ("NumPy", _numpy),
        ("HDF5", _hdf5),
        ("Store", _store),
        ("Cores", _cores),
        ("MPI launcher", _launcher),
        ("Scheduler", _scheduler),
        ("Meep", _meep),
    ):
        try:
            findings.extend(check())
        except Exception as error:
            findings.append(Check(name, "fail", f"the check itself failed: {type(error).__name__}: {error}"))
    return findings


def print_checks(findings: Sequence[Check], as_json: bool) -> int:
    """Print the findings on stdout, one line each or as JSON; the exit code, 1 if any check failed."""
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        console = Console(highlight=False, soft_wrap=True)
        colors = {"ok": "green", "warn": "yellow", "fail": "red"}
        for finding in findings:
            cure = f"  → {finding.cure}" if finding.cure else ""
            state = (f"{finding.state:<5}", colors[finding.state])
            console.print(Text.assemble(state, f"{finding.name:<13} {finding.detail}{cure}"))
    return int(any(finding.state == "fail" for finding in findings))


def _python() -> list[Check]:
    return [Check("Python", "ok", f"{platform.python_version()} at {sys.executable}")]


def _numpy() -> list[Check]:
    if int(np.__version__.split(".")[0]) >= 2:
        detail = f"{np.__version__}, but Meep 1.25 does not import with NumPy 2"
        return [Check("NumPy", "fail", detail, "pip install 'numpy<2'")]
    return [Check("NumPy", "ok", np.__version__)]


def _hdf5() -> list[Check]:
    with h5py.File("probe", "w", driver="core", backing_store=False) as file:
        file["values"] = np.arange(3.0)
        whole = bool(np.array_equal(file["values"][()], np.arange(3.0)))
    detail = f"{h5py.version.hdf5_version} with h5py {h5py.__version__}"
    if not whole:
        return [Check("HDF5", "fail", f"{detail} does not give back what was written", "Reinstall h5py.")]
    return [Check("HDF5", "ok", detail)]


def _store() -> list[Check]:
    root = Store().root
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=root) as file:
            file.write(b"probe")
    except OSError as error:
        cure = "Set FDTD_ONN_STORE to a folder of yours."
        return [Check("Store", "fail", f"{root} cannot be written: {error}", cure)]
    return [Check("Store", "ok", f"{root}, {shutil.disk_usage(root).free / 1e9:.0f} GB free")]


def _cores() -> list[Check]:
    # Unlike the count of all cores, this is what a scheduler or container grants; macOS does not tell.
    granted = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return [Check("Cores", "ok", f"{granted} available to this process")]


def _launcher() -> list[Check]:
    name = "MPI launcher"
    launcher = shutil.which("mpirun")
    if launcher is None:
        cure = "Install one, on Debian `apt install openmpi-bin`."
        return [Check(name, "warn", "no mpirun: full-wave runs use one rank", cure)]
    run = run_limited([launcher, "-np", "2", sys.executable, "-c", RANKS_PROBE], timeout_s=60.0, mpi=True)
    if run.timed_out or run.exit_code != 0:
        reason = "no answer within 60 s" if run.timed_out else run.last_error_line
        cure = f"See what `{launcher} -np 2 hostname` says."
        return [Check(name, "fail", f"{launcher} could not start 2 ranks: {reason}", cure)]
    count, library = run.output.splitlines()[-1].split(" ", 1)
    if count != "2":
        detail = f"{launcher} started 2 processes, but mpi4py ({library}) joined only {count}"
        return [Check(name, "fail", detail, "Put the mpirun of mpi4py's own MPI first on PATH, or reinstall mpi4py.")]
    return [Check(name, "ok", f"{launcher} started 2 ranks ({library})")]


def _scheduler() -> list[Check]:
    found = []
    for name, (command, option) in SCHEDULERS.items():
        path = shutil.which(command)
        if path is not None:
            run = run_limited([path, option], timeout_s=10.0, mpi=False)
            lines = (run.output + run.errors).strip().splitlines()
            found.append(f"{name} ({lines[0] if lines else 'version unknown'})")
    return [Check("Scheduler", "ok", ", ".join(found) if found else "none found: runs start on this machine")]


def _meep() -> list[Check]:
    """Findings on Meep, taken in another process: importing it would change this one's arithmetic and its output."""
    try:
        engine = installed_engine()
    except EngineMissing as error:
        return [Check("Meep", "fail", "not usable; models can still be loaded and trained", str(error))]
    run = run_limited([sys.executable, "-c", MEEP_PROBE, repr(sys.float_info.min)], timeout_s=120.0, mpi=True)
    if run.timed_out or run.exit_code != 0:
        reason = "no end within 120 s" if run.timed_out else run.last_error_line
        detail = f"{engine.version} at {engine.location} does not import: {reason}"
        return [Check("Meep", "fail", detail, HOW_TO_GET_MEEP)]
    found = json.loads(run.output)
    return [_build(found, engine.location), _mpb(found), _subnormals(found)]


def _build(found: dict[str, Any], location: Path) -> Check:
    if not found["mpi"]:
        return Check("Meep", "warn", f"{found['version']} at {location}, serial: one rank only", HOW_TO_GET_MEEP)
    return Check("Meep", "ok", f"{found['version']} at {location}, with MPI")


def _mpb(found: dict[str, Any]) -> Check:
    return Check("MPB", "ok", "present, not needed" if found["mpb"] else "absent, not needed: modes are solved here")


def _subnormals(found: dict[str, Any]) -> Check:
    if found["flushes_after_reset"]:
        detail = "flushed to zero by Meep, and set_zero_subnormals(False) does not undo it"
        return Check("Subnormals", "warn", detail, "Use another build of Meep.")
    history = "Meep's import flushes them, undone" if found["flushes_after_import"] else "left alone by Meep"
    return Check("Subnormals", "ok", f"kept ({history})")
