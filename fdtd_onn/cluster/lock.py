"""Locks in a campaign's folder, which the system releases however their holder ends.

The driver on this machine holds one as long as it lives; whoever submits, resumes or cancels holds another.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from fdtd_onn.errors import FdtdOnnError

# Who asks whether it is held takes it for an instant.
_LOOKING_S = 10.0
_ENDING_S = 90.0  # in which a driver's runs have kept their states
_OPERATING_S = 120.0  # longer than that


@contextlib.contextmanager
def hold(folder: Path, wanted: bool) -> Iterator[None]:
    """Hold it for a while, with the process id in it. Raises FdtdOnnError if another driver does."""
    if not wanted:
        yield
        return
    with _file(folder).open("a+") as lock:
        _take(lock.fileno(), f"another driver works on {folder}", _LOOKING_S)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Submit, resume or cancel alone; FdtdOnnError if another process does so for minutes, or in a read-only folder."""
    try:
        opened = (folder / "operate.lock").open("a")
    except OSError as error:
        raise FdtdOnnError(f"{folder} cannot be written to: {error}") from error
    with opened as lock:
        try:
            _take(lock.fileno(), f"another submit, resume or cancel works on {folder}", _OPERATING_S)
        except OSError as error:  # some file systems of clusters have no locks
            if error.errno not in (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP):
                raise
        yield


def is_held(folder: Path) -> bool:
    """Whether a driver holds it now."""
    try:
        with _file(folder).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def forget(folder: Path) -> None:
    """Before a driver is started: what an earlier one left does not count."""
    if not is_held(folder):
        _file(folder).unlink(missing_ok=True)


def was_held(folder: Path) -> bool:
    """Whether a driver has held it since."""
    return _file(folder).is_file() and _file(folder).read_text() != ""


def end(folder: Path) -> None:
    """Ask the driver that holds it to stop, and wait until it has; FdtdOnnError if it takes more than 90 s.

    Nothing if none does, so that no other process is ever meant.
    """
    if is_held(folder):
        with contextlib.suppress(ProcessLookupError, ValueError):
            os.kill(int(_file(folder).read_text()), signal.SIGTERM)
    until = time.monotonic() + _ENDING_S
    while is_held(folder):
        if time.monotonic() > until:
            raise FdtdOnnError(f"the driver of {folder} was told to end and has not after {_ENDING_S:.0f} s")
        time.sleep(0.05)


def _take(lock: int, refusal: str, within_s: float) -> None:
    until = time.monotonic() + within_s
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > until:
                raise FdtdOnnError(refusal) from error
            time.sleep(0.05)


def _file(folder: Path) -> Path:
    return folder / "driver.lock"
