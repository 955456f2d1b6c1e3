"""Claims: one owner at a time, taken over from the dead and the silent, and never in the way of a result."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from fdtd_onn.store import Record, Store, claims
from fdtd_onn.store.claims import STALE_S, turn

RECORD = Record("x", {"a": 1}, {"values": np.arange(3.0)}, {})
KEY = RECORD.key

HOLD_FOR_EVER = """
import sys, time
from pathlib import Path
from fdtd_onn.store import Store
from fdtd_onn.store.claims import turn
with turn(Store(Path(sys.argv[1])), sys.argv[2], patient=False) as mine:
    print(mine.mine, flush=True)
    time.sleep(1000)
"""


def start(code, *arguments):
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def claim_of(store):
    return store.root / "claims" / KEY


def test_one_process_has_the_turn_and_leaves_nothing(tmp_path):
    store = Store(tmp_path)
    with turn(store, KEY, patient=False) as first:
        assert first.mine
        with turn(store, KEY, patient=False) as second:
            assert not second.mine
            assert second.record is None
        assert claim_of(store).exists()
    assert list((tmp_path / "claims").iterdir()) == []


def test_what_is_there_is_nobodys_turn(tmp_path):
    store = Store(tmp_path)
    store.write(KEY, RECORD)
    with turn(store, KEY, patient=True) as found:
        assert not found.mine
        np.testing.assert_array_equal(found.record.arrays["values"], RECORD.arrays["values"])


def test_who_waits_gets_the_record_when_it_is_there(tmp_path):
    store, found = Store(tmp_path), []

    def wait():
        with turn(store, KEY, patient=True) as got:
            found.append(got)

    with turn(store, KEY, patient=False):
        waiter = threading.Thread(target=wait)
        waiter.start()
        time.sleep(0.2)
        assert not found
        store.write(KEY, RECORD)
    waiter.join(timeout=10)
    assert not found[0].mine
    assert found[0].record.key == KEY


def test_the_claim_of_a_killed_process_is_taken_over_at_once_and_of_a_living_one_is_not(tmp_path):
    owner = start(HOLD_FOR_EVER, tmp_path, KEY)
    assert owner.stdout.readline() == "True\n"
    with turn(Store(tmp_path), KEY, patient=False) as tried:
        assert not tried.mine
    owner.kill()
    owner.communicate()
    with turn(Store(tmp_path), KEY, patient=True) as taken:
        assert taken.mine


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux's /proc")
def test_a_process_that_has_the_number_of_a_dead_one_is_not_taken_for_it(tmp_path):
    store = Store(tmp_path)
    with turn(store, KEY, patient=False):
        said = json.loads(claim_of(store).read_text())
        claim_of(store).write_text(json.dumps(said | {"token": "of a process before", "born": "0"}))
        with turn(store, KEY, patient=False) as taken:
            assert taken.mine
        claim_of(store).write_text(json.dumps(said | {"token": "of this one"}))
        with turn(store, KEY, patient=False) as tried:
            assert not tried.mine


@pytest.mark.parametrize("text", ['{"token": "t", "host": "elsewhere", "process": 1}', "", "[1, 2", "[" * 100_000, "7"])
def test_the_claim_of_another_machine_is_taken_over_once_it_is_silent(tmp_path, text):
    store = Store(tmp_path)
    claim_of(store).parent.mkdir()
    claim_of(store).write_text(text)
    with turn(store, KEY, patient=False) as tried:
        assert not tried.mine
    silent_since = time.time() - STALE_S - 1.0
    os.utime(claim_of(store), (silent_since, silent_since))
    with turn(store, KEY, patient=False) as taken:
        assert taken.mine


def test_a_claim_stays_fresh_while_its_owner_lives(tmp_path, monkeypatch):
    monkeypatch.setattr(claims, "HEARTBEAT_S", 0.02)
    store = Store(tmp_path)
    with turn(store, KEY, patient=False):
        os.utime(claim_of(store), (0.0, 0.0))
        time.sleep(0.5)
        assert time.time() - claim_of(store).stat().st_mtime < 10.0


def test_an_owner_that_lost_its_claim_leaves_the_others_alone(tmp_path):
    store = Store(tmp_path)
    with turn(store, KEY, patient=False) as first:
        claim_of(store).write_text('{"token": "of another", "host": "elsewhere", "process": 1}')
    assert first.mine
    assert claim_of(store).exists()


def test_of_many_that_find_a_stale_claim_one_has_the_turn(tmp_path):
    """Eight at a time, several times; each holds its turn until all have looked."""
    store, turns = Store(tmp_path), []
    for _ in range(20):
        claim_of(store).parent.mkdir(exist_ok=True)
        claim_of(store).write_text("")
        os.utime(claim_of(store), (0.0, 0.0))
        begin, looked, outcomes = threading.Barrier(8), threading.Barrier(8), []

        def contend(begin=begin, looked=looked, outcomes=outcomes):
            begin.wait()
            with turn(store, KEY, patient=False) as got:
                outcomes.append(got.mine)
                looked.wait()

        threads = [threading.Thread(target=contend) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(outcomes) == 8
        turns.append(sum(outcomes))
    assert turns == [1] * 20


def test_where_no_claim_can_be_made_everybody_computes(tmp_path):
    (tmp_path / "claims").write_text("in the way")
    with turn(Store(tmp_path), KEY, patient=False) as one, turn(Store(tmp_path), KEY, patient=False) as other:
        assert one.mine
        assert other.mine
