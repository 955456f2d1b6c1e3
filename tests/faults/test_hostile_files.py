"""Files of strangers: refused in words, in bounded memory and time, without a look at any other file.

All are opened in another process whose memory, time and file size have limits. Whoever opens the other file that some
of them name waits there for ever: it is a pipe that nobody writes to.
"""

import json
import os
import random
import subprocess
import sys

import h5py
import numpy as np
import pytest

from fdtd_onn.library import design_folder
from fdtd_onn.reduce import compile_model
from fdtd_onn.store import Record, Store
from fdtd_onn.store.encoding import USER_BLOCK_BYTES, _user_block, encode
from tests.fullwave.support import ENVIRONMENT
from tests.reduce.synthetic import coupler_response

# Opens every file named on standard input; prints what came of each, and by how much the process grew, in MiB.
OPEN_ALL = """
import json, resource, sys, warnings
from pathlib import Path
from fdtd_onn.errors import FdtdOnnError
from fdtd_onn.reduce import load_model
from fdtd_onn.specs.load import load_device, load_layout
from fdtd_onn.store import Store
warnings.simplefilter("ignore")
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
resource.setrlimit(resource.RLIMIT_CPU, (120, 120))

def open_entry(path):
    path = Path(path)
    if Store(path.parent.parent).read(path.stem) is None:
        raise FdtdOnnError("counts as absent")

openers = {"model": load_model, "entry": open_entry, "device": load_device, "layout": load_layout}
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for line in sys.stdin:
    kind, path = json.loads(line)
    try:
        openers[kind](path)
        said = "opened"
    except FdtdOnnError as error:
        said = f"refused: {error}"
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(json.dumps([path, said, grown]), flush=True)
"""


def opened(files):
    """(what came of it, growth in MiB) of (kind, file) each."""
    text = "".join(json.dumps([kind, str(path)]) + "\n" for kind, path in files)
    command = [sys.executable, "-c", OPEN_ALL]
    process = subprocess.run(command, input=text, capture_output=True, text=True, env=ENVIRONMENT, timeout=120)
    assert process.returncode == 0, process.stdout[-500:] + process.stderr[-2000:]
    lines = [json.loads(line) for line in process.stdout.splitlines()]
    assert len(lines) == len(files)
    return [(said, grown) for _, said, grown in lines]


def unwritten(group, name, other):
    group.create_dataset(name, shape=(10**12,), dtype="f8")


def unwritten_text(group, name, other):
    group.create_dataset(name, shape=(1,), dtype="S2000000000")


def packed(group, name, other):
    """Some kilobytes that would be 400 MB."""
    group.create_dataset(name, shape=(50_000_000,), dtype="f8", chunks=(10_000_000,), compression="gzip", fillvalue=1.0)
    group[name][0] = 0.0


def packed_within_the_limit(group, name, other):
    group.create_dataset(name, data=np.zeros(4_000_000), chunks=(4_000_000,), compression="gzip")


def external_link(group, name, other):
    group[name] = h5py.ExternalLink(str(other), "/secret")


def external_storage(group, name, other):
    group.create_dataset(name, (4,), "u1", external=[(str(other), 0, 4)])


def virtual(group, name, other):
    layout = h5py.VirtualLayout((3,), "f8")
    layout[:] = h5py.VirtualSource(str(other), "secret", (3,))
    group.create_virtual_dataset(name, layout)


def objects(group, name, other):
    group.create_dataset(name, data=["text"], dtype=h5py.string_dtype())


def references(group, name, other):
    group.create_dataset(name, data=group.ref, dtype=h5py.ref_dtype)


def circle(group, name, other):
    group[name] = group


def not_a_number(group, name, other):
    group[name] = np.full((3, 2, 2), np.nan)


def compound(group, name, other):
    group[name] = np.zeros(3, dtype=[("a", "f8"), ("b", "i4")])


SABOTAGE = [unwritten, unwritten_text, packed, packed_within_the_limit, external_link, external_storage, virtual]
SABOTAGE += [objects, references, circle, not_a_number, compound]


@pytest.fixture(scope="module")
def pipe(tmp_path_factory):
    path = tmp_path_factory.mktemp("secret") / "secret.h5"
    os.mkfifo(path)
    return path


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.h5"
    compile_model(coupler_response(0.2)).save(path)
    return path.read_bytes()


def spoiled_models(folder, model, other):
    for sabotage in SABOTAGE:
        for place in ("arrays/fit_error", "arrays/delay_um", "texts/name", "arrays", "texts"):
            path = folder / f"{sabotage.__name__}-{place.replace('/', '-')}.h5"
            path.write_bytes(model)
            with h5py.File(path, "r+") as file:
                del file[place]
                sabotage(file[place.rpartition("/")[0] or "/"], place.rpartition("/")[2], other)
            yield "model", path


def test_models_that_are_spoiled_are_refused_within_bounds(tmp_path, model, pipe):
    files = list(spoiled_models(tmp_path, model, pipe))
    for (_, path), (said, grown) in zip(files, opened(files), strict=True):
        assert said.startswith(f"refused: {path}"), said
        assert grown < 100.0, path


@pytest.mark.long
def test_damaged_bytes_of_a_model_are_refused_or_change_nothing(tmp_path, model):
    """A bit somewhere, or the end cut off: whatever the HDF5 library makes of it, no crash, and never other numbers."""
    chance, files = random.Random(0), []
    for number in range(150):
        content = bytearray(model)
        if number % 3:
            for _ in range(number % 3):
                content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        else:
            del content[chance.randrange(len(content)) :]
        path = tmp_path / f"{number}.h5"
        path.write_bytes(content)
        files.append(("model", path))
    outcomes = opened(files)
    assert all(said == "opened" or said.startswith("refused: ") for said, _ in outcomes)
    assert sum(said.startswith("refused: ") for said, _ in outcomes) > 75
    assert max(grown for _, grown in outcomes) < 100.0


def test_store_entries_of_strangers_are_set_aside_within_bounds(tmp_path, pipe):
    store, files = Store(tmp_path / "store"), []
    for sabotage in SABOTAGE:
        if sabotage in (not_a_number, packed_within_the_limit):
            continue
        record = Record("x", {"sabotage": sabotage.__name__}, {}, {})
        path = store.path(record.key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode(record))
        with h5py.File(path, "r+") as file:
            sabotage(file["arrays"], "s", pipe)
        body = path.read_bytes()[USER_BLOCK_BYTES:]
        path.write_bytes(_user_block(body) + body)
        files.append(("entry", path))
    waits = store.path("0" * 64)
    waits.parent.mkdir(exist_ok=True)
    os.mkfifo(waits)
    for said, grown in opened([*files, ("entry", waits)]):
        assert said == "refused: counts as absent"
        assert grown < 100.0


NUMBERS = ["1e308", "-1e308", "999999999999999999999999", "inf", "nan", "1e-320", "0x7fffffffffffffff", "1_000_000_000"]


def with_numbers(text, number):
    """The text with every number, one at a time, replaced by another."""
    lines = text.splitlines()
    for at, line in enumerate(lines):
        name, sign, value = line.partition(" = ")
        if sign and value.split("#")[0].strip().replace(".", "").replace("-", "").replace("e", "").isdigit():
            yield "\n".join([*lines[:at], f"{name} = {number}", *lines[at + 1 :]])


@pytest.mark.long
def test_numbers_of_any_size_in_designs_are_read_or_refused_within_bounds(tmp_path):
    """Reading makes no array of a size that a file names."""
    files = []
    for kind, name in (("layout", "rings_bench_4"), ("device", "grating_tap"), ("device", "absorber_strip")):
        text = (design_folder(f"{kind}s") / f"{name}.toml").read_text(encoding="utf-8")
        for number in NUMBERS:
            for spoiled in with_numbers(text, number):
                path = tmp_path / f"{len(files)}.toml"
                path.write_text(spoiled)
                files.append((kind, path))
    assert len(files) > 200
    for said, grown in opened(files):
        assert said == "opened" or said.startswith("refused: ")
        assert grown < 150.0
