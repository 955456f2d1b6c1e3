"""Whether this process is one rank of an MPI launch, told without starting MPI."""

from __future__ import annotations

import os
from collections.abc import Mapping

_SIZE_VARIABLES = ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MV2_COMM_WORLD_SIZE")
_RANK_VARIABLES = ("OMPI_COMM_WORLD_RANK", "PMI_RANK", "MV2_COMM_WORLD_RANK")


# What Open MPI, MPICH and PMI set for the processes that they launch.
_LAUNCHER_PREFIXES = ("OMPI_", "ORTE_", "PMIX_", "PRTE_", "PMI_", "MPI_LOCAL", "HYDRA_", "MV2_")


def without_launcher(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for a process that starts an MPI world of its own, though a launcher started this one.

    What a user set for all of MPI (OMPI_MCA_…, permission to run as root) stays.
    """
    kept = ("OMPI_MCA_mpi_", "OMPI_ALLOW_RUN_AS_ROOT")
    return {
        name: value
        for name, value in environment.items()
        if not name.startswith(_LAUNCHER_PREFIXES) or name.startswith(kept)
    }


def launched_ranks() -> int:
    """Number of ranks that mpirun (or srun with PMI) started together with this process; 1 if none did."""
    return _set_by_launcher(_SIZE_VARIABLES, alone=1)


def rank() -> int:
    """Number of this process among those ranks; 0 if it is alone."""
    return _set_by_launcher(_RANK_VARIABLES, alone=0)


def _set_by_launcher(names: tuple[str, ...], alone: int) -> int:
    for name in names:
        value = os.environ.get(name, "")
        if value.isdecimal():
            return int(value)
    return alone
