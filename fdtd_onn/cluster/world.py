"""Whether this process is one rank of an MPI launch, told without starting MPI."""

from __future__ import annotations

import os

_SIZE_VARIABLES = ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MV2_COMM_WORLD_SIZE")
_RANK_VARIABLES = ("OMPI_COMM_WORLD_RANK", "PMI_RANK", "MV2_COMM_WORLD_RANK")


def launched_ranks() -> int:
    """Number of ranks that mpirun (or srun with PMI) started together with this process; 1 if none did."""
    for name in _SIZE_VARIABLES:
        value = os.environ.get(name, "")
        if value.isdecimal():
            return int(value)
    return 1


def rank() -> int:
    """Number of this process among those ranks; 0 if it is alone."""
    for name in _RANK_VARIABLES:
        value = os.environ.get(name, "")
        if value.isdecimal():
            return int(value)
    return 0
