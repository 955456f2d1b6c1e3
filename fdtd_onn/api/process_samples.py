"""The numbers of devices that differ by nanometres, from as few runs as tell them apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.api.characterize import Listener, characterize, characterize_all, outstanding, records_of
from fdtd_onn.errors import BadInput
from fdtd_onn.fullwave.assemble import one_input
from fdtd_onn.fullwave.cost import Cost, estimated_cost
from fdtd_onn.fullwave.lattices import shared_lattices
from fdtd_onn.fullwave.patch import aligned_resolution, patch_of
from fdtd_onn.fullwave.plan import scattering_plan
from fdtd_onn.fullwave.stamp import engine_stamp
from fdtd_onn.process import period, quantities, run_errors
from fdtd_onn.reduce import AbsorberModel, compile_model
from fdtd_onn.responses.saturation import SaturationResponse
from fdtd_onn.responses.scattering import Response
from fdtd_onn.responses.tap import TapResponse
from fdtd_onn.specs.device import Absorber, AnyDevice
from fdtd_onn.specs.device.absorber import SaturationSweep
from fdtd_onn.specs.fidelity import FidelityName, settings_of
from fdtd_onn.specs.runs import ScatteringRun, run_key
from fdtd_onn.store import Store

Real = NDArray[np.float64]
POSITIONS = 4  # of the grid in its pixels
POWERS = 4  # of an absorber's pump: the fewest that a model can be compiled from
MW_PER_W = 1e3


@dataclass(frozen=True, eq=False)
class Samples:
    """Quantities (n,) by `names` of devices (k,), the nominal first, on lattices (m,).

    values: (k, m, n). periods: (n,), what can be added without a trace. run_error: (n,), of the nominal run.
    noise: (n,), standard error of single values that does not show on lattices.
    """

    names: tuple[str, ...]
    values: Real
    periods: Real
    run_error: Real
    noise: Real


def samples(
    devices: Sequence[AnyDevice],
    fidelity: FidelityName,
    store: Store | None,
    workers: int | None,
    listener: Listener | None,
) -> Samples:
    """Run devices that are variations of the first one.

    A linear device or a tap: the first column on all lattices; an absorber, whose matter lies on lines of the grid by
    itself: few powers each.
    """
    absorbers = _few_powers(devices)
    if absorbers:
        return _of_absorbers(absorbers, fidelity, store, workers, listener)
    return _on_lattices(devices, fidelity, store, workers, listener)


def sampling_cost(devices: Sequence[AnyDevice], fidelity: FidelityName, store: Store | None) -> tuple[Cost, ...]:
    """Estimated cost of every run that `samples` would have to do: none for what the store holds."""
    absorbers = _few_powers(devices)
    if absorbers:
        return outstanding(absorbers, fidelity, store)
    stamp, kept = engine_stamp(), Store() if store is None else store
    runs = {run_key(run, stamp): run for row in _runs(devices, fidelity) for run in row}
    further = tuple(estimated_cost(run) for key, run in runs.items() if not kept.has(key))
    return outstanding(devices[:1], fidelity, store) + further


def _runs(devices: Sequence[AnyDevice], fidelity: FidelityName) -> list[list[ScatteringRun]]:
    """Of every device on every lattice."""
    settings = settings_of(devices[0], fidelity)
    lattices = shared_lattices(devices, settings, POSITIONS)
    first = [next(iter(scattering_plan(device, settings).fine.values())) for device in devices]
    return [[run.model_copy(update={"lattice": lattice}) for lattice in lattices] for run in first]


def _on_lattices(
    devices: Sequence[AnyDevice],
    fidelity: FidelityName,
    store: Store | None,
    workers: int | None,
    listener: Listener | None,
) -> Samples:
    whole = characterize(devices[0], fidelity, store, workers, listener)
    assert isinstance(whole, Response | TapResponse)
    stamp, runs = engine_stamp(), _runs(devices, fidelity)
    records = records_of({run_key(run, stamp): run for row in runs for run in row}, store, workers, listener)
    seen = [
        [one_input(device, records[run_key(run, stamp)]) for run in row]
        for device, row in zip(devices, runs, strict=True)
    ]
    nominal = seen[0][0]
    rows = [[quantities(one, nominal) for one in row] for row in seen]
    names = tuple(rows[0][0])
    return Samples(
        names=names,
        values=np.array([[[found[name] for name in names] for found in row] for row in rows]),
        periods=np.array([period(name, nominal) for name in names]),
        run_error=np.array([run_errors(whole)[name] for name in names]),
        noise=np.zeros(len(names)),
    )


def _of_absorbers(
    devices: Sequence[Absorber],
    fidelity: FidelityName,
    store: Store | None,
    workers: int | None,
    listener: Listener | None,
) -> Samples:
    _check_pixels(devices, fidelity)
    responses = characterize_all(devices, fidelity, store, workers, listener)
    models = [model for model in map(compile_model, responses) if isinstance(model, AbsorberModel)]
    assert isinstance(responses[0], SaturationResponse)
    rows = [quantities(model, models[0]) for model in models]
    depth, other, power = astuple(models[0].uncertainty)[:3]
    noise = {"optical_depth": depth, "saturation_power_mw": MW_PER_W * power, "nonsaturable_optical_depth": other}
    errors = run_errors(responses[0])
    return Samples(
        names=tuple(rows[0]),
        values=np.array([[list(row.values())] for row in rows]),
        periods=np.zeros(len(rows[0])),
        run_error=np.array([errors[name] for name in rows[0]]),
        noise=np.array([noise[name] for name in rows[0]]),
    )


def _few_powers(devices: Sequence[AnyDevice]) -> list[Absorber]:
    """Absorbers, each with a few of its pump powers, the ends among them; nothing of other devices."""
    absorbers = [device for device in devices if isinstance(device, Absorber)]
    return [device.model_copy(update={"saturation": _thinned(device)}) for device in absorbers]


def _thinned(device: Absorber) -> SaturationSweep:
    powers = device.saturation.pump_over_saturation
    chosen = np.round(np.linspace(0, len(powers) - 1, POWERS)).astype(int)
    return device.saturation.model_copy(update={"pump_over_saturation": tuple(powers[k] for k in chosen)})


def _check_pixels(devices: Sequence[Absorber], fidelity: FidelityName) -> None:
    """Matter is fitted to whole pixels: one more or less of them would be a jump among nanometres."""
    settings = settings_of(devices[0], fidelity)
    rows = {
        tuple(round(aligned_resolution(d, settings.resolution) * size) for size in patch_of(d).sizes_um)
        for d in devices
    }
    if len(rows) > 1:
        found = (" × ".join(map(str, counts)) for counts in (min(rows), max(rows)))
        expected, got = "matter of one number of pixels in all variations", " to ".join(found)
        raise BadInput(f"process({devices[0].name})", expected, got, "Choose another fidelity or a smaller sigma.")
