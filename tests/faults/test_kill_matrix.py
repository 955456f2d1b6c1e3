"""Whatever is killed, and whenever: nobody is left at work, and only what had not finished is done again."""

import os
from pathlib import Path

import pytest

from scripts.benchmarks.fault_matrix import CASES, RUNS, fill_disk, play
from tests.fullwave.support import needs_engine

pytestmark = [
    needs_engine,
    pytest.mark.long,
    pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs Linux's /proc"),
]

EXIT = {
    "worker killed": {1},
    "driver killed": {-9},
    "driver, Ctrl-C": {130},
    "driver, SIGTERM": {75},
    "driver, SIGUSR1": {75},
    "mpirun killed": {-9},
}


def assert_nothing_lost(outcome, folder):
    assert outcome.kept >= 1
    assert outcome.rewritten == 0
    assert outcome.after == (0, RUNS, 0)
    assert "Traceback" not in (folder / "messages").read_text()


@pytest.mark.parametrize("name", list(CASES))
def test_after_a_blow_the_same_command_goes_on(tmp_path, name):
    outcome = play(CASES[name], tmp_path, every_s=0.2)
    assert outcome.code in EXIT[name] if name in EXIT else outcome.code != 0
    assert outcome.states >= 1
    assert outcome.outlived_s < 10.0
    assert_nothing_lost(outcome, tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small file system")
def test_a_full_disk_is_said_and_costs_what_did_not_fit(tmp_path):
    outcome = fill_disk(tmp_path, every_s=1e9)
    assert outcome.code in (1, 2)
    assert "No space left on device" in (tmp_path / "messages").read_text()
    assert_nothing_lost(outcome, tmp_path)
