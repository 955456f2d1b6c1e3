"""A process that executes one run: `python -m mpi4py -m fdtd_onn.fullwave.worker STORE < run.json`.

Works alone or under mpirun. On standard output it writes one JSON object per line, {"done": …, "of": …} now and then
and {"finished": key} or {"failed": message} at the end, and nothing else ever does.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, TextIO

from fdtd_onn.errors import FdtdOnnError
from fdtd_onn.fullwave.stamp import engine_stamp
from fdtd_onn.specs.runs import run_adapter, run_key
from fdtd_onn.store import Store


def main() -> int:
    """Read the run from standard input, execute it, keep the record."""
    report = _take_standard_output()
    run = run_adapter.validate_json(sys.stdin.buffer.read())
    store = Store(Path(sys.argv[1]))
    stamp = engine_stamp()
    try:
        from fdtd_onn.fullwave.execute import execute
        from fdtd_onn.fullwave.meep import meep

        record = execute(run, stamp, lambda done, of: _say(report, {"done": done, "of": of}))
        if meep().am_master():
            store.write(run_key(run, stamp), record)
            _say(report, {"finished": run_key(run, stamp)})
    except FdtdOnnError as error:
        _say(report, {"failed": str(error)})
        return 1
    return 0


def _take_standard_output() -> TextIO:
    """A stream to where standard output went; what others print from now on, from C too, goes to standard error."""
    report = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    return report


def _say(report: TextIO, message: dict[str, Any]) -> None:
    report.write(json.dumps(message) + "\n")


if __name__ == "__main__":
    sys.exit(main())
