"""A campaign: a command's missing full-wave runs, the jobs that do them, and the folder that holds all its state.

    plan.json               what is to be done, never changed
    runs/NNN.json           the runs, as the workers read them
    jobs/NNN.json, .sh      what was submitted, and the script that it executes
    state/NNN.json          how far a run is; `final.json`: the command that follows them
    logs/NNN-K.log          what the K-th attempt at it printed

Every file appears whole or not at all.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from fdtd_onn.atomic import whole_file
from fdtd_onn.errors import BadInput
from fdtd_onn.specs.base import Spec
from fdtd_onn.specs.runs import AnyRun, EngineStamp
from fdtd_onn.specs.site import Site
from fdtd_onn.store import Store

S = TypeVar("S", bound=Spec)

#: The number of the command that follows the runs, which are counted from 1.
FINAL = 0


class Task(Spec):
    """One run: its key in the store, what it has to do, and what it is estimated to take on its ranks, without factors.

    cores: its ranks, or more where its memory is more than what nodes have per core.
    """

    number: int = Field(ge=1)
    key: str = Field(pattern="^[0-9a-f]{64}$")
    title: str
    pixels: int
    steps: int
    ranks: int = Field(ge=1)
    cores: int = Field(ge=1)
    memory_bytes: float
    seconds: float


class Plan(Spec):
    """What a campaign is to do.

    words: the command that follows the runs, as after `fdtd-onn`, in folder `cwd`. stamp: of who planned it; another
    installation would not look for these runs' keys.
    """

    format: Literal["fdtd-onn campaign"] = "fdtd-onn campaign"
    name: str
    words: tuple[str, ...]
    cwd: str
    store: str
    python: str
    site: Site
    stamp: EngineStamp
    tasks: tuple[Task, ...]


class Job(Spec):
    """What is asked of the scheduler in one go.

    tasks: numbers of its runs, each a job of its own in an array; FINAL for the command that follows. cores: on all of
    its `nodes`. memory_bytes: on each of them. after: native ids of the jobs that must have succeeded.
    """

    number: int = Field(ge=1)
    tasks: tuple[int, ...]
    array: bool
    nodes: int
    cores: int
    memory_bytes: float
    minutes: int
    native_id: str | None = None


class State(Spec):
    """How far a run, or the final command, is: share done in 0 … 1, seconds since the epoch, and why it failed."""

    status: Literal["running", "done", "failed"]
    share: float
    started: float
    updated: float
    host: str = Field(default_factory=socket.gethostname)
    reason: str = ""

    def ended(self, reason: str) -> State:
        """The same, now done, or failed for a reason."""
        changes = {"status": "failed", "reason": reason} if reason else {"status": "done", "share": 1.0}
        return self.model_copy(update=changes | {"updated": time.time()})


@dataclass(frozen=True)
class Campaign:
    """A campaign in its folder."""

    folder: Path
    plan: Plan

    @property
    def store(self) -> Store:
        """Where results go."""
        return Store(Path(self.plan.store))

    def task(self, number: int) -> Task:
        """The run of this number."""
        return self.plan.tasks[number - 1]

    def run_file(self, number: int) -> Path:
        """The run, as its worker reads it."""
        return self.folder / "runs" / f"{number:03d}.json"

    def script(self, job: Job) -> Path:
        """What a job executes."""
        return self.folder / "jobs" / f"{job.number:03d}.sh"

    def log(self, number: int) -> Path:
        """A file for the next attempt at a run."""
        return self.folder / "logs" / f"{_name(number)}-{len(self.logs(number)) + 1}.log"

    def logs(self, number: int) -> list[Path]:
        """What the attempts at a run, or at the final command, printed; the latest last."""
        found = (self.folder / "logs").glob(f"{_name(number)}-*.log")
        return sorted(found, key=lambda path: int(path.stem.rpartition("-")[2]))

    def log_of(self, job: Job) -> Path:
        """What a job's script and driver print, which is nothing unless they fail."""
        return self.folder / "logs" / f"job-{job.number:03d}.log"

    def state(self, number: int) -> State | None:
        """How far it is; None if it was never started."""
        path = self._state_file(number)
        return _read(path, State) if path.is_file() else None

    def set_state(self, number: int, state: State) -> None:
        """Tell those who ask."""
        _write(self._state_file(number), state)

    def forget(self, number: int) -> None:
        """Before it is submitted anew: what an earlier attempt said does not count."""
        self._state_file(number).unlink(missing_ok=True)

    def jobs(self) -> list[Job]:
        """All that were submitted, in order."""
        return [
            _read(path, Job) for path in sorted((self.folder / "jobs").glob("*.json"), key=lambda file: int(file.stem))
        ]

    def next_job(self) -> int:
        """The number after all for which there is a script, submitted or not."""
        return 1 + max((int(file.stem) for file in (self.folder / "jobs").glob("*.sh")), default=0)

    def keep_job(self, job: Job) -> None:
        """Remember what was submitted."""
        _write(self.folder / "jobs" / f"{job.number:03d}.json", job)

    def _state_file(self, number: int) -> Path:
        return self.folder / "state" / f"{_name(number)}.json"


def create(folder: Path, plan: Plan, runs: Sequence[AnyRun]) -> Campaign:
    """A new campaign's folder; BadInput if there is something already, or it cannot be written."""
    campaign = Campaign(folder, plan)
    try:
        folder.mkdir(parents=True)
        for part in ("runs", "jobs", "state", "logs"):
            (folder / part).mkdir()
        for task, run in zip(plan.tasks, runs, strict=True):
            _write(campaign.run_file(task.number), run)
        _write(folder / "plan.json", plan)
    except OSError as error:
        raise BadInput(str(folder), "a folder that can be made", error, "Choose another with --folder.") from error
    return campaign


def load(folder: Path) -> Campaign:
    """The campaign in a folder; BadInput if there is none."""
    file = folder / "plan.json"
    if not file.is_file():
        cure = "Name the folder that `fdtd-onn submit` printed."
        raise BadInput(str(folder), "the folder of a campaign", "no plan.json in it", cure)
    return Campaign(folder, _read(file, Plan))


def newest(parents: Iterable[Path]) -> Path:
    """The campaign submitted last among a folder's; BadInput if there is none."""
    found = [file for parent in parents for file in parent.glob("*/plan.json")]
    if not found:
        raise BadInput("FOLDER", "a campaign in runs/", "none", "Name the folder that `fdtd-onn submit` printed.")
    return max(found, key=lambda file: file.stat().st_mtime).parent


def last_words(log: Path) -> str:
    """The end of what a log says; empty if it says nothing."""
    text = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
    return "\n".join(text.strip().splitlines()[-12:])


def _name(number: int) -> str:
    return "final" if number == FINAL else f"{number:03d}"


def _write(path: Path, value: Spec) -> None:
    with whole_file(path) as part:
        part.write_text(value.model_dump_json(indent=1) + "\n", encoding="utf-8")


def _read(path: Path, kind: type[S]) -> S:
    try:
        return TypeAdapter(kind).validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        cure = "Submit anew: what has finished is in the store."
        raise BadInput(str(path), "a file that `fdtd-onn submit` wrote", error, cure) from error
