"""Submit a campaign, end it, and go on with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fdtd_onn.cluster.batch import Scheduler
from fdtd_onn.cluster.campaign import FINAL, Campaign, Job
from fdtd_onn.cluster.jobs import jobs_of
from fdtd_onn.cluster.lock import alone
from fdtd_onn.cluster.script import script_of
from fdtd_onn.cluster.status import living
from fdtd_onn.errors import FdtdOnnError


def submit_missing(campaign: Campaign, scheduler: Scheduler) -> list[Job]:
    """Submit the runs that the store lacks and no job has yet, and the command behind them.

    Gives the jobs: none if all is done or under way. Raises FdtdOnnError when the scheduler refuses; what it had taken
    until then is remembered.
    """
    with alone(campaign.folder):
        return _submit_missing(campaign, scheduler)


def _submit_missing(campaign: Campaign, scheduler: Scheduler) -> list[Job]:
    before = campaign.jobs()
    alive = living(before, scheduler)
    tasks = [t for t in campaign.plan.tasks if t.number not in alive and not campaign.store.has(t.key)]
    final = _final_is_due(campaign, alive, bool(tasks))
    if final and FINAL in alive:
        # It waits for jobs that have failed.
        for job in before:
            if FINAL in job.tasks and job.native_id is not None:
                scheduler.cancel(job.native_id)
    jobs = jobs_of(campaign, tasks, final)
    for number in (number for job in jobs for number in job.tasks):
        campaign.forget(number)
    still = [j.native_id for j in before if j.native_id is not None and alive & (set(j.tasks) - {FINAL})]
    return _submit(campaign, scheduler, jobs, still)


def _final_is_due(campaign: Campaign, alive: set[int], more_runs: bool) -> bool:
    state = campaign.state(FINAL)
    if more_runs:
        return True
    return FINAL not in alive and (state is None or state.status != "done")


def _submit(campaign: Campaign, scheduler: Scheduler, jobs: Sequence[Job], still: Sequence[str]) -> list[Job]:
    submitted: list[Job] = []
    for job in jobs:
        write_script(campaign, job)
        campaign.keep_job(job)  # before it starts: its driver reads it
        after, earlier = ([str(other.native_id) for other in submitted], still) if FINAL in job.tasks else ((), ())
        submitted.append(job.model_copy(update={"native_id": scheduler.submit(job, after, earlier)}))
        campaign.keep_job(submitted[-1])
    return submitted


def write_script(campaign: Campaign, job: Job) -> Path:
    """The script of a job, executable. FdtdOnnError if there is a job of this number."""
    path = campaign.script(job)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(script_of(campaign, job))
    except FileExistsError as error:
        raise FdtdOnnError(f"another submit or resume works on {campaign.folder}: it has made {path.name}") from error
    path.chmod(0o755)
    return path


def cancel(campaign: Campaign, scheduler: Scheduler) -> list[Job]:
    """End all jobs that wait or run, what waits for others first; those that were ended."""
    with alone(campaign.folder):
        jobs = campaign.jobs()
        alive = living(jobs, scheduler)
        ended = [job for job in reversed(jobs) if job.native_id is not None and alive & set(job.tasks)]
        for job in ended:
            scheduler.cancel(str(job.native_id))
        return ended
