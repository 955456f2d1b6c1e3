"""A folder that appears whole or not at all, and never in the place of anything but an earlier report."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fdtd_onn.atomic import whole_file
from fdtd_onn.errors import BadInput

FORMAT = "fdtd-onn report"
NUMBERS = "numbers.json"


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A new sibling folder to write in, put in the target's place when the block ends without an error.

    A report is known by its numbers.json, which lists its files. Raises BadInput if the target is anything else than
    absent, empty, or a report to which nothing was added, or if it cannot be written.
    """
    target = target.resolve()
    require_free(target)
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        part.mkdir(parents=True)
        try:
            yield part
            _require_free(target)  # somebody may have written there meanwhile
            _swap_in(part, target)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    except OSError as error:
        raise BadInput(str(target), "a folder that can be written", error, "Choose another folder.") from error


def require_free(target: Path) -> None:
    """Find out before long work that a report may be written here: BadInput if not."""
    try:
        _require_free(target.resolve())
    except OSError as error:
        raise BadInput(str(target), "a folder that can be written", error, "Choose another folder.") from error


def make_folder_of(file: Path) -> None:
    """The folder that a file will be written into; BadInput if it cannot be."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(str(file), "a place that can be written", error, "Choose another file.") from error


def write_image(image: bytes, file: Path) -> None:
    """Write a single picture, whole or not at all; BadInput if that cannot be."""
    try:
        with whole_file(file) as part:
            part.write_bytes(image)
    except OSError as error:
        raise BadInput(str(file), "a file that can be written", error, "Choose another file.") from error


def _swap_in(part: Path, target: Path) -> None:
    """Put the new folder in place; the old one comes back if that fails."""
    old = part.with_suffix(".old")
    if target.exists():
        target.rename(old)
    try:
        part.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _require_free(target: Path) -> None:
    if not target.exists():
        return
    cure = "Choose another folder, or move what is there."
    if not target.is_dir():
        raise BadInput(str(target), "a folder for the report", "a file", cure)
    listed = _listed_files(target / NUMBERS)
    if listed is None and any(target.iterdir()):
        raise BadInput(str(target), "no folder, an empty one or an earlier report", "a folder of other things", cure)
    present = {path.relative_to(target).as_posix() for path in target.rglob("*") if not path.is_dir()}
    if listed is None:
        return
    added = sorted(present - listed)
    if added:
        got = f"one that also holds {', '.join(added[:3])}{' …' if len(added) > 3 else ''}"
        raise BadInput(str(target), "an earlier report to replace", got, cure)


def _listed_files(numbers: Path) -> set[str] | None:
    """The files of the report whose numbers these are; None if they are not those of a report."""
    try:
        content = json.loads(numbers.read_text(encoding="utf-8"))
        return set(content["files"]) if content["format"] == FORMAT else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
