"""From the records of single runs to a response with its error estimate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.fullwave.channels import Channel
from fdtd_onn.fullwave.execute import Result, column_from, pump_point_from, recovery_from, spectrum_from
from fdtd_onn.fullwave.far_field import directions
from fdtd_onn.fullwave.frames import polarization_in_plane
from fdtd_onn.fullwave.inference import Columns, columns_of
from fdtd_onn.fullwave.patch import aligned_resolution
from fdtd_onn.fullwave.plan import NO_CHECKS, Checks, checked_powers, plan, scattering_plan
from fdtd_onn.fullwave.recovery import RecoveryPoint
from fdtd_onn.fullwave.saturation import PumpPoint
from fdtd_onn.fullwave.scattering import Column
from fdtd_onn.fullwave.spectrum import SpectrumPoint
from fdtd_onn.geometry.devices import geometry
from fdtd_onn.responses.field_map import FieldMap
from fdtd_onn.responses.one_input import Above, OneInput
from fdtd_onn.responses.provenance import Provenance
from fdtd_onn.responses.saturation import AbsorptionSpectrum, Recovery, SaturationResponse
from fdtd_onn.responses.scattering import Response
from fdtd_onn.responses.tap import EVERYWHERE, Directions, TapResponse
from fdtd_onn.specs.device import Absorber, AnyDevice, GratingTap
from fdtd_onn.specs.fidelity import Fidelity
from fdtd_onn.specs.runs import AnyRun, EngineStamp, RecoveryRun, SaturationRun, ScatteringRun, SpectrumRun, run_key
from fdtd_onn.store import Record

# An error of second order in the pitch, with half as much again: the usual margin for two grids (1.25, Roache
# 1994) is too little where edges lie in their pixels unlike on the two.
_SAFETY = 1.5


def assemble(
    device: AnyDevice, fidelity: Fidelity, stamp: EngineStamp, records: Mapping[str, Record], checks: Checks = NO_CHECKS
) -> Response | SaturationResponse | TapResponse:
    """The response that the records, by run key, make up."""
    if isinstance(device, Absorber):
        return _saturation(device, fidelity, stamp, records, checks)
    guided = _scattering(device, fidelity, stamp, records, checks)
    return _tap(guided, device, fidelity, stamp, records, checks) if isinstance(device, GratingTap) else guided


def one_input(device: AnyDevice, record: Record) -> OneInput:
    """What the record of the run of a device's first port says by itself, on whatever lattice it was."""
    column, listed = column_from(record), columns_of(device).channels
    names = tuple(channel.name for channel in listed)
    above = None
    if column.radiated is not None:
        turned = column.radiated.amplitude * np.exp(-1j * column.lag[0])[:, None, None, None]
        above = Above(directions(device.dimensions), turned)
    return OneInput(device, _wavelengths(device), names, _without_dispersion(column, names[0], listed), above)


def field_map(device: AnyDevice, fidelity: Fidelity, record: Record) -> FieldMap:
    """The light in a linear device as the record of its first run has it."""
    run = plan(device, fidelity)[0]
    assert isinstance(run, ScatteringRun)
    column = column_from(record)
    return FieldMap(
        values=column.field,
        extent_um=column.field_extent_um,
        component=("H" if polarization_in_plane(device.polarization, device.plane) == "te" else "E")
        + ("z" if device.plane == "xy" else "y"),
        port=run.port,
        wavelength_um=0.5 * (device.wavelengths.start_um + device.wavelengths.stop_um),
    )


def _scattering(
    device: AnyDevice, fidelity: Fidelity, stamp: EngineStamp, records: Mapping[str, Record], checks: Checks
) -> Response:
    planned = scattering_plan(device, fidelity, checks)

    def computed(runs: Mapping[str, ScatteringRun]) -> dict[str, Column]:
        return {port: column_from(records[run_key(run, stamp)]) for port, run in runs.items()}

    fine, coarse, wide, verification = map(computed, (planned.fine, planned.coarse, planned.wide, planned.verification))
    results = [column for group in (fine, coarse, wide, verification) for column in group.values()]
    wavelengths, listed = _wavelengths(device), planned.columns.channels
    s_fine, s_coarse = (_s_matrix(columns, planned.columns) for columns in (fine, coarse))
    index_fine, index_coarse = (_effective_index(columns[listed[0].name], wavelengths) for columns in (fine, coarse))
    factor = _extrapolation_factor(fidelity.resolution, fidelity.coarse_resolution)
    floor = fidelity.floor + max(column.settled_to for column in fine.values())
    index_error = _first_order_factor(fidelity) * np.abs(index_fine - index_coarse)
    s_error = factor * np.abs(s_fine - s_coarse) + floor + _extrapolated_phase(index_error, wavelengths, listed, s_fine)
    power_error = factor * float(np.abs(np.abs(s_fine) ** 2 - np.abs(s_coarse) ** 2).max())
    margin_error = None
    if wide:
        s_wide = _s_matrix(wide, planned.columns)
        s_error = s_error + np.abs(s_wide - s_coarse)
        margin_error = float(np.abs(s_wide - s_coarse).max())
        power_error += float(np.abs(np.abs(s_wide) ** 2 - np.abs(s_coarse) ** 2).max())
    return Response(
        device=device,
        wavelengths_um=wavelengths,
        ports=planned.columns.names,
        s=s_fine,
        s_error=s_error,
        power_error=power_error,
        effective_index=index_fine,
        effective_index_error=index_error,
        provenance=_provenance(planned.runs, fidelity, stamp, records, results),
        computed_columns=planned.columns.computed,
        inference_error=_inference_error(s_coarse, verification, planned.columns),
        margin_error=margin_error,
    )


def _tap(
    guided: Response,
    device: GratingTap,
    fidelity: Fidelity,
    stamp: EngineStamp,
    records: Mapping[str, Record],
    checks: Checks,
) -> TapResponse:
    """Its errors are the largest over the band: where the fringes of two grids cross, their difference says nothing."""
    planned = scattering_plan(device, fidelity, checks)
    (power, found, amplitude), (coarse_power, _, coarse_amplitude), *wide = (
        _radiated({port: column_from(records[run_key(run, stamp)]) for port, run in runs.items()}, planned.columns)
        for runs in (planned.fine, planned.coarse, planned.wide)
        if runs
    )
    factor = _extrapolation_factor(fidelity.resolution, fidelity.coarse_resolution)
    sampled = directions(device.dimensions)
    power_error = factor * np.abs(power - coarse_power) + fidelity.floor**2
    amplitude_error = factor * _amplitude_apart(amplitude, coarse_amplitude, sampled)
    for wide_power, _, wide_amplitude in wide:
        power_error = power_error + np.abs(wide_power - coarse_power)
        amplitude_error = amplitude_error + _amplitude_apart(wide_amplitude, coarse_amplitude, sampled)
    return TapResponse(
        guided=replace(guided, s_error=_largest_over_band(guided.s_error, 0)),
        directions=sampled,
        power=power,
        power_error=_largest_over_band(power_error, 1),
        found=found,
        amplitude=amplitude,
        amplitude_error=amplitude_error,
    )


def _largest_over_band(error: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    return np.broadcast_to(error.max(axis=axis, keepdims=True), error.shape)


def _amplitude_apart(
    one: NDArray[np.complex128], other: NDArray[np.complex128], sampled: Directions
) -> NDArray[np.float64]:
    """(n_wl, n_ports) root of the power in the difference of two far fields, but for a phase that all of it shares."""
    shared = np.sum(one * other.conj(), axis=(1, 2, 3, 4), keepdims=True)
    difference = np.sum(np.abs(one - other * np.exp(1j * np.angle(shared))) ** 2, axis=-1)
    return np.asarray(np.sqrt(np.einsum("wiuv,uv->wi", difference, sampled.weights(EVERYWHERE))))


def _radiated(
    computed: Mapping[str, Column], columns: Columns
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.complex128]]:
    """Powers (3, n_wl, n_ports), those found, and amplitudes, these less the grid's phase from port to tap."""
    powers, found, amplitudes = [], [], []
    for k, name in enumerate(columns.names):
        column = computed[name]
        assert column.radiated is not None
        powers.append(column.radiated.power)
        found.append(column.radiated.found)
        amplitudes.append(column.radiated.amplitude * np.exp(-1j * column.lag[k])[:, None, None, None])
    return np.stack(powers, axis=2), np.stack(found, axis=2), np.stack(amplitudes, axis=1)


def _wavelengths(device: AnyDevice) -> NDArray[np.float64]:
    grid = device.wavelengths
    return np.linspace(grid.start_um, grid.stop_um, grid.points)


def _effective_index(column: Column, wavelengths_um: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n_wl, n) of the ports' modes in the limit of a fine grid, which every column holds for all of them."""
    return column.beta_continuum.T * wavelengths_um[:, None] / (2 * np.pi)


def _s_matrix(computed: Mapping[str, Column], columns: Columns) -> NDArray[np.complex128]:
    """S (n_wl, n, n), inferred columns included, with the grid's dispersion along the guides taken out."""
    corrected = {name: _without_dispersion(column, name, columns.channels) for name, column in computed.items()}
    return np.stack([columns.column(name, corrected) for name in columns.names], axis=2)


def _without_dispersion(column: Column, excited: str, listed: Sequence[Channel]) -> NDArray[np.complex128]:
    """Amplitudes (n_wl, n) out of all ports, less what the grid's dispersion adds to their phase.

    For the guide between each port and the device's middle, whose course is known, this is undone, like a shift of the
    reference plane: S stays as unitary and as reciprocal as it was. What is left is what bends and couplings do to the
    dispersion, and the error estimate.
    """
    undo = np.exp(-1j * column.lag)
    source = [channel.name for channel in listed].index(excited)
    return (undo * column.s * undo[source]).T


def _extrapolated_phase(
    index_error: NDArray[np.float64],
    wavelengths_um: NDArray[np.float64],
    listed: Sequence[Channel],
    s: NDArray[np.complex128],
) -> NDArray[np.float64]:
    """What the guides' extrapolated indices may turn S by, which shows in no difference of two resolutions."""
    guides = np.array([channel.placement.guide_um for channel in listed])
    turn = 2 * np.pi / wavelengths_um[:, None] * index_error * guides
    return np.asarray(np.abs(s) * (turn[:, :, None] + turn[:, None, :]))


def _inference_error(
    s_coarse: NDArray[np.complex128], verification: Mapping[str, Column], columns: Columns
) -> float | None:
    """Largest difference between an inferred column and its own run; None when that was not asked for."""
    differences = [
        np.abs(_without_dispersion(column, name, columns.channels) - s_coarse[:, :, columns.names.index(name)]).max()
        for name, column in verification.items()
    ]
    return float(max(differences)) if differences else None


def _saturation(
    device: Absorber, fidelity: Fidelity, stamp: EngineStamp, records: Mapping[str, Record], checks: Checks
) -> SaturationResponse:
    runs = plan(device, fidelity, checks)
    spectra = [spectrum_from(records[run_key(run, stamp)]) for run in runs if isinstance(run, SpectrumRun)]
    recoveries = [recovery_from(records[run_key(run, stamp)]) for run in runs if isinstance(run, RecoveryRun)]
    fine: dict[float, PumpPoint] = {}
    coarse: dict[float, PumpPoint] = {}
    for run in runs:
        if not isinstance(run, SaturationRun):
            continue
        point = pump_point_from(records[run_key(run, stamp)])
        (fine if run.resolution == fidelity.resolution else coarse)[run.pump_over_saturation] = point
    points = list(fine.values())
    differences = np.array([np.abs(_powers(fine[p]) - _powers(coarse[p])) for p in checked_powers(device)])
    grids = (aligned_resolution(device, wanted) for wanted in (fidelity.resolution, fidelity.coarse_resolution))
    factor = _extrapolation_factor(*grids)
    error = factor * differences.max(axis=0)
    scale = max(abs(coarse[p].pump_mw / fine[p].pump_mw - 1.0) for p in checked_powers(device))
    return SaturationResponse(
        device=device,
        wavelength_um=device.saturation.wavelength_um,
        ports=tuple(p.name for p in geometry(device, 0.0).ports),
        pump_mw=np.array([p.pump_mw for p in points]),
        pump_transmission=np.array([p.pump_transmission for p in points]),
        pump_reflection=np.array([p.pump_reflection for p in points]),
        probe_transmission=np.array([p.probe_transmission for p in points]),
        gated_transmission=np.array([p.gated_transmission for p in points]),
        error=np.tile(error, (len(points), 1)),
        scale_error=factor * scale,
        profile=points[0].profile,
        provenance=_provenance(runs, fidelity, stamp, records, [*points, *coarse.values(), *spectra, *recoveries]),
        spectrum=_line(device, spectra[0]) if spectra else None,
        recovery=_recovery(recoveries[0]) if recoveries else None,
    )


def _line(device: Absorber, found: SpectrumPoint) -> AbsorptionSpectrum:
    return AbsorptionSpectrum(_wavelengths(device), found.transmission, found.reflection)


def _recovery(found: RecoveryPoint) -> Recovery:
    return Recovery(found.delay_periods, found.transmission, found.lifetime_periods)


def _powers(point: PumpPoint) -> NDArray[np.float64]:
    """|t|² of pump and probes."""
    return np.asarray(np.abs([point.pump_transmission, point.probe_transmission, point.gated_transmission]) ** 2)


def _extrapolation_factor(resolution: float, coarse: float) -> float:
    """From the difference of two resolutions to the error of the finer one, for an error of second order."""
    return _SAFETY / ((resolution / coarse) ** 2 - 1.0)


def _first_order_factor(fidelity: Fidelity) -> float:
    """The same for what Richardson's extrapolation has left: known is only that it falls with the pitch."""
    return _SAFETY / (fidelity.resolution / fidelity.coarse_resolution - 1.0)


def _provenance(
    runs: Sequence[AnyRun],
    fidelity: Fidelity,
    stamp: EngineStamp,
    records: Mapping[str, Record],
    results: Sequence[Result],
) -> Provenance:
    keys = tuple(run_key(run, stamp) for run in runs)
    return Provenance(
        engine=stamp.engine,
        engine_version=stamp.version,
        code_digest=stamp.code,
        fidelity=fidelity.name,
        run_keys=keys,
        created=max(str(records[key].attributes["created"]) for key in keys),
        setup_seconds=sum(r.setup_seconds for r in results),
        stepping_seconds=sum(r.stepping_seconds for r in results),
        cell_updates=sum(r.cell_updates for r in results),
    )
