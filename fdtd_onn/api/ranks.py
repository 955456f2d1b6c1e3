"""What a command needs to know of the other ranks when it was started by mpirun."""

from __future__ import annotations

from fdtd_onn.cluster.world import launched_ranks, rank


def is_first_rank() -> bool:
    """Whether this process is the one that prints."""
    return rank() == 0


def end_all_ranks(code: int) -> None:
    """After an error on this rank: end the others too, which would wait for it for ever. Alone, do nothing."""
    if launched_ranks() > 1:
        from fdtd_onn.fullwave.collective import abort

        abort(code)
