"""What is particular to a cluster: its scheduler, how MPI is started there, and what a node has."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, model_validator

from fdtd_onn.specs.base import Spec
from fdtd_onn.specs.load import load_toml

ExecutorName = Literal["slurm", "pbs", "pbs_classic", "lsf", "flux", "local"]
#: Those whose job arrays and dependencies are known here; elsewhere one job holds all runs.
WITH_ARRAYS: frozenset[ExecutorName] = frozenset({"slurm", "pbs", "pbs_classic"})

# What jobs are given from other keys of a site or from their runs, in the words of each scheduler; PBS adds up its `l`.
_OWN_VARIABLES = frozenset({"FDTD_ONN_STORE", "OMP_NUM_THREADS", "TMPDIR"})
_OWN_DIRECTIVES: dict[ExecutorName, str] = {
    "slurm": "account array dependency error export job-name kill-on-invalid-dep mem nodes ntasks ntasks-per-node "
    "output partition time",
    "pbs": "A J N V W e o q",
    "pbs_classic": "A N V W e o q t",
    "lsf": "J M P W cwd env n nnodes q",
}

# These go into lines that a scheduler reads by rules of its own, so nothing that any of them could take for syntax.
_Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.@/:+-]{1,128}$")]
_Directive = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.@/:+,=%*-]{1,256}$")]
_DirectiveKey = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,63}$")]
_Variable = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,127}$")]
_Text = Annotated[str, Field(pattern=r"^[^\x00]*$")]  # always quoted, so anything but the end of a C string
# Far above any in use, and nothing that a sum or a scheduler could trip over.
_Factor = Annotated[float, Field(ge=1.0, le=1000.0)]
_YEAR_MINUTES = 525_600


class Site(Spec):
    """Settings of a cluster.

    launcher: words that start MPI, where `{ranks}` stands for their number. modules: loaded before anything else.
    most_nodes: that one run may have. run_minutes: a run gets more ranks, as long as they pay, until it takes less.
    one_job: all runs and what follows them in a single job, side by side on all of its nodes' cores; on several nodes
    the launcher must find free cores itself, as `srun --exact` does. time_factor, memory_factor: limits of a job over
    what it is estimated to take. final_minutes, final_cores: of the job that follows the runs (fits, trainings,
    reports), which has no estimate. scratch: folder for temporary files. directives: further options of the scheduler,
    by their long names.
    """

    executor: ExecutorName
    launcher: tuple[_Text, ...] = Field(default=("mpirun", "-np", "{ranks}"), min_length=1)
    modules: tuple[_Text, ...] = ()
    queue: _Name | None = Field(default=None, description="queue or partition")
    account: _Name | None = None
    scratch: _Text | None = Field(default=None, min_length=1)
    cores_per_node: int = Field(ge=1, le=4096)
    memory_per_node_gib: float = Field(gt=0.0, le=2.0**20)
    most_nodes: int = Field(default=1, ge=1, le=65536)
    run_minutes: float = Field(default=15.0, gt=0.0, le=_YEAR_MINUTES)
    one_job: bool = False
    time_factor: _Factor = 3.0
    memory_factor: _Factor = 2.0
    final_minutes: int = Field(default=60, ge=1, le=_YEAR_MINUTES)
    final_cores: int = Field(default=1, ge=1)
    environment: dict[_Variable, _Text] = Field(default_factory=dict)
    directives: dict[_DirectiveKey, _Directive] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _launcher_is_told_the_ranks(self) -> Site:
        if not any("{ranks}" in word for word in self.launcher):
            raise ValueError(f"launcher has no word with {{ranks}} in it: {list(self.launcher)}")
        if self.final_cores > self.cores_per_node:
            raise ValueError(f"final_cores = {self.final_cores} is more than the {self.cores_per_node} of a node")
        return self

    @model_validator(mode="after")
    def _own_settings_are_left_alone(self) -> Site:
        variables = sorted(_OWN_VARIABLES & self.environment.keys())
        if variables:
            raise ValueError(f"environment: {', '.join(variables)} is set for every job (TMPDIR by `scratch`)")
        directives = sorted(self.directives.keys() & _OWN_DIRECTIVES.get(self.executor, "").split())
        if directives:
            raise ValueError(f"directives: {', '.join(directives)} is set for every job, from the site's other keys")
        return self

    @property
    def has_arrays(self) -> bool:
        """Whether runs go out as arrays with a dependent job behind them; else one job holds them all."""
        return self.executor in WITH_ARRAYS and not self.one_job

    def launch(self, ranks: int) -> tuple[str, ...]:
        """The words before a command that start so many ranks of it."""
        return tuple(word.replace("{ranks}", str(ranks)) for word in self.launcher)


def load_site(path: Path) -> Site:
    """A site's settings from a TOML file. Raises BadInput with all problems of the file in one message."""
    return load_toml(path, TypeAdapter(Site))


def this_machine(cores: int) -> Site:
    """Runs on this machine, without a scheduler."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return Site(executor="local", cores_per_node=cores, memory_per_node_gib=memory)
