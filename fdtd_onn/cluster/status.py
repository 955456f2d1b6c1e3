"""How a campaign stands: what the scheduler still has, what the folder says, and what the store holds."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from fdtd_onn.cluster.batch import Scheduler
from fdtd_onn.cluster.campaign import FINAL, Campaign, Job, State, last_words

Status = Literal["waiting", "running", "done", "failed", "not submitted"]
_LOST = "its job ended without a word: killed, out of memory or time, or its node went down"
_NEVER = "its job ended before it began: cancelled, or after a failure"


@dataclass(frozen=True)
class Row:
    """One run, or the command that follows them (number 0).

    share: done, 0 … 1. left_s: that it is likely to take yet. seconds, memory_bytes: what the run took, of a run
    that is in the store; estimated_s, estimated_bytes: what it was planned with, without factors.
    """

    number: int
    title: str
    status: Status
    ranks: int
    attempts: int
    share: float
    left_s: float | None = None
    seconds: float | None = None
    estimated_s: float | None = None
    memory_bytes: float | None = None
    estimated_bytes: float | None = None
    reason: str = ""


def rows(campaign: Campaign, scheduler: Scheduler) -> list[Row]:
    """All runs in order, and last the command that follows them."""
    jobs = campaign.jobs()
    # Asked first: what ends meanwhile has then said so in the folder.
    alive = living(jobs, scheduler)
    final = _row(campaign, FINAL, campaign.plan.words[0], jobs, alive)
    return [*(_row_of_run(campaign, number, jobs, alive) for number in range(1, len(campaign.plan.tasks) + 1)), final]


def living(jobs: Sequence[Job], scheduler: Scheduler) -> set[int]:
    """Numbers of the runs, and FINAL, that some job still has before it or is doing."""
    alive = scheduler.alive([job.native_id for job in jobs if job.native_id is not None])
    return {number for job in jobs for index, number in enumerate(job.tasks, 1) if _part(job, index) & alive}


def _part(job: Job, index: int) -> frozenset[str]:
    """Native ids under which a part of a job may be listed: Slurm lists every part, others the array only."""
    if job.native_id is None:
        return frozenset()
    return frozenset({f"{job.native_id}_{index}" if job.array and job.native_id.isdecimal() else job.native_id})


def _row(campaign: Campaign, number: int, title: str, jobs: Sequence[Job], alive: set[int]) -> Row:
    state, attempts = campaign.state(number), len(campaign.logs(number))
    latest = next((job for job in reversed(jobs) if number in job.tasks), None)
    status, reason = _status(state, number in alive, latest is not None)
    if reason in (_LOST, _NEVER) and latest is not None and (words := last_words(campaign.log_of(latest))):
        reason = f"{reason}. Its script printed last:\n{words}"
    share = 0.0 if state is None or status == "waiting" else state.share
    left = _left(state) if state is not None and status == "running" else None
    ranks = 1 if number == FINAL else campaign.task(number).ranks
    return Row(number, title, status, ranks, attempts, share, left, reason=reason)


def _row_of_run(campaign: Campaign, number: int, jobs: Sequence[Job], alive: set[int]) -> Row:
    task = campaign.task(number)
    row = _row(campaign, number, task.title, jobs, alive)
    record = campaign.store.read(task.key)
    known = {"estimated_s": task.seconds, "estimated_bytes": task.memory_bytes}
    if record is None:
        # Done, but no longer there: somebody has cleaned the store.
        gone = {"status": "failed", "reason": "its result is no longer in the store"} if row.status == "done" else {}
        return Row(**{**vars(row), **known, **gone})
    spent = [record.attributes.get(name) for name in ("setup_seconds", "stepping_seconds")]
    took = {"seconds": sum(s for s in spent if s is not None), "memory_bytes": record.attributes.get("memory_bytes")}
    return Row(**{**vars(row), **known, **took, "status": "done", "share": 1.0, "left_s": None, "reason": ""})


def _status(state: State | None, is_alive: bool, was_submitted: bool) -> tuple[Status, str]:
    if state is not None and state.status != "running":
        return state.status, state.reason
    if is_alive:
        return ("waiting" if state is None else "running"), ""
    if not was_submitted:
        return "not submitted", ""
    return "failed", _NEVER if state is None else _LOST


def _left(state: State) -> float | None:
    """From the pace so far."""
    elapsed = time.time() - state.started
    return elapsed * (1.0 - state.share) / state.share if state.share > 0.0 else None
