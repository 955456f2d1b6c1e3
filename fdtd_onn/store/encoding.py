"""A record as the bytes of one HDF5 file, and back.

The file begins with a user block of 512 bytes (HDF5 skips it) that holds format, schema and the SHA-256 of all that
follows. It is checked before the HDF5 library sees the bytes, so a flipped or missing byte anywhere is found, and
damaged metadata is never parsed.

After it: dataset `record` (JSON: kind, spec, attributes) and group `arrays`.
"""

from __future__ import annotations

import hashlib
import io
import json
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from fdtd_onn.specs.base import canonical_json
from fdtd_onn.store.record import Record

FORMAT = "fdtd-onn store"
SCHEMA = 1
USER_BLOCK_BYTES = 512


class Damaged(Exception):
    """The bytes are not those of a whole record."""


def encode(record: Record) -> bytes:
    """The file's bytes; the same record always gives the same bytes."""
    header = {"kind": record.kind, "spec": record.spec, "attributes": record.attributes}
    image = io.BytesIO()
    with h5py.File(image, "w", userblock_size=USER_BLOCK_BYTES) as file:
        file.create_dataset("record", data=np.bytes_(canonical_json(header)))
        group = file.create_group("arrays")
        for name in sorted(record.arrays):
            group.create_dataset(name, data=record.arrays[name])
    body = image.getvalue()[USER_BLOCK_BYTES:]
    return _user_block(body) + body


def decode(image: bytes) -> Record:
    """The record whose bytes these are; raises Damaged for anything else."""
    body = image[USER_BLOCK_BYTES:]
    if image[:USER_BLOCK_BYTES] != _user_block(body):
        raise Damaged(f"not {FORMAT} schema {SCHEMA}, or the checksum does not match the content")
    try:
        with h5py.File(io.BytesIO(image), "r") as file:
            return _record(file)
    except Exception as error:  # h5py raises errors of almost any type on a file of another structure
        raise Damaged(f"{type(error).__name__}: {error}") from error


def _user_block(body: bytes) -> bytes:
    text = f"{FORMAT} {SCHEMA}\nsha256 of what follows byte {USER_BLOCK_BYTES}: {hashlib.sha256(body).hexdigest()}\n"
    return text.encode().ljust(USER_BLOCK_BYTES, b"\0")


def _record(file: h5py.File) -> Record:
    header = json.loads(_dataset(file, "record").item())
    if not isinstance(file.get("arrays", getlink=True), h5py.HardLink):
        raise Damaged("arrays must be a group in this file")
    arrays = {name: _dataset(file["arrays"], name) for name in file["arrays"]}
    return Record(header["kind"], header["spec"], arrays, header["attributes"])


def _dataset(group: h5py.Group, name: str) -> NDArray[Any]:
    """Values held in this very file: links out of it, external storage and object types are refused."""
    if not isinstance(group.get(name, getlink=True), h5py.HardLink):
        raise Damaged(f"{name} is a link")
    dataset = group[name]
    if dataset.external is not None or dataset.is_virtual or dataset.dtype.hasobject:
        raise Damaged(f"{name} keeps its values outside this file or is not plain data")
    # A packed dataset, or one that was never written, takes any amount of memory and none of the file.
    if dataset.chunks is not None or dataset.id.get_storage_size() != dataset.nbytes:
        raise Damaged(f"{name} declares {dataset.nbytes} bytes and does not hold them as they are")
    return np.asarray(dataset[()])
