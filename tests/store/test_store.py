import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from fdtd_onn.errors import BadInput, FdtdOnnError
from fdtd_onn.store import Record, Store
from fdtd_onn.store.encoding import USER_BLOCK_BYTES, Damaged, _user_block, decode, encode
from fdtd_onn.store.store import default_root

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
json_tables = st.dictionaries(st.text(), json_values, max_size=4)
dtypes = st.one_of(
    hnp.boolean_dtypes(),
    hnp.integer_dtypes(endianness="?"),
    hnp.unsigned_integer_dtypes(endianness="?"),
    hnp.floating_dtypes(sizes=(16, 32, 64), endianness="?"),
    hnp.complex_number_dtypes(sizes=(64, 128), endianness="?"),
)
arrays = hnp.arrays(dtypes, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8).filter(str.isidentifier)
records = st.builds(Record, st.text(), json_tables, st.dictionaries(names, arrays, max_size=4), json_tables)


def response_like() -> Record:
    s = np.exp(1j * np.linspace(0.0, 5.0, 24)).reshape(6, 2, 2)
    return Record("response", {"device": "coupler", "gap_um": 0.2}, {"s": s, "n": np.arange(3)}, {"created": "today"})


def assert_same(a: Record, b: Record) -> None:
    assert (a.kind, a.spec, a.attributes) == (b.kind, b.spec, b.attributes)
    assert a.arrays.keys() == b.arrays.keys()
    for name, values in a.arrays.items():
        other = b.arrays[name]
        assert (values.dtype, values.shape) == (other.dtype, other.shape)
        assert values.tobytes() == other.tobytes()  # to the bit: NaN payloads and signed zeros too


def start(code: str, *arguments: object) -> subprocess.Popen[str]:
    prelude = "import sys, numpy as np\nfrom fdtd_onn.store import Record, Store\n"
    return subprocess.Popen(
        [sys.executable, "-c", prelude + code, *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )


@given(records)
def test_decode_undoes_encode(record):
    assert_same(decode(encode(record)), record)


def test_a_record_is_read_back_from_a_new_folder(tmp_path):
    store, record = Store(tmp_path / "not" / "there yet"), response_like()
    assert not store.has(record.key)
    assert store.read(record.key) is None
    store.write(record.key, record)
    assert store.has(record.key)
    assert_same(store.read(record.key), record)


def test_the_file_is_ordinary_hdf5(tmp_path):
    store, record = Store(tmp_path), response_like()
    store.write(record.key, record)
    with h5py.File(store.path(record.key)) as file:
        assert json.loads(file["record"][()])["spec"] == record.spec
        np.testing.assert_array_equal(file["arrays/s"][()], record.arrays["s"])


def test_records_do_not_change_with_what_made_them():
    values, spec = np.zeros(3), {"list": [1]}
    record = Record("x", spec, {"values": values}, {})
    values[0] = 1.0
    spec["list"].append(2)
    assert record.arrays["values"][0] == 0.0
    assert record.spec == {"list": [1]}
    with pytest.raises(ValueError, match="read-only"):
        record.arrays["values"][0] = 1.0


@pytest.mark.parametrize(
    "arrays",
    [
        {"a": np.array([None])},
        {"a": np.array(["text"])},
        {"a": np.zeros(1, np.longdouble)},
        {"a/b": np.zeros(1)},
        {"": np.zeros(1)},
    ],
)
def test_arrays_that_hdf5_would_not_give_back_are_refused(arrays):
    with pytest.raises(FdtdOnnError, match="array"):
        Record("x", {}, arrays, {})


@pytest.mark.parametrize("spec", [{"a": float("nan")}, {"a": float("inf")}, {"a": object()}])
def test_specs_that_json_cannot_hold_are_refused(spec):
    with pytest.raises((TypeError, ValueError)):
        Record("x", spec, {}, {})


def test_a_key_must_be_that_of_the_spec(tmp_path):
    store, record = Store(tmp_path), response_like()
    with pytest.raises(FdtdOnnError, match="has the key"):
        store.write("0" * 64, record)
    for key in ("", "../../etc/passwd", record.key.upper(), record.key + "\n"):
        with pytest.raises(FdtdOnnError, match="64 hexadecimal"):
            store.path(key)


def test_every_flipped_bit_and_every_truncation_is_found():
    image = encode(response_like())
    for position in range(len(image)):
        flipped = bytearray(image)
        flipped[position] ^= 1 << (position % 8)
        with pytest.raises(Damaged):
            decode(bytes(flipped))
        with pytest.raises(Damaged):
            decode(image[:position])
    with pytest.raises(Damaged):
        decode(image + b"\0")


def test_a_damaged_entry_is_set_aside_with_a_warning(tmp_path):
    store, record = Store(tmp_path), response_like()
    for count in (1, 2):
        store.write(record.key, record)
        image = bytearray(store.path(record.key).read_bytes())
        image[-1] ^= 1
        store.path(record.key).write_bytes(image)
        with pytest.warns(UserWarning, match="checksum"):
            assert store.read(record.key) is None
        assert not store.has(record.key)
        kept = list((tmp_path / "quarantine").iterdir())
        assert len(kept) == count
        assert bytes(image) in [path.read_bytes() for path in kept]


def test_a_whole_record_under_another_key_is_set_aside(tmp_path):
    store, record = Store(tmp_path), response_like()
    other = "ab" * 32
    store.path(other).parent.mkdir()
    store.path(other).write_bytes(encode(record))
    with pytest.warns(UserWarning, match=record.key):
        assert store.read(other) is None
    assert not store.has(other)


def test_a_folder_in_place_of_an_entry_counts_as_absent(tmp_path):
    store, record = Store(tmp_path), response_like()
    store.path(record.key).mkdir(parents=True)
    with pytest.warns(UserWarning, match="quarantine"):
        assert store.read(record.key) is None
    store.write(record.key, record)
    assert_same(store.read(record.key), record)


def make_external_link(group: h5py.Group, other: Path) -> None:
    group["s"] = h5py.ExternalLink(str(other), "/secret")


def make_soft_link(group: h5py.Group, other: Path) -> None:
    group["s"] = h5py.SoftLink("/record")


def make_external_storage(group: h5py.Group, other: Path) -> None:
    group.create_dataset("s", (4,), "u1", external=[(str(other), 0, 4)])


def make_virtual(group: h5py.Group, other: Path) -> None:
    layout = h5py.VirtualLayout((3,), "f8")
    layout[:] = h5py.VirtualSource(str(other), "secret", (3,))
    group.create_virtual_dataset("s", layout)


def make_object(group: h5py.Group, other: Path) -> None:
    group.create_dataset("s", data=["text"], dtype=h5py.string_dtype())


@pytest.mark.parametrize("make", [make_external_link, make_soft_link, make_external_storage, make_virtual, make_object])
def test_nothing_outside_the_entry_is_read(tmp_path, make):
    other, crafted = tmp_path / "other.h5", tmp_path / "crafted.h5"
    with h5py.File(other, "w") as file:
        file["secret"] = np.arange(3.0)
    with h5py.File(crafted, "w", userblock_size=USER_BLOCK_BYTES) as file:
        file["record"] = np.bytes_('{"kind":"x","spec":{},"attributes":{}}')
        make(file.create_group("arrays"), other)
    body = crafted.read_bytes()[USER_BLOCK_BYTES:]
    with pytest.raises(Damaged, match=r"s is a link|s keeps its values outside"):
        decode(_user_block(body) + body)


def test_a_store_that_cannot_be_written_says_what_to_do(tmp_path):
    (tmp_path / "file").write_text("in the way")
    record = response_like()
    with pytest.raises(BadInput, match="FDTD_ONN_STORE"):
        Store(tmp_path / "file").write(record.key, record)


def test_the_default_root_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("FDTD_ONN_STORE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert default_root() == tmp_path / ".cache" / "fdtd-onn"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert default_root() == tmp_path / ".cache" / "fdtd-onn"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert default_root() == tmp_path / "cache" / "fdtd-onn"
    monkeypatch.setenv("FDTD_ONN_STORE", "~/results")
    assert default_root() == tmp_path / "results" == Store().root


def test_a_writer_killed_by_the_kernel_in_the_middle_leaves_no_entry(tmp_path):
    """A limit on file size, with its signal left deadly, ends the process inside the write itself."""
    code = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
record = Record("x", {"a": 1}, {"values": np.zeros(100_000)}, {})
Store(__import__("pathlib").Path(sys.argv[1])).write(record.key, record)
"""
    writer = start(code, tmp_path)
    writer.communicate(timeout=60)
    assert writer.returncode == -signal.SIGXFSZ
    record = Record("x", {"a": 1}, {"values": np.zeros(100_000)}, {})
    store = Store(tmp_path)
    (part,) = store.path(record.key).parent.iterdir()
    assert part.suffix == ".part"
    assert 0 < part.stat().st_size <= 100_000
    assert not store.has(record.key)
    assert store.read(record.key) is None
    store.write(record.key, record)
    assert_same(store.read(record.key), record)


def test_a_writer_killed_at_any_time_leaves_a_whole_entry_or_none(tmp_path):
    code = """
from pathlib import Path
print("ready", flush=True)
for turn in range(10**9):
    record = Record("x", {"a": 1}, {"values": np.full(200_000, turn)}, {"turn": turn})
    Store(Path(sys.argv[1])).write(record.key, record)
"""
    store, key = Store(tmp_path), Record("x", {"a": 1}, {}, {}).key
    random.seed(0)
    for _ in range(4):
        writer = start(code, tmp_path)
        writer.stdout.readline()
        while not store.has(key):  # once: on a busy machine the first entry takes its time
            time.sleep(0.01)
        time.sleep(random.uniform(0.0, 0.05))
        writer.kill()
        writer.communicate(timeout=60)
        record = store.read(key)  # any warning is an error here
        assert record is None or np.all(record.arrays["values"] == record.attributes["turn"])
    assert store.has(key)


def test_concurrent_writers_and_a_reader_see_whole_records_only(tmp_path):
    code = """
from pathlib import Path
for turn in range(40):
    record = Record("x", {"a": 1}, {"values": np.full(20_000, int(sys.argv[2]))}, {"writer": int(sys.argv[2])})
    Store(Path(sys.argv[1])).write(record.key, record)
"""
    store, key = Store(tmp_path), Record("x", {"a": 1}, {}, {}).key
    writers = [start(code, tmp_path, number) for number in (1, 2, 3)]
    seen = []
    while any(writer.poll() is None for writer in writers):
        record = store.read(key)
        if record is not None:
            assert np.all(record.arrays["values"] == record.attributes["writer"])
            seen.append(record.attributes["writer"])
        else:
            assert not seen, "an entry that was there disappeared"
    for writer in writers:
        writer.communicate()
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert store.read(key).attributes["writer"] in (1, 2, 3)
    assert [path.name for path in store.path(key).parent.iterdir()] == [f"{key}.h5"]
