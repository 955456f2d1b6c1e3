"""The public functions: thin glue between the layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fdtd_onn.cluster.local import cores, run_side_by_side
from fdtd_onn.cluster.world import launched_ranks
from fdtd_onn.fullwave.assemble import assemble
from fdtd_onn.fullwave.plan import estimated_updates, plan
from fdtd_onn.fullwave.stamp import engine_stamp
from fdtd_onn.responses.saturation import SaturationResponse
from fdtd_onn.responses.scattering import Response
from fdtd_onn.specs.device import AnyDevice
from fdtd_onn.specs.fidelity import FIDELITIES, FidelityName
from fdtd_onn.specs.runs import AnyRun, EngineStamp, run_key
from fdtd_onn.store import Record, Store


@dataclass(frozen=True)
class Progress:
    """State of the full-wave work of one call: runs finished and in all, share of the work done (0 … 1)."""

    finished: int
    runs: int
    share: float


Listener = Callable[[Progress], None]


def characterize(
    device: AnyDevice,
    fidelity: FidelityName = "standard",
    store: Store | None = None,
    workers: int | None = None,
    listener: Listener | None = None,
) -> Response | SaturationResponse:
    """Full-wave response of a device, from the store where its runs have been done before.

    Missing runs are spread over `workers` processes (default: one per core); in a process started by mpirun they are
    done one after the other by all ranks together. Raises EngineMissing or RunFailed.
    """
    (response,) = characterize_all([device], fidelity, store, workers, listener)
    return response


def characterize_all(
    devices: Sequence[AnyDevice],
    fidelity: FidelityName = "standard",
    store: Store | None = None,
    workers: int | None = None,
    listener: Listener | None = None,
) -> list[Response | SaturationResponse]:
    """`characterize` for many devices at once: all their runs share the workers."""
    settings, stamp = FIDELITIES[fidelity], engine_stamp()
    kept = Store() if store is None else store
    runs = {run_key(run, stamp): run for device in devices for run in plan(device, settings)}
    records = {key: record for key in runs if (record := kept.read(key)) is not None}
    missing = {key: run for key, run in runs.items() if key not in records}
    if missing:
        records |= _compute(missing, stamp, kept, cores() if workers is None else workers, listener)
    return [assemble(device, settings, stamp, records) for device in devices]


def _compute(
    missing: dict[str, AnyRun], stamp: EngineStamp, store: Store, workers: int, listener: Listener | None
) -> dict[str, Record]:
    """Do the missing runs, the longest first, so that the last ones to finish are short."""
    order = sorted(missing, key=lambda key: -estimated_updates(missing[key]))
    if launched_ranks() > 1:
        from fdtd_onn.fullwave.collective import run_together

        return run_together([missing[key] for key in order], stamp, store)
    work = [estimated_updates(missing[key]) for key in order]
    share = [0.0] * len(order)
    for update in run_side_by_side([missing[key] for key in order], store.root, workers):
        share[update.job] = update.share
        if listener is not None:
            done = sum(w * s for w, s in zip(work, share, strict=True)) / sum(work)
            listener(Progress(sum(s == 1.0 for s in share), len(share), done))
    records = {}
    for key in order:
        record = store.read(key)
        assert record is not None, f"the worker of {key} said that it had finished"
        records[key] = record
    return records
