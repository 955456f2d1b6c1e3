"""What a store holds, whether it is whole, what of it can go, and how it travels."""

from __future__ import annotations

import contextlib
import re
import shutil
import stat
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fdtd_onn.atomic import whole_file
from fdtd_onn.errors import BadInput
from fdtd_onn.store.record import Record
from fdtd_onn.store.store import Store

ABANDONED_S = 86_400.0  # no writer needs a day for one file
_KEY = "[0-9a-f]{64}"


@dataclass(frozen=True)
class Entry:
    """One whole record: its key, size in bytes, age in seconds, and content."""

    key: str
    size: int
    age_s: float
    record: Record


@dataclass(frozen=True)
class Waste:
    """A file, or the folder of a run's state, that can go: why, its size in bytes, and where it is."""

    reason: str
    size: int
    path: Path


def keys(store: Store) -> list[str]:
    """Keys of all entries, whole or not, in order."""
    files = store.root.glob("[0-9a-f][0-9a-f]/*.h5")
    return sorted(f.stem for f in files if re.fullmatch(_KEY, f.stem) and f.stem[:2] == f.parent.name)


def entries(store: Store) -> Iterator[Entry]:
    """All whole entries, each checked byte by byte; damaged ones are moved away with a warning, as by `Store.read`."""
    now = time.time()
    for key in keys(store):
        record = store.read(key)
        if record is not None:
            held = store.path(key).stat()
            yield Entry(key, held.st_size, now - held.st_mtime, record)


def waste(store: Store, outdated_by: Sequence[Mapping[str, Any]] | None, older_than_s: float | None) -> Iterator[Waste]:
    """What can go: what a killed writer left, quarantined files, and by wish old or outdated entries and old states.

    outdated_by: the engine stamps in use; an entry of another one will not be asked for again by this installation.
    older_than_s: age from which entries go, and states of runs that nobody has gone on with.
    """
    now = time.time()
    yield from _left_behind(store, now)
    yield from _states(store, now, older_than_s)
    # Before the quarantine is looked into, because looking for them sends damaged entries there.
    for entry in entries(store) if outdated_by is not None or older_than_s is not None else ():
        if older_than_s is not None and entry.age_s > older_than_s:
            yield Waste(f"{entry.age_s / 86_400.0:.0f} days old", entry.size, store.path(entry.key))
        elif outdated_by is not None and entry.record.spec.get("engine") not in outdated_by:
            yield Waste("made by another version", entry.size, store.path(entry.key))
    for path in sorted((store.root / "quarantine").glob("*")):
        yield Waste("damaged", path.stat().st_size, path)


def _left_behind(store: Store, now: float) -> Iterator[Waste]:
    """By processes that were killed: parts of files, and claims."""
    for pattern in (".*.part", "claims/[0-9a-f]*"):
        for path in sorted(store.root.rglob(pattern)):
            if path.is_file() and now - path.stat().st_mtime > ABANDONED_S:
                yield Waste("left by a process that was killed", path.stat().st_size, path)


def _states(store: Store, now: float, older_than_s: float | None) -> Iterator[Waste]:
    """Of runs that are done by now, those that were never whole, and by wish old ones."""
    for folder in sorted((store.root / "checkpoints").glob("*/*/")):
        with contextlib.suppress(FileNotFoundError):  # its run goes on meanwhile
            held = [path.stat() for path in (folder, *folder.rglob("*"))]
            age_s = now - max(entry.st_mtime for entry in held)
            reason = _end_of_use(store, folder, age_s, older_than_s)
            if reason is not None:
                yield Waste(reason, sum(entry.st_size for entry in held if stat.S_ISREG(entry.st_mode)), folder)


def _end_of_use(store: Store, state: Path, age_s: float, older_than_s: float | None) -> str | None:
    key = state.parent.name
    if not re.fullmatch(_KEY, key):
        return None
    if store.has(key):
        return "state of a run that is done"
    if state.suffix == ".part":
        return "left by a process that was killed" if age_s > ABANDONED_S else None
    is_old = older_than_s is not None and age_s > older_than_s
    return f"state of a run, {age_s / 86_400.0:.0f} days old" if is_old else None


def remove(waste: Waste) -> None:
    """Delete it; another process may have been quicker."""
    if not waste.path.is_dir():
        waste.path.unlink(missing_ok=True)
        return
    shutil.rmtree(waste.path, ignore_errors=True)
    with contextlib.suppress(OSError):  # the run has another state
        waste.path.parent.rmdir()


def copy_to(store: Store, target: Store, wanted: Sequence[str]) -> int:
    """Copy entries into another store, which then finds them as if it had computed them; how many it lacked.

    wanted: beginnings of keys; none for all. BadInput for a beginning that no entry has. Every entry is checked on the
    way, and appears in the target whole or not at all.
    """
    held = keys(store)
    missing = [start for start in wanted if not start or not any(key.startswith(start) for key in held)]
    if missing:
        expected = f"the beginning of a key in {store.root}"
        raise BadInput("key", expected, repr(missing[0]), "`fdtd-onn store ls` shows them.")
    target.require_writable()
    copied = 0
    for key in held:
        chosen = not wanted or any(key.startswith(start) for start in wanted)
        if chosen and not target.has(key) and store.read(key) is not None:
            _copy(store.path(key), target.path(key))
            copied += 1
    return copied


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(target) as part:
        part.write_bytes(source.read_bytes())
