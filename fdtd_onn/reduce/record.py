"""A model's values on their way into or out of one HDF5 file.

Layout: attributes `format`, `schema`, `kind` and `sha256` (of all texts and arrays) on the root, group `texts` (each a
list of UTF-8 strings) and group `arrays` (each a plain numeric array). Nothing else, no links, no object types.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from fdtd_onn.atomic import whole_file
from fdtd_onn.errors import BadInput

FORMAT = "fdtd-onn reduced model"
SCHEMA = 1
LARGEST_ARRAY = 5_000_000  # elements; a file that claims more is damaged or hostile, not a reduced model
CURE = "Compile the device again and save the model anew."


@dataclass(frozen=True, eq=False)
class Record:
    """Named lists of strings and named numeric arrays; `kind` says which model they are."""

    kind: str
    texts: Mapping[str, tuple[str, ...]]
    arrays: Mapping[str, NDArray[Any]]

    @property
    def digest(self) -> str:
        """SHA-256 of names and values, so that a damaged number in a file is found."""
        digest = hashlib.sha256(self.kind.encode())
        for name in sorted(self.texts):
            digest.update(repr((name, self.texts[name])).encode())
        for name in sorted(self.arrays):
            values = np.asarray(self.arrays[name])
            digest.update(repr((name, values.dtype.name, values.shape)).encode())
            digest.update(values.astype(values.dtype.newbyteorder("<")).tobytes())
        return digest.hexdigest()


@dataclass(frozen=True)
class Schema:
    """What a kind of model keeps: the names of its texts, and type and number of dimensions of its arrays."""

    texts: tuple[str, ...]
    arrays: Mapping[str, tuple[type[np.generic], int]]


def write_record(path: Path, record: Record) -> None:
    """Write the file whole or not at all. Raises BadInput if it cannot be written."""
    try:
        with whole_file(path) as part, h5py.File(part, "x") as file:
            _fill(file, record)
    except OSError as error:
        raise BadInput(
            str(path), "a file that can be written", error, "Choose an existing, writable folder."
        ) from error


def read_record(path: Path, schemas: Mapping[str, Schema]) -> Record:
    """Read and check a file; raises BadInput naming file, key, and what was expected of it."""
    if not path.is_file():
        raise BadInput(
            str(path), "a model file", "no such file", "Check the path, or compile and save the model first."
        )
    try:
        with h5py.File(path, "r") as file:
            return _checked(str(path), file, schemas)
    except BadInput:
        raise
    except Exception as error:  # h5py raises errors of almost any type on damaged bytes
        raise BadInput(str(path), "an HDF5 file of a model", f"{type(error).__name__}: {error}", CURE) from error


def _fill(file: h5py.File, record: Record) -> None:
    file.attrs["format"], file.attrs["schema"], file.attrs["kind"] = FORMAT, SCHEMA, record.kind
    file.attrs["sha256"] = record.digest
    texts, arrays = file.create_group("texts"), file.create_group("arrays")
    for name, strings in record.texts.items():
        texts.create_dataset(name, data=np.array([s.encode() for s in strings], dtype=np.bytes_))
    for name, values in record.arrays.items():
        arrays.create_dataset(name, data=values)


def _checked(path: str, file: h5py.File, schemas: Mapping[str, Schema]) -> Record:
    _expect(path, "format", repr(FORMAT), file.attrs.get("format"), file.attrs.get("format") == FORMAT)
    _expect(path, "schema", f"version {SCHEMA}", file.attrs.get("schema"), file.attrs.get("schema") == SCHEMA)
    kind = file.attrs.get("kind")
    _expect(path, "kind", f"one of {', '.join(schemas)}", kind, isinstance(kind, str) and kind in schemas)
    schema = schemas[kind]
    texts, arrays = _group(path, file, "texts", schema.texts), _group(path, file, "arrays", tuple(schema.arrays))
    record = Record(
        kind,
        {name: _text(path, f"texts/{name}", texts[name]) for name in schema.texts},
        {name: _array(path, f"arrays/{name}", arrays[name], *form) for name, form in schema.arrays.items()},
    )
    kept = file.attrs.get("sha256")
    _expect(path, "sha256", "the checksum of what the file holds", "another one", kept == record.digest)
    return record


def _expect(path: str, key: str, expected: str, got: object, holds: bool) -> None:
    if not holds:
        raise BadInput(f"{path}: {key}", expected, got, CURE)


def _group(path: str, file: h5py.File, key: str, names: tuple[str, ...]) -> h5py.Group:
    """Return a group of this very file that holds plain datasets of exactly these names."""
    _expect(path, key, "a group of this file", "a link", isinstance(file.get(key, getlink=True), h5py.HardLink))
    group = file[key]
    _expect(path, key, "a group", type(group).__name__, isinstance(group, h5py.Group))
    _expect(path, key, f"the keys {', '.join(names)}", ", ".join(group), set(group) == set(names))
    for name in names:
        hard = isinstance(group.get(name, getlink=True), h5py.HardLink)
        _expect(path, f"{key}/{name}", "a dataset of this file", "a link", hard)
        item = group[name]
        plain = isinstance(item, h5py.Dataset) and item.external is None and not item.is_virtual
        _expect(path, f"{key}/{name}", "a dataset with its values in this file", item, plain)
        _expect(path, f"{key}/{name}", f"at most {LARGEST_ARRAY} values", item.size, item.size <= LARGEST_ARRAY)
        # A packed dataset, or one that was never written, takes any amount of memory and none of the file.
        held = item.id.get_storage_size()
        whole = item.dtype.hasobject or (item.chunks is None and held == item.nbytes)  # objects are refused by type
        _expect(path, f"{key}/{name}", f"{item.nbytes} bytes as they are", f"{held} in the file, or packed", whole)
    return group


def _text(path: str, key: str, dataset: h5py.Dataset) -> tuple[str, ...]:
    _expect(path, key, "fixed-length strings, (n,)", dataset, dataset.dtype.kind == "S" and dataset.ndim == 1)
    return tuple(bytes(s).decode() for s in dataset[()])


def _array(path: str, key: str, dataset: h5py.Dataset, dtype: type[np.generic], ndim: int) -> NDArray[Any]:
    expected = f"{np.dtype(dtype)} in {ndim} dimensions"
    got = f"{dataset.dtype} in {dataset.ndim}"
    _expect(path, key, expected, got, dataset.dtype == np.dtype(dtype) and dataset.ndim == ndim)
    values = np.asarray(dataset[()])
    _expect(path, key, "finite values", "NaN or infinity", bool(np.all(np.isfinite(values))))
    return values
