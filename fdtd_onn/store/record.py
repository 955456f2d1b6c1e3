"""What the store keeps: named arrays and the specification that made them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import FdtdOnnError
from fdtd_onn.specs.base import canonical_json, content_key


@dataclass(frozen=True, eq=False)
class Record:
    """A result on its way into or out of the store.

    kind: what the arrays are, for the reader to tell records apart.
    spec: JSON-able; everything that determines the arrays. Its hash is the record's key.
    arrays: name → bool, integer, real or complex array of any shape; copied in the machine's byte order, read-only.
    attributes: JSON-able; what is worth keeping but does not determine the arrays (dates, timings).

    The two JSON values are held in the form that JSON gives back (tuples become lists).
    Raises TypeError or ValueError when they cannot be written as JSON or hold NaN or infinity, and FdtdOnnError for
    an array name that is not an identifier or an array that is not numeric.
    """

    kind: str
    spec: dict[str, Any]
    arrays: dict[str, NDArray[Any]]
    attributes: dict[str, Any]

    def __post_init__(self) -> None:
        """Copy everything, so that later changes to what was passed in do not reach the record."""
        object.__setattr__(self, "spec", json.loads(canonical_json(self.spec)))
        object.__setattr__(self, "attributes", json.loads(canonical_json(self.attributes)))
        object.__setattr__(self, "arrays", {name: _numeric(name, values) for name, values in self.arrays.items()})

    @property
    def key(self) -> str:
        """The content key of the spec: the record's name in the store."""
        return content_key(self.spec)


def _numeric(name: str, values: NDArray[Any]) -> NDArray[Any]:
    """A read-only copy, if HDF5 gives back exactly what it was given."""
    if not name.isidentifier():
        raise FdtdOnnError(f"array name {name!r} must be an identifier (letters, digits, underscores)")
    array = np.array(values)
    # Extended precision differs from machine to machine, so it has no place in a shared store.
    if array.dtype.kind not in "biufc" or array.dtype.itemsize > (16 if array.dtype.kind == "c" else 8):
        raise FdtdOnnError(f"array {name!r} must be bool, integer, real or complex of standard size, got {array.dtype}")
    native = array.astype(array.dtype.newbyteorder("="), copy=False)
    native.setflags(write=False)
    return native
