"""From devices to responses: find what the store has, compute what it lacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from fdtd_onn.cluster.local import cores, run_side_by_side
from fdtd_onn.cluster.world import launched_ranks
from fdtd_onn.errors import BadInput, FdtdOnnError
from fdtd_onn.fullwave import assemble
from fdtd_onn.fullwave.cost import Cost, estimated_cost
from fdtd_onn.fullwave.physical import require_physical
from fdtd_onn.fullwave.plan import NO_CHECKS, Checks, plan
from fdtd_onn.fullwave.stamp import engine_stamp
from fdtd_onn.responses.field_map import FieldMap
from fdtd_onn.responses.saturation import SaturationResponse
from fdtd_onn.responses.scattering import Response
from fdtd_onn.responses.tap import TapResponse
from fdtd_onn.specs.device import Absorber, AnyDevice
from fdtd_onn.specs.fidelity import FidelityName, settings_of
from fdtd_onn.specs.runs import AnyRun, EngineStamp, run_key, title
from fdtd_onn.store import Record, Store


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
AnyResponse = Response | SaturationResponse | TapResponse


def characterize(
    device: AnyDevice,
    fidelity: FidelityName = "standard",
    store: Store | None = None,
    workers: int | None = None,
    listener: Listener | None = None,
    checks: Checks = NO_CHECKS,
) -> AnyResponse:
    """Full-wave response of a device, taken from the store where its runs have been done before.

    Missing runs are spread over `workers` processes (default: one per core); in a process started by mpirun all ranks
    together do one after the other. checks: what to verify by further runs, "inferred" columns and "margins". Raises
    BadInput for less than one worker and what the runs' plan refuses, EngineMissing, and RunFailed, also for a result
    that no passive and reciprocal device can give.
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
    """`characterize` for many devices at once: all their runs share the workers."""
    if workers is not None and workers < 1:
        raise BadInput("workers", "at least 1", workers, "Leave it out for one process per core.")
    stamp, kept = engine_stamp(), _store(store)
    runs = _runs_of(devices, fidelity, stamp, checks)
    if launched_ranks() > 1:
        from fdtd_onn.fullwave.collective import run_together

        records = run_together(runs, stamp, kept, _collective_report(runs, listener))
    else:
        records = {key: record for key in runs if (record := kept.read(key)) is not None}
        missing = {key: run for key, run in runs.items() if key not in records}
        if missing:
            kept.require_writable()
        records |= _compute(missing, kept, cores() if workers is None else workers, listener)
    responses = [assemble.assemble(d, settings_of(d, fidelity), stamp, records, checks) for d in devices]
    for response in responses:
        if not isinstance(response, SaturationResponse):
            require_physical(response.guided if isinstance(response, TapResponse) else response)
    return responses


def outstanding(
    devices: Sequence[AnyDevice],
    fidelity: FidelityName = "standard",
    store: Store | None = None,
    checks: Checks = NO_CHECKS,
) -> tuple[Cost, ...]:
    """Estimated cost of every run that `characterize_all` would have to do: none for what the store holds."""
    stamp, kept = engine_stamp(), _store(store)
    runs = _runs_of(devices, fidelity, stamp, checks)
    return tuple(estimated_cost(run) for key, run in runs.items() if not kept.has(key))


def field_map(device: AnyDevice, fidelity: FidelityName = "standard", store: Store | None = None) -> FieldMap | None:
    """The light in a linear device that has been characterised; None for an absorber. Raises FdtdOnnError if not."""
    if isinstance(device, Absorber):
        return None
    settings = settings_of(device, fidelity)
    run = plan(device, settings)[0]
    record = _store(store).read(run_key(run, engine_stamp()))
    if record is None:
        raise FdtdOnnError(f"expected {device.name!r} at {fidelity} in the store, found nothing: characterise it first")
    return assemble.field_map(device, settings, record)


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


def _store(store: Store | None) -> Store:
    return Store() if store is None else store


def _compute(missing: Mapping[str, AnyRun], store: Store, workers: int, listener: Listener | None) -> dict[str, Record]:
    """Do the missing runs, the longest first, so that the last ones to finish are short."""
    work = {key: estimated_cost(run).seconds for key, run in missing.items()}
    order = sorted(missing, key=lambda key: -work[key])
    runs = [missing[key] for key in order]
    titles = [title(run) for run in runs]
    share, finished, active = [0.0] * len(order), 0, set[int]()
    # Closed at once when the listener raises or the user interrupts: no worker outlives the call.
    with closing(run_side_by_side(runs, store.root, workers)) as updates:
        for update in updates:
            share[update.job] = update.share
            finished += update.finished
            if update.finished:
                active.discard(update.job)
            else:
                active.add(update.job)
            if listener is not None:
                done = sum(work[key] * part for key, part in zip(order, share, strict=True)) / sum(work.values())
                listener(Progress(finished, len(order), tuple(titles[job] for job in sorted(active)), done))
    return {key: _written(store, key) for key in order}


def _written(store: Store, key: str) -> Record:
    record = store.read(key)
    if record is None:
        raise FdtdOnnError(f"a worker finished, but the store {store.root} has no entry {key}: is the disk full?")
    return record
