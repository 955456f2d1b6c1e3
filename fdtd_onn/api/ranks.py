"""What a command needs to know of the other ranks when it was started by mpirun."""

from __future__ import annotations

from fdtd_onn.cluster.world import launched_ranks, rank
from fdtd_onn.errors import BadInput


def is_first_rank() -> bool:
    """Whether this process is the one that prints."""
    return rank() == 0


def is_alone() -> bool:
    """Whether no launcher started other ranks with this process."""
    return launched_ranks() == 1


def require_one_process(command: str) -> None:
    """Only characterising shares its work among ranks; anything else would be done by all of them at once."""
    if launched_ranks() > 1:
        cure = "Characterise under mpirun first, then run this without: it finds the results in the store."
        raise BadInput(command, "one process", f"{launched_ranks()} ranks of mpirun", cure)


def end_all_ranks(code: int) -> None:
    """After an error on this rank: end the others too, which would wait for it for ever. Alone, do nothing."""
    if launched_ranks() > 1:
        from fdtd_onn.fullwave.collective import abort

        abort(code)
