"""Campaigns on a real Slurm, of two nodes on this machine: `pytest -m slurm`."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest

from fdtd_onn.cluster.campaign import FINAL, load
from fdtd_onn.reduce import load_model
from fdtd_onn.store import Store
from fdtd_onn.store.upkeep import keys
from tests.cluster.command import rows_of, run
from tests.cluster.designs import LAYOUT, SHIFTER, couplers
from tests.cluster.processes import wait_until, workers_of
from tests.fullwave.support import ROOT, needs_engine

pytestmark = [
    pytest.mark.slurm,
    needs_engine,
    pytest.mark.skipif(shutil.which("slurmctld") is None, reason="Slurm is not installed"),
]

# A minute or so on a free machine.
WHOLE_S = 600.0
SLURM_HERE = ROOT / "scripts" / "slurm_here"
# Two processes of ours at a time, on whichever node.
SITE = """
executor = "slurm"
launcher = ["mpirun", "--bind-to", "none", "-np", "{{ranks}}"]
cores_per_node = 2
memory_per_node_gib = 8.0
final_minutes = 10
run_minutes = {minutes}
[directives]
licenses = "core:{each}"
"""


@pytest.fixture(scope="module")
def slurm():
    """The folder of a running Slurm. A short path, because sockets have short names."""
    folder = Path(tempfile.mkdtemp(prefix="slurm-"))
    subprocess.run([SLURM_HERE, "start", folder, "2"], check=True, timeout=60)
    yield folder
    subprocess.run([SLURM_HERE, "stop", folder], check=True, timeout=60)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def settings(slurm):
    return {"SLURM_CONF": str(slurm / "slurm.conf")}


@pytest.fixture
def design(tmp_path):
    def write(count):
        file = tmp_path / "couplers.toml"
        file.write_text(couplers(count))
        return file

    return write


def site(tmp_path, each, minutes):
    file = tmp_path / "site.toml"
    file.write_text(SITE.format(each=each, minutes=minutes))
    return file


def queued(settings):
    """The parts of jobs that wait or run, and what they run on."""
    command = ["squeue", "--noheader", "--array", "--format=%i %T %N"]
    answer = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **settings}, check=True)
    return [line.split() for line in answer.stdout.splitlines()]


def written(store):
    return {key: Store(store).path(key).stat().st_mtime_ns for key in keys(Store(store))}


def test_a_sweep_goes_as_one_array_and_is_compiled_behind_it(tmp_path, settings, design):
    store, out = tmp_path / "store", tmp_path / "a folder's $(touch pwned)" / "model.h5"
    folder = tmp_path / "it's `one`\nof many"
    words = ("compile", design(8), "--fidelity", "draft", "--out", out)
    options = ("--site", site(tmp_path, 1, 15.0), "--folder", folder, "--json")
    jobs = run("submit", *options, *words, store=store, **settings)["jobs"]
    assert [(job["runs"], job["then"]) for job in jobs] == [(16, ""), (0, "compile")]
    assert len([part for part, *_ in queued(settings) if part.startswith(f"{jobs[0]['id']}_")]) == 16
    wait_until(lambda: queued(settings) == [], WHOLE_S, every_s=1.0)
    rows = rows_of(folder, store, **settings)
    assert {row["status"] for row in rows.values()} == {"done"}
    assert {row["attempts"] for row in rows.values()} == {1}
    assert len(keys(Store(store))) == 16
    for number in range(1, 17):
        assert 0.0 < rows[number]["seconds"] < 60.0
        assert 1e7 < rows[number]["memory_bytes"] < rows[number]["estimated_bytes"] * 2.0
    assert load_model(out).parameter_range == (0.16, 0.23)
    assert not Path("pwned").exists()
    assert run("resume", folder, "--json", store=store, **settings)["jobs"] == []


def test_a_training_and_the_runs_behind_its_devices_share_one_allocation(tmp_path, settings):
    store, folder = tmp_path / "store", tmp_path / "campaign"
    for name, text in (("couplers", couplers(2)), ("shifter", SHIFTER), ("tiny", LAYOUT)):
        (tmp_path / f"{name}.toml").write_text(text)
    file = site(tmp_path, 2, 15.0)
    file.write_text(f"one_job = true\n{file.read_text()}")
    options = ("--site", file, "--folder", folder, "--json")
    (job,) = run("submit", *options, "train", tmp_path / "tiny.toml", "--json", store=store, **settings)["jobs"]
    assert (job["runs"], job["cores"], job["then"]) == (8, 2, "train")
    wait_until(lambda: queued(settings) == [], WHOLE_S, every_s=1.0)
    rows = rows_of(folder, store, **settings)
    assert {row["status"] for row in rows.values()} == {"done"}
    printed = load(folder).logs(FINAL)[0].read_text()
    (training,) = json.loads(printed[printed.index("[\n") :])
    assert training["test"] > 0.5


def test_after_kills_and_the_loss_of_a_node_only_what_had_not_finished_is_done_again(tmp_path, slurm, settings, design):
    store, folder = tmp_path / "store", tmp_path / "campaign"
    # Two ranks for each run, and one run at a time.
    words = ("characterize", design(2), "--set", "gap_um=0.2:0.22:0.01", "--fidelity", "draft")
    options = ("--site", site(tmp_path, 2, 1e-4), "--folder", folder, "--json")
    array, _ = run("submit", *options, *words, store=store, **settings)["jobs"]
    assert (array["runs"], array["ranks"]) == (6, 2)

    def next_running(other=()):
        """The number of a run that steps now, and the part of the array and the node that it is."""
        found = {}

        def look():
            for part, state, node in (line for line in queued(settings) if len(line) == 3):
                number = campaign.jobs()[0].tasks[int(part.partition("_")[2]) - 1] if "_" in part else FINAL
                said = campaign.state(number)
                if state == "RUNNING" and number not in other and said is not None and workers_of(store):
                    found.update(number=number, part=part, node=node)
            return bool(found)

        wait_until(look, WHOLE_S, every_s=0.1)
        return found["number"], found["part"], found["node"]

    campaign = load(folder)
    killed, _, _ = next_running()
    wait_until(lambda: len(workers_of(store)) == 3)  # the launcher and its ranks
    os.kill(max(workers_of(store)), signal.SIGKILL)
    cancelled, part, _ = next_running([killed])
    subprocess.run(["scancel", part], env={**os.environ, **settings}, check=True)
    lost, _, node = next_running([killed, cancelled])
    subprocess.run([SLURM_HERE, "down", slurm, node], check=True, timeout=60)
    subprocess.run([SLURM_HERE, "up", slurm, node], check=True, timeout=60)

    wait_until(lambda: queued(settings) == [], WHOLE_S, every_s=1.0)
    rows = rows_of(folder, store, **settings)
    failed = {killed, cancelled, lost}
    assert {number for number, row in rows.items() if row["status"] == "failed"} == failed | {0}
    assert "ended with code" in rows[killed]["reason"]
    # Slurm does not always give a job that has just begun the time to say it.
    assert any(words in rows[cancelled]["reason"] for words in ("ended by a signal", "ended without a word"))
    assert "without a word" in rows[lost]["reason"]
    assert rows[0]["attempts"] == 0
    before = written(store)
    assert len(before) == 6 - len(failed)

    array, final = run("resume", folder, "--json", store=store, **settings)["jobs"]
    assert (array["runs"], final["then"]) == (3, "characterize")
    wait_until(lambda: queued(settings) == [], WHOLE_S, every_s=1.0)
    rows = rows_of(folder, store, **settings)
    assert {row["status"] for row in rows.values()} == {"done"}
    assert {number: row["attempts"] for number, row in rows.items()} == {
        0: 1,
        **{number: 2 if number in failed else 1 for number in range(1, 7)},
    }
    after = written(store)
    assert len(after) == 6
    assert {key: after[key] for key in before} == before
    assert workers_of(store) == []
