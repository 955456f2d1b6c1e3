"""The commands for clusters: plan, submit, status, cancel, resume."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from fdtd_onn.api import cores
from fdtd_onn.api.campaigns import Subject, load_campaign, plan_campaign, subject_of_layout
from fdtd_onn.api.ranks import require_one_process
from fdtd_onn.api.scaling import outlook
from fdtd_onn.cli import summaries
from fdtd_onn.cli.options import Dimensions, InPlane, Json, StoreFolder, Sweeps, store_at
from fdtd_onn.cli.outlook import numbers_in, show_outlook
from fdtd_onn.cli.overrides import load_swept
from fdtd_onn.cli.progress import duration
from fdtd_onn.cli.subjects import is_layout, subject_of
from fdtd_onn.cluster.batch import Scheduler
from fdtd_onn.cluster.campaign import FINAL, Campaign, Job, create, load, newest
from fdtd_onn.cluster.jobs import jobs_of
from fdtd_onn.cluster.operate import cancel as cancel_jobs
from fdtd_onn.cluster.operate import submit_missing
from fdtd_onn.cluster.script import script_of
from fdtd_onn.cluster.status import Row, rows
from fdtd_onn.errors import BadInput
from fdtd_onn.specs.fidelity import FidelityName
from fdtd_onn.specs.site import Site, load_site, this_machine

#: What comes after the name of a command is that command's, options and all.
AS_GIVEN = {"allow_interspersed_args": False, "ignore_unknown_options": False}
_CAMPAIGNS = Path("runs")

SiteFile = Annotated[
    Path | None,
    typer.Option("--site", envvar="FDTD_ONN_SITE", help="Settings of the cluster (TOML); this machine without it."),
]
Folder = Annotated[Path | None, typer.Argument(help="The campaign's folder (default: the newest in runs/).")]


def submit(
    context: typer.Context,
    words: Annotated[
        list[str],
        typer.Argument(metavar="COMMAND...", help="characterize, compile, train, compare or run, and its words."),
    ],
    site: SiteFile = None,
    folder: Annotated[Path | None, typer.Option(help="Of the campaign; new (default: one in runs/).")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the jobs and their scripts, and leave it.")] = False,
    json: Json = False,
) -> None:
    """Do a command as jobs: every full-wave run that the store lacks, and then the command itself.

    Options of `submit` go before the command: submit --site slurm.toml run rings_clements_4 --out runs/rings
    """
    require_one_process("submit")
    chosen = this_machine(cores()) if site is None else load_site(site)
    subject, store = subject_of(words, context)
    planned, runs = plan_campaign(words, subject, store_at(store), chosen)
    named = _CAMPAIGNS / f"{planned.name}-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}" if folder is None else folder
    campaign = Campaign(named.absolute(), planned)
    if dry_run:
        _show_dry(campaign, json)
        return
    campaign.store.require_writable()
    scheduler = Scheduler(campaign)
    scheduler.require()
    create(campaign.folder, planned, runs)
    _show_jobs(campaign, submit_missing(campaign, scheduler), json)


def plan(
    source: Annotated[str, typer.Argument(help="A device or a layout: a file, or a name from the library.")],
    overrides: Sweeps = [],  # noqa: B006 - typer reads it, nothing changes it
    fidelity: Annotated[
        FidelityName | None, typer.Option(help="Of a device (default: standard); a layout says its own.")
    ] = None,
    dimensions: Dimensions = None,
    plane: InPlane = None,
    ranks: Annotated[
        str, typer.Option(help="Numbers of ranks, with commas between.")
    ] = "64,128,256,512,1024,2048,4096",
    store: StoreFolder = None,
    json: Json = False,
) -> None:
    """What a device or a layout takes in runs, memory and time, and what more ranks would give."""
    kept = store_at(store)
    if is_layout(source):
        if overrides or dimensions is not None or plane is not None or fidelity is not None:
            raise BadInput("plan", "a layout alone", "options of a device", "Change the layout's file.")
        subject = subject_of_layout(source)
    else:
        devices, _ = load_swept(source, overrides, dimensions, plane)
        subject = Subject(tuple(devices), "standard" if fidelity is None else fidelity)
    show_outlook(outlook(subject, kept, numbers_in(ranks)), json)


def status(folder: Folder = None, json: Json = False) -> None:
    """How a campaign stands: runs waiting, running, done or failed, and why. Exit code 1 if something failed."""
    campaign = load(_chosen(folder))
    found = rows(campaign, Scheduler(campaign))
    if json:
        summaries.show({"folder": str(campaign.folder), "runs": [vars(row) for row in found]}, as_json=True)
    else:
        summaries.show_rows([_cells(row) for row in found], as_json=False)
        for row in found:
            if row.reason:
                print(f"{_number(row.number)}: {row.reason}", file=sys.stderr)
    if any(row.status == "failed" for row in found):
        raise typer.Exit(1)


def cancel(folder: Folder = None, json: Json = False) -> None:
    """End a campaign's jobs, waiting or running; what had finished is kept."""
    campaign = load(_chosen(folder))
    ended = cancel_jobs(campaign, Scheduler(campaign))
    summaries.show({"folder": str(campaign.folder), "cancelled": [job.native_id for job in ended]}, json)


def resume(folder: Folder = None, json: Json = False) -> None:
    """Submit of a campaign what the store lacks and no job is about to do."""
    campaign = load_campaign(_chosen(folder))
    _show_jobs(campaign, submit_missing(campaign, Scheduler(campaign)), json)


def _chosen(folder: Path | None) -> Path:
    return (newest([_CAMPAIGNS]) if folder is None else folder).absolute()


def _show_jobs(campaign: Campaign, jobs: Sequence[Job], json: bool) -> None:
    shown = [_of_job(campaign, job) for job in jobs]
    if json:
        summaries.show({"folder": str(campaign.folder), "jobs": shown}, as_json=True)
        return
    if not jobs:
        print("nothing to submit")
        return
    summaries.show_rows(shown, as_json=False)
    print(f"{_limits(campaign.plan.site)}; see: fdtd-onn status {shlex.quote(str(campaign.folder))}")


def _show_dry(campaign: Campaign, json: bool) -> None:
    jobs = jobs_of(campaign, campaign.plan.tasks, final=True)
    scripts = [
        {"job": job.number, "scheduler": _for_scheduler(campaign, job, jobs), "script": script_of(campaign, job)}
        for job in jobs
    ]
    if json:
        shown = {"folder": str(campaign.folder), "jobs": [_of_job(campaign, job) for job in jobs], "scripts": scripts}
        summaries.show(shown, as_json=True)
        return
    summaries.show_rows([_of_job(campaign, job) for job in jobs], as_json=False)
    print(_limits(campaign.plan.site))
    for script in scripts:
        print(f"\n# job {script['job']}, for the scheduler\n{script['scheduler']}\n# and what it executes")
        print(script["script"], end="")


def _for_scheduler(campaign: Campaign, job: Job, jobs: Sequence[Job]) -> str:
    """What the scheduler would be given, without leaving anything; other jobs have no ids yet."""
    after = [f"JOB{other.number}" for other in jobs if other is not job] if FINAL in job.tasks else []
    with TemporaryDirectory() as work:
        text = Scheduler(campaign, Path(work)).script(job, after).replace(work, str(campaign.folder / "psij"))
    return "\n".join(line for line in text.splitlines() if line.strip())


def _of_job(campaign: Campaign, job: Job) -> dict[str, Any]:
    tasks = [campaign.task(number) for number in job.tasks if number != FINAL]
    longest = max((task.seconds for task in tasks), default=None)
    return {
        "job": job.number,
        "id": job.native_id,
        "runs": len(tasks),
        "then": campaign.plan.words[0] if FINAL in job.tasks else "",
        "ranks": max((task.ranks for task in tasks), default=1),
        "nodes": job.nodes,
        "cores": job.cores,
        "memory_gib": job.memory_bytes / 2**30,
        "minutes": job.minutes,
        "estimated_s": longest,
    }


def _limits(site: Site) -> str:
    return f"limits: {site.time_factor:g} times the estimated time, {site.memory_factor:g} times the memory, rounded up"


def _cells(row: Row) -> dict[str, Any]:
    return {
        "run": _number(row.number),
        "what": row.title,
        "status": row.status,
        "ranks": row.ranks,
        "tries": row.attempts,
        "done": f"{row.share:.0%}",
        "left": None if row.left_s is None else duration(row.left_s),
        "time (planned)": _beside(row.seconds, row.estimated_s, 1.0, "s"),
        "memory (planned)": _beside(row.memory_bytes, row.estimated_bytes, 2**30, "GiB"),
    }


def _beside(took: float | None, planned: float | None, unit: float, name: str) -> str | None:
    """What a run took beside what it was planned with."""
    words = ["–" if value is None else f"{value / unit:.2g}" for value in (took, planned)]
    return None if planned is None else f"{words[0]} ({words[1]}) {name}"


def _number(number: int) -> str:
    return "then" if number == FINAL else str(number)
