"""A run done, with what it took noted in its record, for later estimates; neither numbers nor key depend on it."""

from __future__ import annotations

import dataclasses
import resource
from collections.abc import Callable

from mpi4py import MPI

from fdtd_onn.fullwave.checkpoint import Checkpoint
from fdtd_onn.fullwave.cost import estimated_cost
from fdtd_onn.fullwave.execute import execute
from fdtd_onn.specs.runs import AnyRun, EngineStamp
from fdtd_onn.store import Record


def execute_measured(
    run: AnyRun, stamp: EngineStamp, progress: Callable[[float, float], None], checkpoint: Checkpoint
) -> Record:
    """`execute`, collectively; the record's attributes also say on how many ranks, and what was stepped.

    estimated_seconds: of stepping, for these steps in one process. memory_bytes: of all ranks together, at most.
    """
    record = execute(run, stamp, progress, checkpoint)
    world = MPI.COMM_WORLD
    cost = estimated_cost(run)
    steps = record.attributes["cell_updates"] / cost.pixels
    measured = {
        "ranks": world.size,
        "pixels": cost.pixels,
        "dimensions": run.device.dimensions,
        "steps": steps,
        "estimated_seconds": cost.seconds * steps / cost.steps,
        "memory_bytes": world.allreduce(1024.0 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss),
    }
    return dataclasses.replace(record, attributes=record.attributes | measured)
