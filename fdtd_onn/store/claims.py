"""Who computes what: files that spare several processes on one store the same work.

A claim is a file `<root>/claims/<key>`, made only if there is none, whose time of change is kept fresh while its owner
lives. It guards nothing: a claim that is lost, or taken for stale because its owner was suspended or a network's file
system showed an old time, costs a computation done twice, and of two writers of one record the last one wins.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fdtd_onn.store.record import Record
from fdtd_onn.store.store import Store

HEARTBEAT_S = 10.0
#: File systems on a network show other machines' changes up to a minute late.
STALE_S = 120.0
_LOOK_EVERY_S = 0.5


@dataclass(frozen=True)
class Turn:
    """What came of asking for a run: its record if it is there, else whether to compute it or leave it to another."""

    record: Record | None
    mine: bool


@contextlib.contextmanager
def turn(store: Store, key: str, patient: bool) -> Iterator[Turn]:
    """Ask for a run; while the block lasts, other processes see that it is being computed if the turn is `mine`.

    patient: to wait, while another process computes it, until its record is there or that process is gone.
    """
    path = store.root / "claims" / store.path(key).stem
    while True:
        record = store.read(key)
        if record is not None:
            yield Turn(record, mine=False)
            return
        token = _take(path)
        if token is not None:
            break
        if not patient:
            yield Turn(None, mine=False)
            return
        time.sleep(_LOOK_EVERY_S)
    with _held(path, token):
        # Between the look and the claim another process may have finished.
        record = store.read(key)
        yield Turn(record, mine=record is None)


def _take(path: Path) -> str | None:
    """The token of a claim made now; None while another process holds it and shows signs of life."""
    token = secrets.token_hex(8)
    with contextlib.suppress(OSError):  # where no file can be written nobody is told, and the run is done all the same
        path.parent.mkdir(parents=True, exist_ok=True)
        _retire_if_stale(path)
        try:
            _make(path, token)
        except FileExistsError:
            return None
    return token


def _make(path: Path, token: str) -> None:
    with path.open("x") as file:
        own = os.getpid()
        said = {"token": token, "host": socket.gethostname(), "process": own, "born": _birth(own)}
        file.write(json.dumps(said))


def _is_stale(path: Path, found: os.stat_result) -> bool:
    """Whether its owner is gone: a process of this machine that has ended, or one that has long been silent."""
    said = _read(path)
    if said.get("host") == socket.gethostname() and not _lives(said.get("process"), said.get("born")):
        return True
    return _age_s(path.parent, found.st_mtime) > STALE_S


def _age_s(folder: Path, since: float) -> float:
    """By the clock that gives the folder's files their times."""
    with tempfile.TemporaryFile(dir=folder) as now:
        return os.fstat(now.fileno()).st_mtime - since


def _lives(process: Any, born: Any) -> bool:
    """Whether a process of this machine lives; its number may be another one's by now."""
    if not isinstance(process, int) or process <= 0 or _birth(process) != born:
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # another user's
        return True
    return True


def _birth(process: int) -> str | None:
    """When a process began, as Linux counts; None elsewhere, or if there is none."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return None


def _retire_if_stale(path: Path) -> None:
    """Take a stale claim away. Of all that find it, one can make the link that is named after it, and removes it.

    Who comes so late that a fresh claim is in its place links that, sees it, and leaves it alone.
    """
    try:
        found = path.stat()
        if not _is_stale(path, found):
            return
    except FileNotFoundError:
        return
    link = path.with_name(f".{path.name}.{found.st_ino}-{found.st_mtime_ns}.part")
    try:
        os.link(path, link)
    except FileNotFoundError:
        return
    except FileExistsError:
        with contextlib.suppress(FileNotFoundError):
            if _age_s(path.parent, link.stat().st_ctime) > STALE_S:  # whoever made it was killed before it removed both
                link.unlink()
        return
    linked = link.stat()
    if (linked.st_ino, linked.st_mtime_ns) == (found.st_ino, found.st_mtime_ns):
        path.unlink(missing_ok=True)
    link.unlink(missing_ok=True)


def _read(path: Path) -> dict[str, Any]:
    """What a claim says; nothing if that cannot be read."""
    try:
        said = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


@contextlib.contextmanager
def _held(path: Path, token: str) -> Iterator[None]:
    """Keep a claim fresh, and take it away in the end if it is still this one."""
    done = threading.Event()
    heart = threading.Thread(target=_beat, args=(path, token, done), daemon=True)
    heart.start()
    try:
        yield
    finally:
        done.set()
        heart.join()
        with contextlib.suppress(OSError):
            if _read(path).get("token") == token:
                path.unlink()


def _beat(path: Path, token: str, done: threading.Event) -> None:
    while not done.wait(HEARTBEAT_S):
        with contextlib.suppress(OSError):
            if _read(path).get("token") == token:
                os.utime(path)
