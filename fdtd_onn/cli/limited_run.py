"""Short-lived commands that must not outlive their time limit, nor leave children behind."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

# Open MPI reads these in place of options that other launchers would refuse. Short probes may share cores.
OPEN_MPI = {"OMPI_MCA_hwloc_base_binding_policy": "none", "OMPI_MCA_rmaps_base_oversubscribe": "1"}
OPEN_MPI_AS_ROOT = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}


@dataclass(frozen=True)
class Finished:
    """What a command left: its exit code (negative: the signal that ended it), output and errors."""

    exit_code: int
    output: str
    errors: str
    timed_out: bool

    @property
    def last_error_line(self) -> str:
        """The last line of stderr that says anything, or the exit code."""
        lines = [line for line in self.errors.splitlines() if line.strip(" -*")]
        return lines[-1].strip() if lines else f"exit code {self.exit_code}"


def run_limited(command: Sequence[str], timeout_s: float, mpi: bool) -> Finished:
    """Run a command without input; past its time, it and all it started are killed. OSError if it cannot start."""
    added = {**OPEN_MPI, **(OPEN_MPI_AS_ROOT if os.geteuid() == 0 else {})} if mpi else {}
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, **added},
        start_new_session=True,
    ) as process:
        timed_out = False
        try:
            output, errors = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            # The whole session: killing only the launcher would leave its ranks holding our pipes.
            os.killpg(process.pid, signal.SIGKILL)
            output, errors = process.communicate()
            timed_out = True
    return Finished(process.returncode, output, errors, timed_out)
