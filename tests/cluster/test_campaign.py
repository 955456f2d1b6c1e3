"""A campaign on this machine, as a user runs it: submit, status, cancel, resume."""

import json
import os
import signal
import sys

import pytest

from fdtd_onn.api.campaigns import subject_of_layout
from fdtd_onn.api.scaling import outlook
from fdtd_onn.cli.main import main
from fdtd_onn.cli.outlook import show_outlook
from fdtd_onn.cluster.batch import Scheduler
from fdtd_onn.cluster.campaign import FINAL, load
from fdtd_onn.cluster.lock import is_held
from fdtd_onn.cluster.operate import cancel, submit_missing
from fdtd_onn.cluster.status import rows
from fdtd_onn.store import Store
from fdtd_onn.store.upkeep import keys
from tests.cluster.command import rows_of, run
from tests.cluster.designs import STRAIGHT
from tests.cluster.processes import wait_until, workers_of
from tests.fullwave.support import needs_engine

pytestmark = needs_engine


@pytest.fixture
def words(tmp_path):
    file = tmp_path / "line $(touch pwned).toml"
    file.write_text(STRAIGHT)
    return ("characterize", file, "--fidelity", "draft", "--json")


def wait_for_driver(folder):
    wait_until(lambda: not is_held(folder), 120.0, every_s=0.2)


def driver_of(folder):
    return int((folder / "driver.lock").read_text())


def standing(campaign):
    """(status, attempts) by number of the run; 0 is the command that follows."""
    return {row.number: (row.status, row.attempts) for row in rows(campaign, Scheduler(campaign))}


def reasons(campaign):
    return {row.number: row.reason for row in rows(campaign, Scheduler(campaign))}


def test_a_campaign_is_done_once_and_what_is_lost_is_done_again(tmp_path, words):
    store, folder = tmp_path / "store", tmp_path / 'it\'s a "campaign"\nof $(touch pwned)'
    (job,) = run("submit", "--folder", folder, "--json", *words, store=store)["jobs"]
    assert (job["runs"], job["then"]) == (2, "characterize")
    wait_for_driver(folder)
    told = rows_of(folder, store)
    assert [(row["status"], row["attempts"]) for row in told.values()] == [("done", 1)] * 3
    for row in (told[1], told[2]):
        assert row["seconds"] > 0.0
        assert 5e7 < row["memory_bytes"] < 4.0 * row["estimated_bytes"]
    campaign = load(folder)
    assert '"s_error"' in campaign.logs(FINAL)[0].read_text()
    assert submit_missing(campaign, Scheduler(campaign)) == []

    kept, lost = (task.key for task in campaign.plan.tasks)
    before = Store(store).path(kept).stat().st_mtime_ns
    Store(store).path(lost).unlink()
    assert "no longer in the store" in reasons(campaign)[2]
    assert run("resume", folder, "--json", store=store)["jobs"][0]["runs"] == 1
    wait_for_driver(folder)
    assert standing(campaign) == {0: ("done", 2), 1: ("done", 1), 2: ("done", 2)}
    assert keys(Store(store)) == sorted([kept, lost])
    assert Store(store).path(kept).stat().st_mtime_ns == before
    assert list(tmp_path.rglob("pwned")) == []


def test_a_campaign_ended_or_killed_says_so_and_leaves_no_process(tmp_path, words):
    store, folder = tmp_path / "store", tmp_path / "campaign"
    # Runs of minutes, if nobody ends them.
    run("submit", "--folder", folder, "--json", *words, "--set", "length_um=300", store=store)
    campaign = load(folder)
    wait_until(lambda: workers_of(store) != [])
    assert os.getsid(driver_of(folder)) != os.getsid(0)  # Ctrl-C and a terminal that closes are not for it
    assert len(cancel(campaign, Scheduler(campaign))) == 1
    wait_for_driver(folder)
    assert workers_of(store) == []
    assert {status for status, _ in standing(campaign).values()} == {"failed"}
    assert "ended by a signal" in reasons(campaign)[1]

    run("resume", folder, "--json", store=store)
    wait_until(lambda: workers_of(store) != [])
    os.kill(driver_of(folder), signal.SIGKILL)
    wait_for_driver(folder)
    wait_until(lambda: workers_of(store) == [])
    assert {status for status, _ in standing(campaign).values()} == {"failed"}
    assert "without a word" in reasons(campaign)[1]
    assert keys(Store(store)) == []


@pytest.mark.parametrize(
    "by", [signal.SIGUSR1, *(pytest.param(s, marks=pytest.mark.long) for s in (signal.SIGINT, signal.SIGHUP))]
)
def test_a_driver_takes_every_signal_that_asks_to_stop_for_the_same(tmp_path, words, by):
    store, folder = tmp_path / "store", tmp_path / "campaign"
    run("submit", "--folder", folder, "--json", *words, "--set", "length_um=300", store=store)
    wait_until(lambda: workers_of(store) != [])
    os.kill(driver_of(folder), by)
    wait_for_driver(folder)
    assert workers_of(store) == []
    assert "ended by a signal" in reasons(load(folder))[1]


def test_a_script_that_cannot_begin_says_why(tmp_path, words):
    site = tmp_path / "site.toml"
    site.write_text('executor = "local"\nmodules = ["no/such"]\ncores_per_node = 1\nmemory_per_node_gib = 1.0\n')
    told = run("submit", "--site", site, "--folder", tmp_path / "c", *words, store=tmp_path / "store", code=1)
    assert "the driver did not start" in told
    assert "module" in told


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("submit", "doctor"), "one of characterize, compile, train, compare, run"),
        (("submit", "characterize", "no_such_device"), "coupler_50"),
        (("submit", "compile", "phase_shifter", "--out", "x.txt"), "a name ending in .h5"),
        (("submit", "--site", "missing.toml", "characterize", "straight"), "missing.toml"),
        (("status", "/nowhere"), "no plan.json in it"),
        (("plan", "coupler_50", "--ranks", "2,many"), "whole numbers"),
        (("plan", "rings_clements_4", "--dimensions", "3"), "a layout alone"),
    ],
)
def test_bad_input_is_one_message_and_exit_code_2(tmp_path, arguments, expected, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["fdtd-onn", *arguments])
    monkeypatch.setenv("FDTD_ONN_STORE", str(tmp_path))
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr()
    assert ended.value.code == 2
    assert told.out == ""
    assert expected in told.err


def test_a_plan_says_what_there_is_to_do_and_what_ranks_would_give(tmp_path, capsys):
    show_outlook(outlook(subject_of_layout("rings_clements_4"), Store(tmp_path), [1, 16, 64]), True)
    told = json.loads(capsys.readouterr().out)
    assert len(told["runs"]) == 27
    assert told["done"] == 0
    alone, some, many = told["ranks"]
    assert alone["efficiency"] == pytest.approx(1.0)
    assert alone["all_s"] == pytest.approx(sum(run["seconds"] for run in told["runs"]))
    assert alone["longest_s"] > some["longest_s"] > many["longest_s"]
    assert alone["all_s"] > some["all_s"] >= many["all_s"] >= many["longest_s"]
    assert some["each"] == 1
    assert told["pays_to"] == 16
