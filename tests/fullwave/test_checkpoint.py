"""Long runs go on where they were ended: killed in the middle, asked to stop, on one rank and on two."""

import json
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest

from fdtd_onn.errors import BadInput
from fdtd_onn.fullwave.checkpoint import MINUTES, Checkpoint, checkpoint_of
from fdtd_onn.fullwave.execute import execute
from fdtd_onn.fullwave.stamp import engine_stamp
from fdtd_onn.specs.fidelity import FIDELITIES
from fdtd_onn.specs.runs import ScatteringRun, run_key
from fdtd_onn.store import Record, Store
from fdtd_onn.store.encoding import decode, encode
from tests.cluster.processes import wait_until
from tests.fullwave.support import ENVIRONMENT, OPEN_MPI, needs_engine, record_of
from tests.geometry.make import make_device

pytestmark = needs_engine

# A second of stepping, in more than twenty stretches of half a transit.
RUN = ScatteringRun(
    device=make_device("s_bend", length_um=3.0, offset_um=0.6),
    fidelity=FIDELITIES["draft"].model_copy(update={"settle_tolerance": 1e-5}),
    resolution=14,
    port="o1",
)
STOPPED = 75
OFTEN = {**ENVIRONMENT, **OPEN_MPI, MINUTES: "0.002"}


def start(store, ranks=1):
    launcher = [] if ranks == 1 else ["mpirun", "-np", str(ranks)]
    command = [*launcher, sys.executable, "-m", "mpi4py", "-m", "fdtd_onn.fullwave.worker", str(store)]
    pipe = subprocess.PIPE
    worker = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=OFTEN)
    worker.stdin.write(RUN.model_dump_json())
    worker.stdin.close()
    worker.stdin = None
    return worker


def checkpoints(store):
    return [int(path.name) for path in store.glob("checkpoints/*/[0-9]*")]


def stepped_s(store):
    """By the latest checkpoint, until it was made."""
    latest = max(store.glob("checkpoints/*/[0-9]*"), key=lambda path: int(path.name))
    return decode((latest / "rank00" / "state.h5").read_bytes()).spec["seconds"]


def finish(worker):
    """What it reported, and what it said besides."""
    output, errors = worker.communicate(timeout=120)
    return [json.loads(line) for line in output.splitlines()], errors


@pytest.fixture(scope="module")
def uninterrupted():
    return record_of(RUN)


def assert_same(store, uninterrupted):
    record = Store(store).read(run_key(RUN, engine_stamp()))
    for name in ("s", "field", "beta_continuum", "lag"):
        np.testing.assert_allclose(record.arrays[name], uninterrupted.arrays[name], atol=1e-8)
    assert record.attributes["cell_updates"] == uninterrupted.attributes["cell_updates"]
    assert not (store / "checkpoints" / record.key).exists()


def interrupted(store, by, ranks=1):
    """A run ended by a signal once it has kept its state: what was reported, its exit code, and steps kept."""
    before = max(checkpoints(store), default=0)
    worker = start(store, ranks)
    wait_until(lambda: max(checkpoints(store), default=0) > before, 60)
    worker.send_signal(by)
    reports, _ = finish(worker)
    return reports, worker.returncode, max(checkpoints(store))


@pytest.mark.parametrize("times", [1, pytest.param(3, marks=pytest.mark.long)])
def test_a_run_killed_in_the_middle_gives_what_it_gives_uninterrupted(tmp_path, uninterrupted, times):
    for _ in range(times):
        assert interrupted(tmp_path, signal.SIGKILL)[1] == -signal.SIGKILL
        assert len(checkpoints(tmp_path)) <= 2  # of an older one at most what the kill left of it
    earlier_s = stepped_s(tmp_path)
    reports, errors = finish(start(tmp_path))
    assert "finished" in reports[-1], errors
    assert "checkpoint" not in errors
    assert_same(tmp_path, uninterrupted)
    # What it took is the time of all steps, as their number is that of all.
    assert Store(tmp_path).read(run_key(RUN, engine_stamp())).attributes["stepping_seconds"] > earlier_s


@pytest.mark.parametrize("by", [signal.SIGUSR1, pytest.param(signal.SIGTERM, marks=pytest.mark.long)])
def test_a_run_asked_to_stop_keeps_its_state_first(tmp_path, by):
    reports, code, _ = interrupted(tmp_path, by)
    assert code == STOPPED
    assert reports[-1]["failed"].startswith("stopped by a signal after")
    assert "goes on from there" in reports[-1]["failed"]


@pytest.fixture(scope="module")
def ended(tmp_path_factory, uninterrupted):
    """A store with the checkpoint of a run that was ended in the middle."""
    store = tmp_path_factory.mktemp("ended")

    def end_once_kept(done, of):
        if checkpoints(store):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        execute(RUN, engine_stamp(), end_once_kept, Checkpoint(store / "checkpoints" / uninterrupted.key, 0.05))
    return store


def damaged(folder):
    (fields,) = folder.glob("checkpoints/*/*/rank00/fields.h5")
    content = bytearray(fields.read_bytes())
    content[len(content) // 2] ^= 1
    fields.write_bytes(content)


def of_another_run(folder):
    (state,) = folder.glob("checkpoints/*/*/rank00/state.h5")
    record = decode(state.read_bytes())
    state.write_bytes(encode(Record(record.kind, {**record.spec, "run": "0" * 64}, record.arrays, {})))


def of_more_ranks(folder):
    (state,) = folder.glob("checkpoints/*/*/rank00/state.h5")
    record = decode(state.read_bytes())
    state.write_bytes(encode(Record(record.kind, {**record.spec, "ranks": 2}, record.arrays, {})))


def emptied(folder):
    (state,) = folder.glob("checkpoints/*/*/rank00/state.h5")
    state.unlink()


@pytest.mark.parametrize(
    "spoil", [damaged, of_more_ranks, *(pytest.param(f, marks=pytest.mark.long) for f in (of_another_run, emptied))]
)
def test_a_checkpoint_that_is_broken_or_of_another_run_is_passed_over_with_a_word(
    tmp_path, ended, spoil, uninterrupted
):
    shutil.copytree(ended, tmp_path, dirs_exist_ok=True)
    spoil(tmp_path)
    again = Checkpoint(tmp_path / "checkpoints" / uninterrupted.key, np.inf)
    with pytest.warns(UserWarning, match="is damaged or of another run: it is not used"):
        record = execute(RUN, engine_stamp(), lambda done, of: None, again)
    np.testing.assert_array_equal(record.arrays["s"], uninterrupted.arrays["s"])


def test_a_folder_that_cannot_be_written_costs_the_checkpoint_and_not_the_run(tmp_path, uninterrupted):
    (tmp_path / "checkpoints").write_text("in the way")
    with pytest.warns(UserWarning, match="no checkpoint can be kept") as said:
        record = execute(RUN, engine_stamp(), lambda done, of: None, Checkpoint(tmp_path / "checkpoints" / "run", 0.05))
    assert len(said) == 1
    np.testing.assert_array_equal(record.arrays["s"], uninterrupted.arrays["s"])


def test_another_process_that_keeps_states_of_the_same_run_loses_none(tmp_path, uninterrupted):
    missing = [tmp_path / "run" / ".40.0123.part", tmp_path / "run" / "1000000"]
    others = tuple(missing)

    def join_in(done, of):
        while missing:
            missing.pop().mkdir(parents=True)

    record = execute(RUN, engine_stamp(), join_in, Checkpoint(tmp_path / "run", 0.05))
    assert all(folder.is_dir() for folder in others)
    assert len(list((tmp_path / "run").glob("[0-9]*"))) == 2
    np.testing.assert_array_equal(record.arrays["s"], uninterrupted.arrays["s"])


def test_a_state_that_cannot_be_put_in_place_costs_the_checkpoint_and_not_the_run(tmp_path, uninterrupted):
    def get_in_the_way(done, of):
        if not tmp_path.joinpath("1").exists():
            for steps in range(1, 20_000):
                tmp_path.joinpath(str(steps)).touch()

    with pytest.warns(UserWarning, match="no checkpoint can be kept") as said:
        record = execute(RUN, engine_stamp(), get_in_the_way, Checkpoint(tmp_path, 0.05))
    assert len(said) == 1
    assert list(tmp_path.glob(".*")) == []
    np.testing.assert_array_equal(record.arrays["s"], uninterrupted.arrays["s"])


@pytest.mark.parametrize("text", ["0", "-1", "often", "nan", ""])
def test_an_interval_that_is_none_is_refused(tmp_path, monkeypatch, text):
    monkeypatch.setenv(MINUTES, text)
    with pytest.raises(BadInput, match="FDTD_ONN_CHECKPOINT_MINUTES: expected minutes, more than 0"):
        checkpoint_of(tmp_path, "0" * 64)


@pytest.mark.long
@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGUSR1])
def test_two_ranks_go_on_too(tmp_path, by, uninterrupted):
    """mpirun passes SIGUSR1 on to the ranks; its own death is that of its ranks."""
    _, code, _ = interrupted(tmp_path, by, ranks=2)
    assert code != 0
    reports, errors = finish(start(tmp_path, ranks=2))
    assert "finished" in reports[-1], errors
    assert "checkpoint" not in errors
    assert_same(tmp_path, uninterrupted)
