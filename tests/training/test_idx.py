"""IDX files: what was written comes back, and nothing else does more than be refused."""

import gzip
import os
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from fdtd_onn.errors import BadInput
from fdtd_onn.training.datasets import idx
from fdtd_onn.training.datasets.idx import read_idx
from tests.training.idx_files import idx_bytes


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("idx") / "file"


@given(arrays(np.uint8, array_shapes(min_dims=1, max_dims=3, max_side=6)), st.booleans())
@settings(deadline=None, max_examples=60)
def test_what_was_written_comes_back(path, values, compressed):
    content = idx_bytes(values)
    path.write_bytes(gzip.compress(content) if compressed else content)
    np.testing.assert_array_equal(read_idx(path, values.ndim), values)


@given(arrays(np.uint8, (3, 2, 2)), st.booleans(), st.data())
@settings(deadline=None, max_examples=60)
def test_files_cut_short_or_with_more_behind_are_refused(path, values, compressed, data):
    content = gzip.compress(idx_bytes(values)) if compressed else idx_bytes(values)
    cut = data.draw(st.integers(0, len(content) - 1))
    for wrong in (content[:cut], content + data.draw(st.binary(min_size=1, max_size=40))):
        path.write_bytes(wrong)
        with pytest.raises(BadInput, match="file: expected"):
            read_idx(path, 3)


@given(st.binary(max_size=200), st.sampled_from([b"", idx.GZIP, b"\0\0\x08\x01", b"\0\0\x08\x03"]), st.booleans())
@settings(deadline=None, max_examples=60)
def test_any_bytes_give_values_or_words(path, content, beginning, compressed):
    content = beginning + content
    path.write_bytes(gzip.compress(content) if compressed else content)
    for dimensions in (1, 3):
        values = said = None
        try:
            values = read_idx(path, dimensions)
        except BadInput as error:
            said = str(error)
        assert str(path) in said if values is None else idx_bytes(values) == content


@given(st.lists(st.integers(0, 2**32 - 1), min_size=3, max_size=3), st.booleans())
@settings(deadline=None, max_examples=60)
def test_a_header_that_claims_more_than_there_is_takes_no_memory(path, shape, compressed):
    content = bytes((0, 0, 8, 3)) + struct.pack(">3I", *shape) + b"x"
    path.write_bytes(gzip.compress(content) if compressed else content)
    tracemalloc.start()
    try:
        if shape != [1, 1, 1]:
            with pytest.raises(BadInput):
                read_idx(path, 3)
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def test_of_a_bomb_no_more_is_unpacked_than_it_claims_to_hold(path):
    """64 MB of zeros in 64 kB, behind a header for 16 values."""
    packer = zlib.compressobj(wbits=31)
    parts = [packer.compress(bytes((0, 0, 8, 1)) + struct.pack(">I", 16))]
    parts += [packer.compress(bytes(2**20)) for _ in range(64)]
    path.write_bytes(b"".join([*parts, packer.flush()]))
    tracemalloc.start()
    try:
        with pytest.raises(BadInput, match="24 bytes, for 16 values, got more"):
            read_idx(path, 1)
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (bytes((0, 0, 9, 1, 0, 0, 0, 1, 7)), "begins with 00 00 08 01, got 00 00 09 01"),
        (bytes((0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 1, 7)), "begins with 00 00 08 01, got 00 00 08 02"),
        (bytes((0, 0, 8, 1, 0, 0)), "a header of 8 bytes, got 6"),
        (bytes((0, 0, 8, 1, 0, 0, 0, 0)), "1 to 134217728 values, got 0"),
        (b"", "begins with"),
        (gzip.compress(idx_bytes(np.arange(5)))[:-3], "got one cut short"),
        (gzip.compress(idx_bytes(np.arange(5))) * 2, "got more after its end"),
    ],
)
def test_what_is_wrong_is_said(path, content, expected):
    path.write_bytes(content)
    with pytest.raises(BadInput) as refusal:
        read_idx(path, 1)
    assert expected in str(refusal.value)


def test_a_damaged_byte_of_a_compressed_file_is_found(path):
    content = bytearray(gzip.compress(idx_bytes(np.random.default_rng(0).integers(0, 256, 500)), compresslevel=0))
    content[100] ^= 1
    path.write_bytes(content)
    with pytest.raises(BadInput, match="incorrect data check"):
        read_idx(path, 1)


def test_folders_pipes_and_giants_are_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "giant").open("wb") as file:
        file.truncate(2**40)
    for name, expected in (("pipe", "regular file"), ("giant", "at most"), (".", "regular"), ("none", "can be read")):
        with pytest.raises(BadInput, match=expected):
            read_idx(tmp_path / name, 1)
