"""What `plan` says: runs, what they take, and what more ranks would give."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from fdtd_onn.api.scaling import Outlook
from fdtd_onn.cli import summaries
from fdtd_onn.cli.progress import duration
from fdtd_onn.cluster.jobs import Wanted
from fdtd_onn.cluster.scaling import LEAST_EFFICIENCY, Scaling
from fdtd_onn.errors import BadInput


def numbers_in(text: str) -> list[int]:
    """Numbers of ranks, with commas between; BadInput for anything else."""
    words = [word.strip() for word in text.split(",")]
    if not all(word.isdecimal() and 1 <= int(word) <= 10**6 for word in words):
        raise BadInput("--ranks", "whole numbers from 1 to 1000000, with commas between", repr(text), "Write 64,128.")
    return sorted({int(word) for word in words})


def show_outlook(found: Outlook, as_json: bool) -> None:
    """On standard output, as JSON or as tables and sentences."""
    if as_json:
        summaries.show(_plain(found), as_json=True)
        return
    print(f"{len(found.runs)} runs to do, {found.done} in the store")
    if not found.runs:
        return
    summaries.show_rows(_alike(found.runs), as_json=False)
    print()
    summaries.show_rows([_on_ranks(row) for row in found.table], as_json=False)
    print()
    most = found.table[-1].ranks
    stop = f"More than {found.pays_to} ranks do not pay" if found.pays_to < most else f"Up to {most} ranks pay"
    print(f"{stop} for the longest run (parallel efficiency of {LEAST_EFFICIENCY:.0%}).")
    print(_assumptions(found.scaling))


def _plain(found: Outlook) -> dict[str, Any]:
    runs = [
        {"title": run.title, "key": run.key, **vars(run.work), "memory_bytes": run.memory_bytes} for run in found.runs
    ]
    table = [dataclasses.asdict(row) for row in found.table]
    scaling = dataclasses.asdict(found.scaling)
    return {"runs": runs, "done": found.done, "ranks": table, "pays_to": found.pays_to, "scaling": scaling}


def _alike(runs: Sequence[Wanted]) -> list[dict[str, Any]]:
    """One row for runs that take the same."""
    groups: dict[tuple[int, int], list[Wanted]] = {}
    for run in runs:
        groups.setdefault((run.work.pixels, run.work.steps), []).append(run)
    return [
        {
            "runs": len(group),
            "such as": group[0].title,
            "pixels": f"{pixels:.3g}",
            "steps": steps,
            "GiB": group[0].memory_bytes / 2**30,
            "one rank": duration(group[0].work.seconds),
        }
        for (pixels, steps), group in sorted(groups.items(), key=lambda item: -item[1][0].work.seconds)
    ]


def _on_ranks(row: Any) -> dict[str, Any]:
    return {
        "ranks": row.ranks,
        "longest run": duration(row.longest_s),
        "efficiency": f"{row.efficiency:.0%}",
        "all runs": duration(row.all_s),
        "ranks each": row.each,
    }


def _assumptions(scaling: Scaling) -> str:
    fitted = (
        f"fitted to {scaling.measured} runs of the store" if scaling.measured else "assumed, no run was measured yet"
    )
    face_ns, latency_us = 1e9 * scaling.face_pixel_s, 1e6 * scaling.latency_s
    return (
        f"Model, {fitted}: {scaling.slowness:.2g} times the estimate, divided by the ranks; {face_ns:.2g} ns per pixel "
        f"on the faces of a rank's box and {latency_us:.2g} µs per step for messages. Equal boxes; set-up and the "
        "queue are not in it."
    )
