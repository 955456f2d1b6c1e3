"""Whether this process is one rank of an MPI launch, told without starting MPI."""

from __future__ import annotations

import os

_SIZE_VARIABLES = ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MV2_COMM_WORLD_SIZE")


def launched_ranks() -> int:
    """Number of ranks that mpirun (or srun with PMI) started together with this process; 1 if none did."""
    for name in _SIZE_VARIABLES:
        value = os.environ.get(name, "")
        if value.isdecimal():
            return int(value)
    return 1
