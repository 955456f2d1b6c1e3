"""Check a GDSII stream record by record before the library parses it, which trusts what it reads.

A record is its length in bytes (two, big-endian, header included), a type, a data type, and data. The rules are those
of the GDSII Stream Format Manual, release 6.0 (Calma 1987), the order of the records within an element left free.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from fdtd_onn.errors import BadInput

_CURE = "Write the file again from the layout tool."

_BGNLIB, _UNITS, _ENDLIB, _BGNSTR, _STRNAME, _ENDSTR, _STRCLASS = 0x01, 0x03, 0x04, 0x05, 0x06, 0x07, 0x34
_XY, _ENDEL, _SNAME = 0x10, 0x11, 0x12
_PROPERTY = frozenset((0x2B, 0x2C))  # number and value: an element may have several
_TEXTS = frozenset((_SNAME, 0x19, 0x2C))
#: Bytes of data of records that have a fixed number.
_SIZES = {0x00: 2, _UNITS: 16, _ENDLIB: 0, _ENDSTR: 0, _ENDEL: 0, 0x0D: 2, 0x0E: 2, 0x0F: 4, 0x13: 4, 0x16: 2, 0x17: 2}
_SIZES |= {0x1A: 2, 0x1B: 8, 0x1C: 8, 0x21: 2, 0x22: 2, 0x26: 2, 0x2A: 2, 0x2B: 2, 0x2E: 2, 0x2F: 4, 0x30: 4, 0x31: 4}
_IN_LIBRARY = frozenset((0x02, _UNITS, 0x1F, 0x20, 0x22, 0x23, 0x36, 0x37, 0x38, 0x39, 0x3A, 0x3B))
_IN_ELEMENT = _PROPERTY | _TEXTS | frozenset((0x0D, 0x0E, 0x0F, _XY, 0x13, 0x16, 0x17, 0x1A, 0x1B, 0x1C, 0x21, 0x26))
_IN_ELEMENT |= frozenset((0x2A, 0x2E, 0x2F, 0x30, 0x31))


class _Element(NamedTuple):
    """Records that an element must have, and its least number of points."""

    needs: frozenset[int]
    points: int


_ELEMENTS = {
    0x08: _Element(frozenset((0x0D, 0x0E, _XY)), 4),  # boundary
    0x09: _Element(frozenset((0x0D, 0x0E, _XY)), 2),  # path
    0x0A: _Element(frozenset((_SNAME, _XY)), 1),  # reference
    0x0B: _Element(frozenset((_SNAME, 0x13, _XY)), 3),  # array of references
    0x0C: _Element(frozenset((0x0D, 0x16, _XY, 0x19)), 1),  # text
    0x15: _Element(frozenset((0x0D, 0x2A, _XY)), 1),  # node
    0x2D: _Element(frozenset((0x0D, 0x2E, _XY)), 4),  # box
}


def check_records(path: Path, content: bytes) -> None:
    """Raise BadInput unless the content is a whole GDSII library: cells of elements that have what they need."""
    records = _records(path, content)
    if next(records)[0] != 0x00 or next(records)[0] != _BGNLIB:
        raise BadInput(str(path), "a GDSII file", "a file that does not begin as one", "Give the path of a .gds file.")
    cells: set[str] = set()
    references: set[str] = set()
    for kind, data in records:
        if kind == _BGNSTR:
            _check_cell(path, records, cells, references)
        elif kind == _ENDLIB:
            break
        elif kind == _UNITS:
            _check_units(path, data)
        elif kind not in _IN_LIBRARY:
            raise _misplaced(path, kind, "a library")
    if references - cells:
        lacking = ", ".join(sorted(references - cells)[:5])
        cure = "Write the file together with all its cells."
        raise BadInput(str(path), "all cells that are referred to", f"none named {lacking}", cure)


def _records(path: Path, content: bytes) -> Iterator[tuple[int, bytes]]:
    """Type and data of each record. Raises BadInput where one is cut off, or has not the length of its type."""
    at = 0
    while True:
        if at + 4 > len(content):
            raise BadInput(str(path), "a file that ends with ENDLIB", f"an end after {len(content)} bytes", _CURE)
        length, kind, _ = struct.unpack_from(">HBB", content, at)
        if length < 4 or at + length > len(content) or length - 4 != _SIZES.get(kind, length - 4):
            raise BadInput(str(path), "whole GDSII records", f"{length} bytes for type {kind:#04x} at {at}", _CURE)
        yield kind, content[at + 4 : at + length]
        at += length


def _check_cell(path: Path, records: Iterator[tuple[int, bytes]], cells: set[str], references: set[str]) -> None:
    names = []
    for kind, data in records:
        if kind in _ELEMENTS:
            references |= _check_element(path, _ELEMENTS[kind], records)
        elif kind == _ENDSTR:
            break
        elif kind == _STRNAME:
            names.append(_text(path, data))
        elif kind != _STRCLASS:
            raise _misplaced(path, kind, "a cell")
    if len(names) != 1 or not names[0] or names[0] in cells:
        got = f"a cell named {', '.join(names)}" if names else "a cell without one"
        raise BadInput(str(path), "one name for every cell, all different", got, _CURE)
    cells.add(names[0])


def _check_element(path: Path, element: _Element, records: Iterator[tuple[int, bytes]]) -> set[str]:
    """Name of the cell that an element refers to, if any."""
    found, names = set(), set()
    for kind, data in records:
        if kind == _ENDEL:
            break
        if kind not in _IN_ELEMENT or (kind in found and kind not in _PROPERTY):
            raise _misplaced(path, kind, "an element")
        if kind == _XY and (len(data) % 8 or len(data) < 8 * element.points):
            raise BadInput(str(path), f"at least {element.points} points", f"{len(data) / 8:g} in an element", _CURE)
        if kind in _TEXTS:
            text = _text(path, data)
            names |= {text} if kind == _SNAME else set()
        found.add(kind)
    if not element.needs <= found:
        lacking = ", ".join(f"{kind:#04x}" for kind in sorted(element.needs - found))
        raise BadInput(str(path), "whole elements", f"one without records {lacking}", _CURE)
    return names


def _text(path: Path, data: bytes) -> str:
    try:
        return data.rstrip(b"\0").decode("ascii")
    except UnicodeDecodeError as error:
        raise BadInput(str(path), "names and labels in ASCII", f"byte {data[error.start]:#04x}", _CURE) from error


def _check_units(path: Path, data: bytes) -> None:
    """The second number is the size of the grid in m: one byte of sign and exponent of 16, seven of mantissa."""
    grid_m = int.from_bytes(data[9:], "big") / 2**56 * 16.0 ** (data[8] - 64) if data[8] < 128 else 0.0
    if not 1e-13 <= grid_m <= 1e-6:
        raise BadInput(str(path), "a grid (UNITS) of 0.0001 nm to 1 µm", f"{grid_m:g} m", _CURE)


def _misplaced(path: Path, kind: int, where: str) -> BadInput:
    return BadInput(str(path), f"the records that {where} may have", f"type {kind:#04x}", _CURE)
