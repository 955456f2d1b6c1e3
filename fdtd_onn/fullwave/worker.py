"""A process that executes one run: `python -m mpi4py -m fdtd_onn.fullwave.worker STORE [--wait] < run.json`.

Works alone or under mpirun, which gives standard input to the first rank only. On standard output that rank writes one
JSON object per line, {"done": …, "of": …} now and then and {"finished": key} at the end, or {"elsewhere": key} when
another process computes this run now, for which --wait makes it wait; a rank that fails writes {"failed": message}; and
nothing else ever does.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, TextIO

from mpi4py import MPI

from fdtd_onn.errors import FdtdOnnError, RunStopped
from fdtd_onn.fullwave.agreed import agreed_turn
from fdtd_onn.fullwave.checkpoint import checkpoint_of
from fdtd_onn.fullwave.measured import execute_measured
from fdtd_onn.fullwave.stamp import engine_stamp
from fdtd_onn.parent import end_with_parent
from fdtd_onn.specs.runs import AnyRun, run_adapter, run_key
from fdtd_onn.store import Store

WAIT = "--wait"
STOPPED = 75  # exit code: try again, the run goes on


def main() -> int:
    """Read the run from standard input, execute it, keep the record."""
    end_with_parent()
    report = _take_standard_output()
    first = MPI.COMM_WORLD.rank == 0
    run = run_adapter.validate_json(MPI.COMM_WORLD.bcast(sys.stdin.buffer.read() if first else None))
    try:
        _execute(run, Store(Path(sys.argv[1])), WAIT in sys.argv[2:], report if first else None)
    except RunStopped as error:
        _say(report if first else None, {"failed": str(error)})
        return STOPPED
    except FdtdOnnError as error:
        _say(report, {"failed": str(error)})
        return 1
    return 0


def _execute(run: AnyRun, store: Store, patient: bool, report: TextIO | None) -> None:
    """The run, collectively; only the rank that has somewhere to report to keeps the record."""
    stamp = engine_stamp()
    key = run_key(run, stamp)
    with agreed_turn(store, key, patient) as turn:
        if turn.mine:
            checkpoint = checkpoint_of(store.root, key)
            record = execute_measured(run, stamp, lambda done, of: _say(report, {"done": done, "of": of}), checkpoint)
            if report is not None:
                store.write(key, record)
                checkpoint.remove()
    _say(report, {"finished" if turn.mine or turn.record is not None else "elsewhere": key})


def _take_standard_output() -> TextIO:
    """A stream to where standard output went; what others print from now on, from C too, goes to standard error."""
    report = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    return report


def _say(report: TextIO | None, message: dict[str, Any]) -> None:
    if report is not None:
        report.write(json.dumps(message) + "\n")


if __name__ == "__main__":
    sys.exit(main())
