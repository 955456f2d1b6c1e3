import os
import time

import numpy as np
import pytest

from fdtd_onn.errors import BadInput
from fdtd_onn.store import Record, Store
from fdtd_onn.store.upkeep import copy_to, entries, keys, remove, waste

ENGINE = {"engine": "meep", "version": "1.25", "code": "now"}


def fill(folder, count=4, engine=ENGINE):
    store = Store(folder)
    for number in range(count):
        spec = {"number": number, "engine": engine}
        record = Record("response", spec, {"s": np.arange(number + 1.0)}, {"created": "today"})
        store.write(record.key, record)
    return store


def damage(store, key):
    path = store.path(key)
    image = bytearray(path.read_bytes())
    image[-1] ^= 1
    path.write_bytes(bytes(image))


def test_entries_are_all_that_was_written_and_nothing_else(tmp_path):
    store = fill(tmp_path)
    (tmp_path / "notes.txt").write_text("no entry")
    (tmp_path / "ab").mkdir(exist_ok=True)
    (tmp_path / "ab" / "short.h5").write_text("no entry")
    assert [entry.key for entry in entries(store)] == keys(store)
    assert sorted(entry.record.spec["number"] for entry in entries(store)) == [0, 1, 2, 3]


def test_a_damaged_entry_is_said_moved_away_and_then_waste(tmp_path):
    store = fill(tmp_path)
    broken = keys(store)[1]
    damage(store, broken)
    with pytest.warns(UserWarning, match="damaged"):
        assert broken not in [entry.key for entry in entries(store)]
    assert len(keys(store)) == 3
    (left,) = waste(store, None, None)
    assert left.reason == "damaged"
    remove(left)
    remove(left)  # by another process, meanwhile
    assert list(waste(store, None, None)) == []


def test_what_a_living_writer_writes_is_no_waste(tmp_path):
    store = fill(tmp_path, 1)
    folder = store.path(keys(store)[0]).parent
    young, old = folder / ".a.h5.0.part", folder / ".b.h5.0.part"
    young.write_bytes(b"half")
    old.write_bytes(b"half")
    day_ago = time.time() - 90_000.0
    os.utime(old, (day_ago, day_ago))
    assert [piece.path for piece in waste(store, None, None)] == [old]


def test_entries_go_by_version_and_by_age_only_by_wish(tmp_path):
    store = fill(tmp_path, 2)
    fill(tmp_path, 3, {**ENGINE, "code": "earlier"})
    assert list(waste(store, None, None)) == []
    assert len(list(waste(store, [ENGINE], None))) == 3
    assert len(list(waste(store, None, 3600.0))) == 0
    assert len(list(waste(store, None, -1.0))) == 5


def state(store, key, name, age_s=0.0):
    """The folder of a run's state as two ranks leave it, so old."""
    folder = store.root / "checkpoints" / key / name
    for rank in ("rank00", "rank01"):
        (folder / rank).mkdir(parents=True)
        (folder / rank / "fields.h5").write_bytes(bytes(50))
    for path in (*folder.rglob("*"), folder):
        os.utime(path, (time.time() - age_s,) * 2)
    return folder


def test_states_go_when_their_run_is_done_and_if_it_never_will_be_by_wish(tmp_path):
    store, days_s = fill(tmp_path, 1), 3.0 * 86_400.0
    done = state(store, keys(store)[0], "400")
    kept = [state(store, "1" * 64, "400"), state(store, "2" * 64, "400", days_s), state(store, "2" * 64, ".800.a.part")]
    state(store, "no key", "400", days_s)
    torn = state(store, "3" * 64, ".400.b.part", days_s)
    pieces = list(waste(store, None, None))
    assert {(piece.path, piece.size) for piece in pieces} == {(done, 100), (torn, 100)}
    for piece in pieces:
        remove(piece)
        remove(piece)
    (old,) = waste(store, None, 2.0 * 86_400.0)
    remove(old)
    assert old.reason == "state of a run, 3 days old"
    assert sorted((tmp_path / "checkpoints").glob("[0-9]*/*")) == [kept[0], kept[2]]
    assert sorted(path.name for path in (tmp_path / "checkpoints").iterdir()) == ["1" * 64, "2" * 64, "no key"]


def test_copies_are_found_by_the_other_store(tmp_path):
    store, other = fill(tmp_path / "a"), Store(tmp_path / "b")
    first, *rest = keys(store)
    assert copy_to(store, other, [first[:10]]) == 1
    assert keys(other) == [first]
    assert copy_to(store, other, []) == len(rest)
    assert copy_to(store, other, []) == 0
    assert store.path(first).read_bytes() == other.path(first).read_bytes()


def test_damaged_entries_do_not_travel(tmp_path):
    store, other = fill(tmp_path / "a", 2), Store(tmp_path / "b")
    damage(store, keys(store)[0])
    with pytest.warns(UserWarning, match="damaged"):
        assert copy_to(store, other, []) == 1


def test_a_key_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(BadInput, match="beginning of a key"):
        copy_to(fill(tmp_path / "a"), Store(tmp_path / "b"), ["zz"])
