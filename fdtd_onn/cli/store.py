"""The commands under `store`: what is kept, whether it is whole, what can go, and how it travels."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from fdtd_onn.api import stamps_in_use
from fdtd_onn.cli import summaries
from fdtd_onn.errors import BadInput
from fdtd_onn.store import Store
from fdtd_onn.store.store import default_root
from fdtd_onn.store.upkeep import Entry, copy_to, entries, keys, remove, waste

app = typer.Typer(help="What is kept of finished runs.", no_args_is_help=True)

Folder = Annotated[
    Path | None, typer.Option("--store", help="The store (default: $FDTD_ONN_STORE or the user's cache).")
]
Json = Annotated[bool, typer.Option("--json", help="Machine-readable result on standard output.")]
DAY_S = 86_400.0


@app.callback()
def options() -> None:
    """What is kept of finished runs."""


@app.command()
def ls(store: Folder = None, json: Json = False) -> None:
    """List all entries: key, what it is, device, size, age."""
    summaries.show_rows([_row(entry) for entry in entries(_existing(store))], json)


@app.command()
def verify(store: Folder = None, json: Json = False) -> None:
    """Check every entry byte by byte; damaged ones are moved to quarantine and computed anew when next asked for."""
    kept = _existing(store)
    held = keys(kept)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        whole = sum(1 for _entry in entries(kept))
    damaged = [str(warning.message) for warning in said]
    summaries.show({"store": str(kept.root), "entries": len(held), "whole": whole, "damaged": damaged}, json)
    if damaged:
        raise typer.Exit(1)


@app.command()
def gc(
    outdated: Annotated[
        bool, typer.Option("--outdated", help="Also entries of another version of the engine or of this package.")
    ] = False,
    days: Annotated[
        float | None, typer.Option(min=0.0, help="Also entries, and states of unfinished runs, older than this.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and leave it.")] = False,
    store: Folder = None,
    json: Json = False,
) -> None:
    """Delete what killed writers left, and what is damaged; by wish, old or outdated entries and old states."""
    kept = _existing(store)
    pieces = list(waste(kept, stamps_in_use() if outdated else None, None if days is None else days * DAY_S))
    if not dry_run:
        for piece in pieces:
            remove(piece)
    rows = [{"file": str(p.path.relative_to(kept.root)), "reason": p.reason, "bytes": p.size} for p in pieces]
    summaries.show_rows(rows, json)
    if json:
        return
    verb = "would be freed" if dry_run else "freed"
    print(f"{len(rows)} files and states, {sum(piece.size for piece in pieces) / 1e6:.1f} MB {verb} in {kept.root}")


@app.command()
def export(
    to: Annotated[Path, typer.Option(help="Folder of the other store; made if missing.")],
    key: Annotated[list[str], typer.Argument(help="Beginnings of keys (see `ls`); none for all.")] = [],  # noqa: B006
    store: Folder = None,
    json: Json = False,
) -> None:
    """Copy entries into another store, as from a cluster to a laptop: what it then has is not computed again."""
    copied = copy_to(_existing(store), Store(to), key)
    summaries.show({"copied": copied, "store": str(to)}, json)


def _existing(folder: Path | None) -> Store:
    kept = Store(default_root() if folder is None else folder)
    if not kept.root.is_dir():
        raise BadInput("--store", "the folder of a store", str(kept.root), "Name one, or run something first.")
    return kept


def _row(entry: Entry) -> dict[str, Any]:
    device = entry.record.spec.get("device")
    named = device.get("kind", "") if isinstance(device, Mapping) else ""
    return {
        "key": entry.key[:12],
        "run": entry.record.kind,
        "device": named,
        "resolution": entry.record.spec.get("resolution"),
        "created": str(entry.record.attributes.get("created", ""))[:16],
        "bytes": entry.size,
    }
