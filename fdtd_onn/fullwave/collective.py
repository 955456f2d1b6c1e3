"""Runs done by all ranks of an MPI launch together, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mpi4py import MPI

from fdtd_onn.fullwave.agreed import agreed_turn
from fdtd_onn.fullwave.checkpoint import checkpoint_of
from fdtd_onn.fullwave.measured import execute_measured
from fdtd_onn.specs.runs import AnyRun, EngineStamp
from fdtd_onn.store import Record, Store


def run_together(
    runs: Mapping[str, AnyRun], stamp: EngineStamp, store: Store, report: Callable[[str, float], None]
) -> dict[str, Record]:
    """Records of the runs, by key, on every rank: from the store, or executed by all ranks and then kept.

    What another launch computes at the time comes last, when it may be there. `report(key, share of that run done)` is
    called on the first rank only.
    """
    records: dict[str, Record] = {}
    first = MPI.COMM_WORLD.rank == 0
    for patient in (False, True):
        for key, run in runs.items():
            if key in records:
                continue
            with agreed_turn(store, key, patient) as turn:
                record = turn.record
                if turn.mine:
                    checkpoint = checkpoint_of(store.root, key)
                    say = lambda done, of, k=key: report(k, done / of) if first else None  # noqa: E731
                    record = execute_measured(run, stamp, say, checkpoint)
                    if first:
                        store.write(key, record)
                        checkpoint.remove()
            if record is not None:
                records[key] = record
                if first:
                    report(key, 1.0)
    MPI.COMM_WORLD.Barrier()  # what any rank reads from the store after this, the first has written
    return records


def abort(code: int) -> None:
    """End every rank of the launch with an exit code."""
    MPI.COMM_WORLD.Abort(code)
