import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from fdtd_onn.cluster.local import cores, run_side_by_side
from fdtd_onn.errors import RunFailed
from fdtd_onn.specs.fidelity import FIDELITIES
from fdtd_onn.specs.runs import ScatteringRun
from tests.cluster.processes import wait_until, workers_of
from tests.fullwave.support import ENVIRONMENT, OPEN_MPI, needs_engine
from tests.geometry.make import make_device

pytestmark = [needs_engine, pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs Linux's /proc")]


def run_of(port="o1", resolution=12):
    device = make_device("straight", length_um=1.0)
    return ScatteringRun(device=device, fidelity=FIDELITIES["draft"], resolution=resolution, port=port)


def endless(port="o1"):
    """A run that takes minutes, if nobody ends it."""
    return run_of(port, resolution=100)


def entries(store):
    return list(store.glob("[0-9a-f][0-9a-f]/*.h5"))


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path):
    yield
    assert workers_of(tmp_path) == []


def test_results_are_in_the_store_when_their_update_says_so(tmp_path):
    kept, shares = [], {0: [0.0], 1: [0.0], 2: [0.0]}
    for update in run_side_by_side([run_of("o1"), run_of("o2"), run_of("o1", 13)], tmp_path, workers=2):
        assert len(workers_of(tmp_path)) <= 2
        shares[update.job].append(update.share)
        if update.finished:
            kept.append(update.job)
            assert len(entries(tmp_path)) >= len(kept)
    assert sorted(kept) == [0, 1, 2]
    assert len(entries(tmp_path)) == 3
    for share in shares.values():
        assert share == sorted(share)
        assert share[-1] == 1.0


def test_no_work_is_no_update(tmp_path):
    assert list(run_side_by_side([], tmp_path, workers=2)) == []


def test_a_failing_run_is_reported_with_its_message_and_ends_the_others(tmp_path):
    message = r"straight o9 at 12 px/µm failed: expected a port of o1, o2, got 'o9'"
    with pytest.raises(RunFailed, match=message):
        list(run_side_by_side([endless(), run_of("o9")], tmp_path, workers=2))
    assert workers_of(tmp_path) == []
    assert entries(tmp_path) == []


def test_a_store_that_cannot_be_written_is_reported(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RunFailed, match=r"FDTD_ONN_STORE"):
        list(run_side_by_side([run_of()], tmp_path / "file", workers=1))


def test_a_killed_worker_is_reported_with_its_exit_code(tmp_path):
    def kill_it():
        wait_until(lambda: len(workers_of(tmp_path)) == 1)
        os.kill(workers_of(tmp_path)[0], signal.SIGKILL)

    updates = run_side_by_side([endless()], tmp_path, workers=1)
    first = next(updates)
    assert first.job == 0
    assert not first.finished
    kill_it()
    with closing(updates), pytest.raises(RunFailed, match=r"at 100 px/µm failed: its process ended with code -9"):
        list(updates)
    assert entries(tmp_path) == []


def test_a_worker_that_cannot_start_tells_its_last_words(tmp_path, monkeypatch):
    """With a Meep that raises when it is imported in the way of the real one."""
    (tmp_path / "meep").mkdir()
    (tmp_path / "meep" / "__init__.py").write_text("__version__ = '1'\nraise RuntimeError('no licence to simulate')\n")
    for name in ("simulation.py", "_meep.so"):
        (tmp_path / "meep" / name).touch()
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *sys.path]))
    with pytest.raises(RunFailed, match=r"ended with code 1\. It printed last:(.|\n)*no licence to simulate"):
        list(run_side_by_side([run_of()], tmp_path / "store", workers=1))


def test_a_consumer_that_stops_listening_ends_the_workers(tmp_path):
    updates = run_side_by_side([endless("o1"), endless("o2")], tmp_path, workers=2)
    next(updates)
    assert len(workers_of(tmp_path)) == 2
    updates.close()
    assert workers_of(tmp_path) == []
    assert entries(tmp_path) == []


def test_there_is_a_core():
    assert 1 <= cores() <= os.cpu_count()


LAUNCHES = """
import sys
from pathlib import Path
from fdtd_onn.cluster.local import Launch, run_launches
from tests.cluster.test_local import endless
list(run_launches([Launch(endless(), 2, ("mpirun", "-np", "2"))], Path(sys.argv[1]), 2))
"""


def test_ranks_end_with_who_launched_them_even_if_that_is_killed(tmp_path):
    environment = {**ENVIRONMENT, **OPEN_MPI}
    with subprocess.Popen([sys.executable, "-c", LAUNCHES, tmp_path], env=environment) as launching:
        wait_until(lambda: len(workers_of(tmp_path)) > 2)  # mpirun has the same words
        launching.kill()
    wait_until(lambda: workers_of(tmp_path) == [], 10.0)
