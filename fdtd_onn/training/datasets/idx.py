"""Arrays of bytes in IDX files, the format of MNIST, as they are or compressed by gzip.

Two zero bytes, the type of the values (0x08: unsigned bytes), the number of dimensions, then each dimension as a
big-endian 32-bit number, then the values, the last dimension running fastest (LeCun et al., "The MNIST database").
Whatever a file claims, no more than `LARGEST_BYTES` are read from it or made of it.
"""

from __future__ import annotations

import stat
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import BadInput

Bytes = NDArray[np.uint8]

UNSIGNED_BYTES = 0x08
GZIP = b"\x1f\x8b"
LARGEST_BYTES = 2**27  # of a file, and of its values; MNIST's largest has 47 MB. Features take eight times that
CURE = "Name a whole IDX file of unsigned bytes, plain or compressed by gzip."


def read_idx(path: Path, dimensions: int) -> Bytes:
    """The values of a file that must have this number of dimensions. Raises BadInput naming the file."""
    content = _read(path)
    start = 4 + 4 * dimensions
    header = _unpacked(path, content, start)
    expected = bytes((0, 0, UNSIGNED_BYTES, dimensions))
    if header[:4] != expected:
        raise _bad(path, f"an IDX file that begins with {expected.hex(' ')}", header[:4].hex(" "))
    if len(header) < start:
        raise _bad(path, f"a header of {start} bytes", f"{len(header)}")
    shape = tuple(int(n) for n in np.frombuffer(header, ">u4", dimensions, 4))
    count = int(np.prod(shape, dtype=object))  # as Python's numbers: they do not overflow
    if not 0 < count <= LARGEST_BYTES:
        raise _bad(path, f"1 to {LARGEST_BYTES} values", f"{' x '.join(map(str, shape))}")
    whole = _unpacked(path, content, start + count + 1)  # one more, to find what should not be there
    if len(whole) != start + count:
        got = "more" if len(whole) > start + count else f"{len(whole)}"
        raise _bad(path, f"{start + count} bytes, for {' x '.join(map(str, shape))} values", got)
    return np.frombuffer(whole, np.uint8, count, start).reshape(shape)


def _read(path: Path) -> bytes:
    try:
        status = path.stat()
        # Opening a pipe would wait for a writer, and a device may have no end.
        if not stat.S_ISREG(status.st_mode):
            raise _bad(path, "a regular file", "a folder, pipe or device")
        if status.st_size > LARGEST_BYTES:
            raise _bad(path, f"at most {LARGEST_BYTES} bytes", f"{status.st_size}")
        with path.open("rb") as file:
            return file.read(status.st_size)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise BadInput(ascii(str(path)), "a file that can be read", error, CURE) from error


def _unpacked(path: Path, content: bytes, most: int) -> bytes:
    """The first bytes of what the file holds, `most` at the most."""
    if not content.startswith(GZIP):
        return content[:most]
    unpack = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        values = unpack.decompress(content, most)
    except zlib.error as error:
        raise _bad(path, "a whole file compressed by gzip", f"an error: {error}") from error
    if len(values) < most and not (unpack.eof and not unpack.unused_data):
        raise _bad(path, "a whole file compressed by gzip", "more after its end" if unpack.eof else "one cut short")
    return values


def _bad(path: Path, expected: str, got: str) -> BadInput:
    return BadInput(str(path), expected, got, CURE)
