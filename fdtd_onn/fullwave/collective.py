"""Runs done by all ranks of an MPI launch together, one after the other."""

from __future__ import annotations

from collections.abc import Sequence

from fdtd_onn.fullwave.execute import execute
from fdtd_onn.fullwave.meep import meep
from fdtd_onn.specs.runs import AnyRun, EngineStamp, run_key
from fdtd_onn.store import Record, Store


def run_together(runs: Sequence[AnyRun], stamp: EngineStamp, store: Store) -> dict[str, Record]:
    """Execute the runs on the world's ranks; the first rank keeps the records. Every rank returns all of them."""
    records = {}
    for run in runs:
        record = execute(run, stamp, lambda done, of: None)
        if meep().am_master():
            store.write(record.key, record)
        records[run_key(run, stamp)] = record
    return records


def abort(code: int) -> None:
    """End every rank of the launch with an exit code."""
    from mpi4py import MPI

    MPI.COMM_WORLD.Abort(code)
