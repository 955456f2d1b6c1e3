"""What the ranks of one launch decide together, without keeping their cores busy while they wait."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from mpi4py import MPI

from fdtd_onn.store import Store
from fdtd_onn.store.claims import Turn, turn

_LOOK_EVERY_S = 0.05


@contextmanager
def agreed_turn(store: Store, key: str, patient: bool) -> Iterator[Turn]:
    """`turn` of the first rank, on all ranks: it alone looks and claims, and the others get what it found."""
    world = MPI.COMM_WORLD
    with turn(store, key, patient) if world.rank == 0 else nullcontext() as own:
        _sleep_until_all_are_here()
        found: Turn = world.bcast(own)
        yield found


def _sleep_until_all_are_here() -> None:
    """A barrier; waiting in an ordinary one, or in a broadcast, takes a whole core."""
    arrived = MPI.COMM_WORLD.Ibarrier()
    while not arrived.Test():
        time.sleep(_LOOK_EVERY_S)
