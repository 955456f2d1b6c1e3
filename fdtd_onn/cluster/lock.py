"""Whether a campaign's driver lives on this machine: it holds a lock, which the system releases however it ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from fdtd_onn.errors import FdtdOnnError

# Who asks whether it is held takes it for an instant.
_LOOKING_S = 10.0


@contextlib.contextmanager
def hold(folder: Path, wanted: bool) -> Iterator[None]:
    """Hold it for a while, with the process id in it. Raises FdtdOnnError if another driver does."""
    if not wanted:
        yield
        return
    with _file(folder).open("a+") as lock:
        _take(lock.fileno(), folder)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
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
    """Ask the driver that holds it to stop; nothing if none does, so that no other process is ever meant."""
    if is_held(folder):
        with contextlib.suppress(ProcessLookupError, ValueError):
            os.kill(int(_file(folder).read_text()), signal.SIGTERM)


def _take(lock: int, folder: Path) -> None:
    end = time.monotonic() + _LOOKING_S
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > end:
                raise FdtdOnnError(f"another driver works on {folder}") from error
            time.sleep(0.05)


def _file(folder: Path) -> Path:
    return folder / "driver.lock"
