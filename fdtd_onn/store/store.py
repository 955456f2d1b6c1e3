"""A folder of records, each under the hash of what made it."""

from __future__ import annotations

import os
import re
import secrets
import stat
import tempfile
import warnings
from dataclasses import dataclass, field
from pathlib import Path

from fdtd_onn.atomic import whole_file
from fdtd_onn.errors import BadInput, FdtdOnnError
from fdtd_onn.store.encoding import Damaged, decode, encode
from fdtd_onn.store.record import Record

LARGEST_BYTES = 2**30


def default_root() -> Path:
    """$FDTD_ONN_STORE, else `fdtd-onn` in the user's cache folder (XDG Base Directory Specification)."""
    chosen = os.environ.get("FDTD_ONN_STORE", "")
    if chosen:
        return Path(chosen).expanduser().absolute()
    cache = Path(os.environ.get("XDG_CACHE_HOME", ""))
    # The specification says that a relative path is to be ignored, like an unset one.
    return (cache if cache.is_absolute() else Path.home() / ".cache") / "fdtd-onn"


@dataclass(frozen=True)
class Store:
    """Records as HDF5 files, `<root>/<first two letters of the key>/<key>.h5`.

    A record appears whole or not at all, however a writer ends; of two writers of one key the last one wins.
    What cannot be read is moved to `<root>/quarantine/` with a warning and counts as absent.
    """

    root: Path = field(default_factory=default_root)

    def path(self, key: str) -> Path:
        """Where the record of this key is or would be; FdtdOnnError if it is not a content key."""
        if not re.fullmatch("[0-9a-f]{64}", key):
            raise FdtdOnnError(f"a content key has 64 hexadecimal digits, got {key!r}")
        return self.root / key[:2] / f"{key}.h5"

    def has(self, key: str) -> bool:
        """Whether there is an entry; only `read` finds out whether it is whole."""
        return self.path(key).is_file()

    def write(self, key: str, record: Record) -> None:
        """Keep a record under its key; BadInput if the folder cannot be written."""
        if record.key != key:
            raise FdtdOnnError(f"the record's spec has the key {record.key}, not {key}")
        try:
            path = self.path(key)
            path.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(path) as part:
                part.write_bytes(encode(record))
        except OSError as error:
            raise self._unusable("a folder that can be written", error) from error

    def require_writable(self) -> None:
        """Find out before long work, not after it, that the folder cannot be written: BadInput."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.root, prefix=".probe-", suffix=".part"):
                pass
        except OSError as error:
            raise self._unusable("a folder that can be written", error) from error

    def _unusable(self, expected: str, error: OSError) -> BadInput:
        return BadInput(f"store {self.root}", expected, error, "Set FDTD_ONN_STORE or --store to another folder.")

    def read(self, key: str) -> Record | None:
        """The record kept under this key, checked byte by byte, or None."""
        path = self.path(key)
        try:
            record = decode(_content(path))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except PermissionError as error:
            raise self._unusable("a folder that can be read", error) from error
        except (Damaged, OSError) as error:
            self._quarantine(path, str(error))
            return None
        if record.key != key:
            self._quarantine(path, f"it is the record of {record.key}")
            return None
        return record

    def _quarantine(self, path: Path, reason: str) -> None:
        folder = self.root / "quarantine"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.rename(folder / f"{path.stem}.{secrets.token_hex(4)}{path.suffix}")
            done = f"it was moved to {folder}"
        except OSError as error:  # another process was quicker, or the folder is read-only: absent all the same
            done = f"it could not be moved ({error})"
        warnings.warn(f"store entry {path} is damaged ({reason}); {done} and counts as absent", stacklevel=3)


def _content(path: Path) -> bytes:
    """A file's bytes. Opening a pipe would wait for a writer, and what is much larger than any record is none."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST_BYTES:
        raise Damaged(f"no file, or one of {status.st_size} bytes")
    return path.read_bytes()
