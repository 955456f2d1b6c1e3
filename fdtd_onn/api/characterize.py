"""From devices to responses: find what the store has, compute what it lacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from fdtd_onn.api.heaters import characterize_heater
from fdtd_onn.cluster.local import cores, run_side_by_side
from fdtd_onn.cluster.world import launched_ranks
from fdtd_onn.errors import BadInput, FdtdOnnError, RunFailed
from fdtd_onn.fullwave import assemble
from fdtd_onn.fullwave.cost import Cost, estimated_cost
from fdtd_onn.fullwave.physical import require_physical
from fdtd_onn.fullwave.plan import NO_CHECKS, Checks, checks_of, plan
from fdtd_onn.fullwave.stamp import engine_stamp
from fdtd_onn.responses.field_map import FieldMap
from fdtd_onn.responses.heating import HeaterResponse
from fdtd_onn.responses.saturation import SaturationResponse
from fdtd_onn.responses.scattering import Response
from fdtd_onn.responses.tap import TapResponse
from fdtd_onn.specs.device import Absorber, AnyDevice, Heater
from fdtd_onn.specs.fidelity import FidelityName, settings_of
from fdtd_onn.specs.runs import AnyRun, EngineStamp, run_key, title
from fdtd_onn.store import Record, Store

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Progress:
    """State of the full-wave work of one call.

    finished, runs: how many are done, and are to be done. running: what is being computed now, in words.
    share: of the work done, 0 … 1.
    """

    finished: int
    runs: int
    running: tuple[str, ...]
    share: float


Listener = Callable[[Progress], None]
AnyResponse = Response | SaturationResponse | HeaterResponse | TapResponse


def characterize(
    device: AnyDevice,
    fidelity: FidelityName = "standard",
    store: Store | None = None,
    workers: int | None = None,
    listener: Listener | None = None,
    checks: Checks = NO_CHECKS,
) -> AnyResponse:
    """Full-wave response of a device, taken from the store where its runs have been done before.

    A heater needs no runs: it is solved here, within seconds at draft. Missing runs are spread over `workers` processes
    (default: one per core); in a process started by mpirun all ranks together do one after the other. checks: what to
    verify by further runs: "inferred" columns and "margins" of a linear device, "spectrum" and "recovery" of an
    absorber. Raises BadInput for less than one worker, checks that the device cannot have and what the runs' plan
    refuses, EngineMissing, and RunFailed, also for a result that no passive and reciprocal device can give.
    """
    (response,) = characterize_all([device], fidelity, store, workers, listener, checks)
    return response


def characterize_all(
    devices: Sequence[AnyDevice],
    fidelity: FidelityName = "standard",
    store: Store | None = None,
    workers: int | None = None,
    listener: Listener | None = None,
    checks: Checks = NO_CHECKS,
) -> list[AnyResponse]:
    """`characterize` for many devices at once: all their runs share the workers.

    Each check is done on the devices that can have it; BadInput for one that none of them can have.
    """
    processes, kept = _processes(workers), _store(store)
    _require_checkable(devices, checks)
    run = _run_in_full_wave(devices)
    responses = iter(_characterize_runs(run, fidelity, kept, processes, listener, checks) if run else [])
    return [
        characterize_heater(device, fidelity, kept) if isinstance(device, Heater) else next(responses)
        for device in devices
    ]


def _characterize_runs(
    devices: Sequence[AnyDevice],
    fidelity: FidelityName,
    kept: Store,
    processes: int,
    listener: Listener | None,
    checks: Checks,
) -> list[Response | SaturationResponse | TapResponse]:
    stamp = engine_stamp()
    runs = _runs_of(devices, fidelity, stamp, checks)
    if launched_ranks() > 1:
        from fdtd_onn.fullwave.collective import run_together

        records = run_together(runs, stamp, kept, _collective_report(runs, listener))
    else:
        records = records_of(runs, kept, processes, listener)
    return [_assembled(device, fidelity, stamp, records, checks) for device in devices]


def records_of(
    runs: Mapping[str, AnyRun], store: Store | None, workers: int | None, listener: Listener | None
) -> dict[str, Record]:
    """The records of runs, by key: those that the store lacks are computed, side by side. Raises RunFailed."""
    processes, kept = _processes(workers), _store(store)
    records = {key: record for key in runs if (record := kept.read(key)) is not None}
    missing = {key: run for key, run in runs.items() if key not in records}
    if missing:
        kept.require_writable()
    return records | _compute(missing, kept, processes, listener)[0]


def characterize_each(
    devices: Sequence[AnyDevice],
    fidelity: FidelityName = "standard",
    store: Store | None = None,
    workers: int | None = None,
    listener: Listener | None = None,
    checks: Checks = NO_CHECKS,
) -> list[AnyResponse | FdtdOnnError]:
    """`characterize_all` in one process, but a device that fails leaves the others: its error stands in its place."""
    processes, kept = _processes(workers), _store(store)
    _require_checkable(devices, checks)
    run = _run_in_full_wave(devices)
    outcomes = iter(_attempt_runs(run, fidelity, kept, processes, listener, checks) if run else [])
    return [
        attempt(characterize_heater, device, fidelity, kept) if isinstance(device, Heater) else next(outcomes)
        for device in devices
    ]


def _attempt_runs(
    devices: Sequence[AnyDevice],
    fidelity: FidelityName,
    kept: Store,
    processes: int,
    listener: Listener | None,
    checks: Checks,
) -> list[Response | SaturationResponse | TapResponse | FdtdOnnError]:
    stamp = engine_stamp()
    plans = [attempt(_runs_of, [device], fidelity, stamp, checks) for device in devices]
    runs = {key: run for planned in plans if not isinstance(planned, FdtdOnnError) for key, run in planned.items()}
    records = {key: record for key in runs if (record := kept.read(key)) is not None}
    missing = {key: run for key, run in runs.items() if key not in records}
    if missing:
        kept.require_writable()
    done, failures = _compute(missing, kept, processes, listener, keep_going=True)
    records |= done
    outcomes: list[Response | SaturationResponse | TapResponse | FdtdOnnError] = []
    for device, planned in zip(devices, plans, strict=True):
        if isinstance(planned, FdtdOnnError):
            outcomes.append(planned)
        elif failed := [failures[key] for key in planned if key in failures]:
            outcomes.append(failed[0])
        else:
            outcomes.append(attempt(_assembled, device, fidelity, stamp, records, checks))
    return outcomes


def attempt(function: Callable[P, T], *arguments: P.args, **keywords: P.kwargs) -> T | FdtdOnnError:
    """What the function gives, or the error that it raises for the user."""
    try:
        return function(*arguments, **keywords)
    except FdtdOnnError as error:
        return error


def _assembled(
    device: AnyDevice, fidelity: FidelityName, stamp: EngineStamp, records: Mapping[str, Record], checks: Checks
) -> Response | SaturationResponse | TapResponse:
    response = assemble.assemble(device, settings_of(device, fidelity), stamp, records, checks)
    if not isinstance(response, SaturationResponse):
        require_physical(response.guided if isinstance(response, TapResponse) else response)
    return response


def outstanding(
    devices: Sequence[AnyDevice],
    fidelity: FidelityName = "standard",
    store: Store | None = None,
    checks: Checks = NO_CHECKS,
) -> tuple[Cost, ...]:
    """Estimated cost of every run that `characterize_all` would have to do: none for what the store holds."""
    kept = _store(store)
    return tuple(
        estimated_cost(run) for key, run in runs_behind(devices, fidelity, checks).items() if not kept.has(key)
    )


def runs_behind(
    devices: Sequence[AnyDevice], fidelity: FidelityName = "standard", checks: Checks = NO_CHECKS
) -> dict[str, AnyRun]:
    """Every run that `characterize_all` asks for, by key; raises as it does before it computes."""
    _require_checkable(devices, checks)
    run = _run_in_full_wave(devices)
    return _runs_of(run, fidelity, engine_stamp(), checks) if run else {}


def field_map(device: AnyDevice, fidelity: FidelityName = "standard", store: Store | None = None) -> FieldMap | None:
    """The light in a linear device that has been characterised; None for an absorber or a heater.

    Raises FdtdOnnError if it has not.
    """
    if isinstance(device, Absorber | Heater):
        return None
    settings = settings_of(device, fidelity)
    run = plan(device, settings)[0]
    record = _store(store).read(run_key(run, engine_stamp()))
    if record is None:
        raise FdtdOnnError(f"expected {device.name!r} at {fidelity} in the store, found nothing: characterise it first")
    return assemble.field_map(device, settings, record)


def _run_in_full_wave(devices: Sequence[AnyDevice]) -> list[AnyDevice]:
    """All but the heaters, which are solved in their cross-section."""
    return [device for device in devices if not isinstance(device, Heater)]


def _require_checkable(devices: Sequence[AnyDevice], checks: Checks) -> None:
    """A check that none of the devices can have would be left out without a word."""
    possible = NO_CHECKS.union(*map(checks_of, devices))
    if devices and not checks <= possible:
        expected = f"only {', '.join(sorted(possible))}, of these devices" if possible else "none, of a heater"
        raise BadInput("checks", expected, ", ".join(sorted(checks - possible)), "Leave it out.")


def _runs_of(
    devices: Sequence[AnyDevice], fidelity: FidelityName, stamp: EngineStamp, checks: Checks
) -> dict[str, AnyRun]:
    """All runs behind the devices' responses, by key."""
    settings = [settings_of(device, fidelity) for device in devices]
    runs = [run for d, chosen in zip(devices, settings, strict=True) for run in plan(d, chosen, checks)]
    return {run_key(run, stamp): run for run in runs}


def _collective_report(runs: Mapping[str, AnyRun], listener: Listener | None) -> Callable[[str, float], None]:
    """From shares of runs to the state of them all."""
    share = dict.fromkeys(runs, 0.0)

    def report(key: str, done: float) -> None:
        share[key] = done
        if listener is not None:
            finished = sum(part == 1.0 for part in share.values())
            running = () if done == 1.0 else (title(runs[key]),)
            listener(Progress(finished, len(runs), running, sum(share.values()) / len(runs)))

    return report


def _processes(workers: int | None) -> int:
    if workers is not None and workers < 1:
        raise BadInput("workers", "at least 1", workers, "Leave it out for one process per core.")
    return cores() if workers is None else workers


def _store(store: Store | None) -> Store:
    return Store() if store is None else store


def _compute(
    missing: Mapping[str, AnyRun], store: Store, workers: int, listener: Listener | None, keep_going: bool = False
) -> tuple[dict[str, Record], dict[str, RunFailed]]:
    """Do the missing runs, the longest first, so that the last ones to finish are short; also give those that failed.

    Raises RunFailed for the first that fails, unless it is to keep going.
    """
    work = {key: estimated_cost(run).seconds for key, run in missing.items()}
    order = sorted(missing, key=lambda key: -work[key])
    runs = [missing[key] for key in order]
    titles = [title(run) for run in runs]
    share, finished, active = [0.0] * len(order), 0, set[int]()
    failures: dict[str, RunFailed] = {}
    # Closed at once when the listener raises or the user interrupts: no worker outlives the call.
    with closing(run_side_by_side(runs, store.root, workers, keep_going)) as updates:
        for update in updates:
            share[update.job] = update.share
            finished += update.finished
            if update.failure is not None:
                failures[order[update.job]] = update.failure
            if update.finished:
                active.discard(update.job)
            else:
                active.add(update.job)
            if listener is not None:
                done = sum(work[key] * part for key, part in zip(order, share, strict=True)) / sum(work.values())
                listener(Progress(finished, len(order), tuple(titles[job] for job in sorted(active)), done))
    return {key: _written(store, key) for key in order if key not in failures}, failures


def _written(store: Store, key: str) -> Record:
    record = store.read(key)
    if record is None:
        raise FdtdOnnError(f"a worker finished, but the store {store.root} has no entry {key}: is the disk full?")
    return record
