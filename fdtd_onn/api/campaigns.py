"""From what a command would compute to a campaign of jobs that compute it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fdtd_onn.api.characterize import runs_behind
from fdtd_onn.api.networks import layout_devices
from fdtd_onn.cluster.campaign import Campaign, Plan, load
from fdtd_onn.cluster.jobs import Wanted, tasks_of
from fdtd_onn.cluster.scaling import Measured, Scaling, Work, fitted
from fdtd_onn.errors import BadInput
from fdtd_onn.fullwave.cost import estimated_cost
from fdtd_onn.fullwave.plan import NO_CHECKS, Checks
from fdtd_onn.fullwave.stamp import engine_stamp
from fdtd_onn.specs.device import AnyDevice
from fdtd_onn.specs.fidelity import FidelityName
from fdtd_onn.specs.load import design_path, load_layout
from fdtd_onn.specs.runs import AnyRun, ScatteringRun, title
from fdtd_onn.specs.site import Site
from fdtd_onn.store import Record, Store
from fdtd_onn.store.upkeep import keys

# The newest entries of a store that a fit looks at: reading them all could take longer than the fit is worth.
_LOOKED_AT = 200


@dataclass(frozen=True)
class Subject:
    """What a command characterises."""

    devices: tuple[AnyDevice, ...]
    fidelity: FidelityName
    checks: Checks = NO_CHECKS


def subject_of_layout(layout: str | Path) -> Subject:
    """All devices of a layout, at every value of their tunable parameters."""
    spec = load_layout(layout)
    devices = layout_devices(spec, design_path(layout, "layouts").parent)
    flat = tuple(member for device in devices.values() for member in device.family())
    return Subject(flat, spec.experiment.fidelity)


def missing_runs(subject: Subject, store: Store) -> dict[str, AnyRun]:
    """The runs that the store lacks, by key."""
    runs = runs_behind(subject.devices, subject.fidelity, subject.checks)
    return {key: run for key, run in runs.items() if not store.has(key)}


def plan_campaign(words: Sequence[str], subject: Subject, store: Store, site: Site) -> tuple[Plan, tuple[AnyRun, ...]]:
    """The campaign for a command, and its runs in the order of their tasks.

    words: the command, as after `fdtd-onn`. Raises BadInput for what the command refuses before it computes, and for
    runs that no allowed number of nodes can hold.
    """
    runs = missing_runs(subject, store)
    plan = Plan(
        name=words[0],
        words=tuple(words),
        cwd=str(Path.cwd()),
        store=str(store.root.absolute()),
        python=sys.executable,
        site=site,
        stamp=engine_stamp(),
        tasks=tasks_of([wanted(key, run) for key, run in runs.items()], site, scaling_of(store)),
    )
    return plan, tuple(runs.values())


def wanted(key: str, run: AnyRun) -> Wanted:
    """What a run asks of a cluster."""
    cost = estimated_cost(run)
    work = Work(cost.pixels, cost.steps, run.device.dimensions, cost.seconds, isinstance(run, ScatteringRun))
    return Wanted(key, title(run), work, cost.memory_bytes)


def scaling_of(store: Store) -> Scaling:
    """The scaling model fitted to the runs in a store that say on how many ranks they were done."""
    return fitted(measured_runs(store))


def measured_runs(store: Store) -> list[Measured]:
    """The newest runs of a store whose records say what they took."""
    newest = sorted(keys(store), key=lambda key: -store.path(key).stat().st_mtime)[:_LOOKED_AT]
    records = (store.read(key) for key in newest)
    return [run for record in records if record is not None and (run := _measured(record)) is not None]


def _measured(record: Record) -> Measured | None:
    said = record.attributes
    if "ranks" not in said or said["stepping_seconds"] <= 0.0:
        return None
    shared = record.kind == "scattering"
    work = Work(said["pixels"], round(said["steps"]), said["dimensions"], said["estimated_seconds"], shared)
    return Measured(work, said["ranks"], said["stepping_seconds"])


def load_campaign(folder: Path) -> Campaign:
    """A campaign to go on with. Raises BadInput if its runs would not be found by this installation."""
    campaign = load(folder)
    stamp = engine_stamp()
    if campaign.plan.stamp != stamp:
        expected = f"the installation that planned it ({campaign.plan.stamp.engine} {campaign.plan.stamp.version})"
        got = "another version of the engine or of this package, which would not find its results"
        raise BadInput(str(folder), expected, got, "Submit the command anew.")
    return campaign
