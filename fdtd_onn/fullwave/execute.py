"""Run one specification on the ranks of this process's world and put the result into a record."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np

from fdtd_onn.fullwave.checkpoint import Checkpoint
from fdtd_onn.fullwave.radiation import Radiated
from fdtd_onn.fullwave.recovery import RecoveryPoint, run_recovery
from fdtd_onn.fullwave.saturation import PumpPoint, run_saturation
from fdtd_onn.fullwave.scattering import Column, run_scattering
from fdtd_onn.fullwave.spectrum import SpectrumPoint, run_spectrum
from fdtd_onn.responses.saturation import ModeProfile
from fdtd_onn.specs.runs import AnyRun, EngineStamp, RecoveryRun, ScatteringRun, SpectrumRun, run_spec
from fdtd_onn.store import Record

_COSTS = ("setup_seconds", "stepping_seconds", "cell_updates", "settled_to")
_COLUMN = ("s", "beta_continuum", "lag", "field")
_RADIATED = ("power", "found", "amplitude")
_AMPLITUDES = ("pump_transmission", "pump_reflection", "probe_transmission", "gated_transmission")
_POWERS = ("pump_over_saturation", "pump_mw", "saturation_power_mw")
_PROFILE = ("transverse", "longitudinal", "weight")
_SPECTRUM = ("transmission", "reflection")
_RECOVERY = ("delay_periods", "transmission", "lifetime_periods")

Result = Column | PumpPoint | SpectrumPoint | RecoveryPoint


def execute(
    run: AnyRun, stamp: EngineStamp, progress: Callable[[float, float], None], checkpoint: Checkpoint | None = None
) -> Record:
    """The record of a finished run. Collective over the world's ranks; raises RunFailed.

    checkpoint: where to keep the state of a linear run in plain dielectrics, and to look for one to go on from.
    """
    if isinstance(run, ScatteringRun):
        column = run_scattering(run, progress, checkpoint)
        arrays = {name: getattr(column, name) for name in _COLUMN}
        arrays["field_extent_um"] = np.array(column.field_extent_um)
        if column.radiated is not None:
            arrays |= {f"radiated_{name}": getattr(column.radiated, name) for name in _RADIATED}
        if column.inner is not None:
            arrays["inner"] = column.inner
        return _record(run, stamp, arrays, column)
    if isinstance(run, SpectrumRun):
        spectrum = run_spectrum(run, progress)
        return _record(run, stamp, {name: getattr(spectrum, name) for name in _SPECTRUM}, spectrum)
    if isinstance(run, RecoveryRun):
        recovery = run_recovery(run, progress)
        return _record(run, stamp, {name: np.asarray(getattr(recovery, name)) for name in _RECOVERY}, recovery)
    point = run_saturation(run, progress)
    arrays = {name: np.array(getattr(point, name)) for name in _AMPLITUDES + _POWERS}
    arrays |= {name: getattr(point.profile, name) for name in _PROFILE}
    return _record(run, stamp, arrays, point)


def _record(run: AnyRun, stamp: EngineStamp, arrays: dict[str, Any], result: Result) -> Record:
    attributes = {name: float(getattr(result, name)) for name in _COSTS}
    created = {"created": datetime.now(UTC).isoformat(timespec="seconds")}
    return Record(kind=run.kind, spec=run_spec(run, stamp), arrays=arrays, attributes=attributes | created)


def column_from(record: Record) -> Column:
    """The column of S that a record keeps."""
    extent = tuple(float(v) for v in record.arrays["field_extent_um"])
    arrays = {name: record.arrays[name] for name in _COLUMN}
    kept = {name: record.arrays[f"radiated_{name}"] for name in _RADIATED if f"radiated_{name}" in record.arrays}
    radiated = Radiated(**kept) if kept else None
    inner = record.arrays.get("inner")
    return Column(field_extent_um=extent, **arrays, **_costs(record), radiated=radiated, inner=inner)  # type: ignore[arg-type]


def pump_point_from(record: Record) -> PumpPoint:
    """The pump point that a record keeps."""
    names = {f.name for f in dataclasses.fields(PumpPoint)}
    values = {name: record.arrays[name].item() for name in names & set(_AMPLITUDES + _POWERS)}
    profile = ModeProfile(**{name: record.arrays[name] for name in _PROFILE})
    return PumpPoint(profile=profile, **values, **_costs(record))


def spectrum_from(record: Record) -> SpectrumPoint:
    """The spectrum that a record keeps."""
    transmission, reflection = (record.arrays[name] for name in _SPECTRUM)
    return SpectrumPoint(transmission, reflection, **_costs(record))


def recovery_from(record: Record) -> RecoveryPoint:
    """The recovery that a record keeps."""
    delay, transmission, lifetime = (record.arrays[name] for name in _RECOVERY)
    return RecoveryPoint(delay, transmission, lifetime.item(), **_costs(record))


def _costs(record: Record) -> dict[str, float]:
    return {name: float(record.attributes[name]) for name in _COSTS}
