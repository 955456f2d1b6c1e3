"""Runs done by all ranks of an MPI launch together, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mpi4py import MPI

from fdtd_onn.fullwave.measured import execute_measured
from fdtd_onn.specs.runs import AnyRun, EngineStamp
from fdtd_onn.store import Record, Store


def run_together(
    runs: Mapping[str, AnyRun], stamp: EngineStamp, store: Store, report: Callable[[str, float], None]
) -> dict[str, Record]:
    """Records of the runs, by key, on every rank: read from the store, or executed by all ranks and then kept.

    `report(key, share of that run done)` is called on the first rank only.

    The ranks agree on what is missing: another launch may fill the store between the looks of two of them.
    """
    world = MPI.COMM_WORLD
    records = {}
    for key, run in runs.items():
        record = store.read(key)
        missing_somewhere = world.allreduce(record is None, op=MPI.LOR)
        if record is None or missing_somewhere:
            first = world.rank == 0
            record = execute_measured(
                run,
                stamp,
                lambda done, of, k=key, say=first: report(k, done / of) if say else None,  # type: ignore[misc]
            )
            if world.rank == 0:
                store.write(key, record)
        if world.rank == 0:
            report(key, 1.0)
        records[key] = record
    world.Barrier()  # what any rank reads from the store after this, the first has written
    return records


def abort(code: int) -> None:
    """End every rank of the launch with an exit code."""
    MPI.COMM_WORLD.Abort(code)
