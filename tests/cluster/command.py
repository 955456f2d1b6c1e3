"""The command as a user runs it, and the campaigns that it makes."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.fullwave.support import ENVIRONMENT, OPEN_MPI


def run(*arguments, store, code=0, **environment):
    """What it prints, read as JSON; of bad input, the message. Fails unless it ends with this exit code."""
    done = _start(*arguments, store=store, **environment)
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout) if done.stdout else done.stderr


def _start(*arguments, store, **environment):
    command = [sys.executable, "-c", "from fdtd_onn.cli.main import main; main()", *map(str, arguments)]
    settings = {**ENVIRONMENT, **OPEN_MPI, "FDTD_ONN_STORE": str(store), **environment}
    return subprocess.run(command, capture_output=True, text=True, env=settings, timeout=120, check=False)


def rows_of(folder, store, **environment):
    """The rows of `status`, by number of the run; 0 is the command that follows."""
    done = _start("status", folder, "--json", store=store, **environment)
    rows = {row["number"]: row for row in json.loads(done.stdout)["runs"]}
    assert done.returncode == (1 if any(row["status"] == "failed" for row in rows.values()) else 0)
    return rows
