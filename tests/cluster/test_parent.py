"""Programs end with who started them, though they know nothing of it."""

import subprocess
import sys
from pathlib import Path

import pytest

from fdtd_onn.parent import ending_with_parent
from tests.cluster.processes import wait_until

STARTS_ONE = """
import subprocess, sys, time
from fdtd_onn.parent import ending_with_parent
print(subprocess.Popen(ending_with_parent(["sleep", "60"])).pid, flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's doing")
def test_a_program_ends_with_a_parent_that_is_killed():
    with subprocess.Popen([sys.executable, "-c", STARTS_ONE], stdout=subprocess.PIPE, text=True) as parent:
        program = Path("/proc", parent.stdout.readline().strip())
        wait_until(lambda: (program / "comm").read_text() == "sleep\n")
        parent.kill()
    wait_until(lambda: not program.exists() or ") Z " in (program / "stat").read_text())


def test_a_program_is_executed_as_it_is():
    words = ["sh", "-c", 'echo "$1"; exit 3', "sh", "a b"]
    done = subprocess.run(ending_with_parent(words), capture_output=True, text=True, check=False, timeout=30)
    assert (done.stdout, done.returncode) == ("a b\n", 3)


def test_no_program_begins_whose_parent_is_gone():
    words = ending_with_parent(["echo", "begun"])
    words[3] = "1"
    assert subprocess.run(words, capture_output=True, text=True, check=True, timeout=30).stdout == ""
