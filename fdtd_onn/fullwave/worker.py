"""A process that executes one run: `python -m mpi4py -m fdtd_onn.fullwave.worker STORE < run.json`.

Works alone or under mpirun, which gives standard input to the first rank only. On standard output that rank writes one
JSON object per line, {"done": …, "of": …} now and then and {"finished": key} at the end; a rank that fails writes
{"failed": message}; and nothing else ever does.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, TextIO

from mpi4py import MPI

from fdtd_onn.errors import FdtdOnnError
from fdtd_onn.fullwave.measured import execute_measured
from fdtd_onn.fullwave.stamp import engine_stamp
from fdtd_onn.specs.runs import AnyRun, run_adapter
from fdtd_onn.store import Store


def main() -> int:
    """Read the run from standard input, execute it, keep the record."""
    report = _take_standard_output()
    first = MPI.COMM_WORLD.rank == 0
    run = run_adapter.validate_json(MPI.COMM_WORLD.bcast(sys.stdin.buffer.read() if first else None))
    try:
        _execute(run, Store(Path(sys.argv[1])), report if first else None)
    except FdtdOnnError as error:
        _say(report, {"failed": str(error)})
        return 1
    return 0


def _execute(run: AnyRun, store: Store, report: TextIO | None) -> None:
    """The run, collectively; only the rank that has somewhere to report to keeps the record."""
    if report is None:
        execute_measured(run, engine_stamp(), lambda done, of: None)
        return
    record = execute_measured(run, engine_stamp(), lambda done, of: _say(report, {"done": done, "of": of}))
    store.write(record.key, record)
    _say(report, {"finished": record.key})


def _take_standard_output() -> TextIO:
    """A stream to where standard output went; what others print from now on, from C too, goes to standard error."""
    report = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    return report


def _say(report: TextIO, message: dict[str, Any]) -> None:
    report.write(json.dumps(message) + "\n")


if __name__ == "__main__":
    sys.exit(main())
