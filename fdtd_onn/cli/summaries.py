"""What the commands say of a result: one dictionary of plain values each, for a table or for JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from fdtd_onn.api import ProcessSpread
from fdtd_onn.reduce import (
    AbsorberModel,
    AnyModel,
    HeaterModel,
    SaturationFit,
    TapModel,
    compile_model,
    fit_saturation,
)
from fdtd_onn.report.heater import NEIGHBOURS_UM
from fdtd_onn.responses.heating import HeaterResponse
from fdtd_onn.responses.saturation import SaturationResponse
from fdtd_onn.responses.scattering import Response
from fdtd_onn.responses.tap import TapResponse
from fdtd_onn.training.run import TrainingRun
from fdtd_onn.units import db_from_power_ratio

Summary = dict[str, Any]


def of_response(response: Response | SaturationResponse | HeaterResponse | TapResponse) -> Summary:
    """Main numbers of a response, |S|² at the middle wavelength included."""
    if isinstance(response, HeaterResponse):
        return {**response.device.parameters.model_dump(), **of_model(compile_model(response))}
    if isinstance(response, TapResponse):
        return of_response(response.guided) | _of_tap(response)
    made_by = response.provenance
    head: Summary = {"device": response.device.name, **response.device.parameters.model_dump()}
    tail = {
        "fidelity": made_by.fidelity,
        "engine": f"{made_by.engine} {made_by.engine_version}",
        "setup_over_stepping": made_by.setup_seconds / made_by.stepping_seconds,
    }
    if isinstance(response, SaturationResponse):
        return head | _of_saturation(response) | tail
    middle = len(response.wavelengths_um) // 2
    power = np.abs(response.s[middle]) ** 2
    entries = {
        f"{response.ports[o]}<-{response.ports[i]}_db": float(db_from_power_ratio(power[o, i]))
        for i in range(len(response.ports))
        for o in range(len(response.ports))
    }
    guides = _of_guides(response, middle)
    checks = {
        "largest_reflection_db": float(db_from_power_ratio(_largest_reflection(response))),
        "lowest_power_balance": float(response.power_balance.min()),
        "highest_power_balance": float(response.power_balance.max()),
        "reciprocity_defect": response.reciprocity_defect,
        "largest_singular_value": response.largest_singular_value,
        "s_error": float(response.s_error.max()),
        "power_error": response.power_error,
        "computed_columns": list(response.computed_columns),
        "inference_error": response.inference_error,
        "margin_error": response.margin_error,
    }
    return head | {"wavelength_um": float(response.wavelengths_um[middle])} | entries | guides | checks | tail


def _of_guides(response: Response, middle: int) -> Summary:
    """Indices of the modes behind the ports; the group's needs three wavelengths."""
    known = response.wavelengths_um.size > 2
    numbers: Summary = {}
    for k, port in enumerate(response.ports):
        numbers[f"{port}_effective_index"] = float(response.effective_index[middle, k])
        numbers[f"{port}_effective_index_error"] = float(response.effective_index_error[middle, k])
        numbers[f"{port}_group_index"] = float(response.group_index[middle, k]) if known else None
    return numbers


def _largest_reflection(response: Response) -> float:
    """Of light back into the port it came from, in whichever of its modes."""
    ports = np.array([name.partition("@")[0] for name in response.ports])
    return float(np.abs(response.s[:, ports[:, None] == ports]).max() ** 2)


def _of_saturation(response: SaturationResponse) -> Summary:
    return {
        "pump_mw": [float(p) for p in response.pump_mw],
        "pump_transmission": [float(t) for t in np.abs(response.pump_transmission) ** 2],
        "probe_transmission": [float(t) for t in np.abs(response.probe_transmission) ** 2],
        "gated_transmission": [float(t) for t in np.abs(response.gated_transmission) ** 2],
        "pump_phase_rad": [float(t) for t in np.unwrap(np.angle(response.pump_transmission))],
        "largest_reflection_db": float(db_from_power_ratio(np.abs(response.pump_reflection).max() ** 2)),
        "error": float(response.error.max()),
        "power_scale_error": response.scale_error,
    } | _of_fit(fit_saturation(response))


def _of_fit(fit: SaturationFit) -> Summary:
    """One fit of all of an absorber's data: value and standard deviation each."""
    names = ("optical_depth", "nonsaturable_optical_depth", "saturation_power_w", "effective_area_um2", "detuning")
    found = {name: getattr(fit, name) for name in names}
    recovery = {}
    if fit.recovery_periods is not None:
        found["recovery_periods"] = fit.recovery_periods
        recovery["set_recovery_periods"] = fit.set_recovery_periods
    return {f"fitted_{name}": [estimate.value, estimate.deviation] for name, estimate in found.items()} | recovery


def _of_tap(response: TapResponse) -> Summary:
    """Where the light from o1 goes that leaves the guide, and what the camera takes of light from either port."""
    device, middle = response.device, response.guided.wavelengths_um.size // 2
    ratio, error = response.ratio(device.camera)[middle], response.ratio_error(device.camera)[middle]
    s, s_error = response.guided.s[middle], response.guided.s_error[middle]
    numbers: Summary = {
        "tap_ratio": ratio.tolist(),
        "tap_ratio_error": error.tolist(),
        "lobe_deg": response.lobe_deg[middle].tolist(),
        "insertion_loss_db": -float(db_from_power_ratio(np.abs(s[1, 0]) ** 2)),
        "back_reflection_db": db_from_power_ratio(np.abs(np.diag(s)) ** 2).tolist(),
        "back_reflection_error_db": db_from_power_ratio(np.diag(s_error) ** 2).tolist(),
    }
    for k, where in enumerate(("up", "down", "aside")):
        numbers[where] = float(response.power[k, middle, 0])
        numbers[f"{where}_error"] = float(response.power_error[k, middle, 0])
    return numbers | {
        "lowest_balance": float(response.balance.min()),
        "highest_balance": float(response.balance.max()),
        "largest_spectrum_defect": float(np.abs(response.spectrum_defect).max()),
    }


def of_model(model: AnyModel) -> Summary:
    """Fit errors, validity range and checks of a compiled model."""
    if isinstance(model, TapModel):
        middle = 0.5 * sum(model.wavelength_range_um)
        return of_model(model.guided) | {
            "tap_ratio": model.tap_ratio(middle).tolist(),
            "insertion_loss_db": model.insertion_loss_db(middle),
            "collected_fit_error": model.collected_fit_error,
            "collected_validation_error": model.collected_validation_error,
            "collected_error": model.collected_error,
            "largest_singular_value": model.largest_singular_value,
            "passive": model.passive,
        }
    head: Summary = {
        "model": model.name,
        "ports": list(model.ports),
        "fidelity": model.fidelity,
        "wavelength_range_um": list(model.wavelength_range_um),
    }
    if isinstance(model, HeaterModel):
        return head | _of_heater(model)
    if isinstance(model, AbsorberModel):
        return head | {
            "optical_depth": model.absorption.optical_depth,
            "nonsaturable_optical_depth": model.absorption.nonsaturable_optical_depth,
            "saturation_power_mw": 1e3 * model.absorption.saturation_power_w,
            "highest_power_mw": 1e3 * model.max_power_w,
            "fit_error_pump": model.fit_error.pump,
            "fit_error_probe": model.fit_error.probe,
            "held_out_error_pump": model.held_out_error.pump,
            "held_out_error_probe": model.held_out_error.probe,
            "largest_singular_value": model.largest_singular_value,
            "passive": model.passive,
        }
    return head | {
        "parameter": model.parameter,
        "parameter_range": None if model.parameter_range is None else list(model.parameter_range),
        "fit_error": model.fit_error,
        "validation_error": model.validation_error,
        "s_error": model.s_error,
        "power_error": model.power_error,
        "largest_singular_value": model.largest_singular_value,
        "reciprocity_defect": model.reciprocity_defect,
        "passive": model.passive,
    }


def _of_heater(model: HeaterModel) -> Summary:
    wavelength = 0.5 * sum(model.wavelength_range_um)
    crosstalk = {f"crosstalk_at_{d:g}_um": float(model.crosstalk_at(0.0, d)) for d in NEIGHBOURS_UM}
    return {
        "wavelength_um": wavelength,
        "p_pi_mw": model.p_pi_mw(wavelength),
        "phase_rad_per_mw": model.radians_per_mw(wavelength),
        "core_k_per_mw": model.core_k_per_mw,
        "heater_k_per_mw": model.heater_k_per_mw,
        **crosstalk,
        "time_constant_us": model.time_constant_us,
        "rise_time_10_90_us": model.step.time_to(0.9) - model.step.time_to(0.1),
        "loss_db": model.loss_db,
        "energy_at_heater": model.energy_at_heater,
        "phase_error": model.phase_error,
        "crosstalk_error": model.crosstalk_error,
        "time_error": model.time_error,
    }


def of_training(run: TrainingRun) -> Summary:
    """Final accuracies, and the gradient's cosine with the exact one in each mesh, at the start and at the end."""
    return {
        "dataset": run.dataset.name,
        "rule": run.rule,
        "seed": run.seed,
        "train": float(run.accuracy[-1, 0]),
        "validation": float(run.accuracy[-1, 1]),
        "test": run.test_accuracy,
        "cosines_first": [float(c) for c in run.gradient_cosine[0]],
        "cosines_last": [float(c) for c in run.gradient_cosine[-1]],
    }


def of_process(spread: ProcessSpread) -> list[Summary]:
    """One row per quantity: nominal, moments, sensitivities per standard deviation, corners, and the errors of all."""
    expansion, variations = spread.expansion, [variation.name for variation in spread.device.process]
    low, high = np.quantile(spread.draws, [0.025, 0.975], axis=0)
    rows = []
    for k, name in enumerate(spread.names):
        slopes = {f"per_sigma_{v}": float(expansion.first[k, i]) for i, v in enumerate(variations)}
        bends = {f"second_{v}": float(expansion.second[k, i]) for i, v in enumerate(variations)}
        row: Summary = {"quantity": name, "nominal": float(expansion.nominal[k]), "mean": float(expansion.mean[k])}
        row |= {"deviation": float(expansion.deviation[k]), "low_95": float(low[k]), "high_95": float(high[k])}
        errors = {f"per_sigma_{v}_error": float(spread.first_error[k, i]) for i, v in enumerate(variations)}
        steps = {f"step_{v}": float(spread.step[k, i]) for i, v in enumerate(variations)}
        row |= {**slopes, **errors, **steps, **bends}
        row |= {"lowest_corner": float(spread.direct[:, k].min()), "highest_corner": float(spread.direct[:, k].max())}
        row |= {"corner_error": float(spread.corner_error[k]), "corner_allowance": float(spread.corner_allowance[k])}
        rows.append(row | {"run_error": float(spread.run_error[k])})
    return rows


def show(summary: Mapping[str, Any] | Sequence[Summary], as_json: bool) -> None:
    """On standard output, as JSON or as a table."""
    if as_json:
        print(json.dumps(summary, indent=1, allow_nan=False, default=str))
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    for cells in _cells([summary] if isinstance(summary, Mapping) else summary):
        table.add_row(*cells)
    Console().print(table)


def show_rows(rows: Sequence[Summary], as_json: bool) -> None:
    """A list of like things on standard output, as JSON or as a table with a column for each of their properties."""
    if as_json:
        show(rows, as_json=True)
        return
    table = Table(*rows[0] if rows else (), box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(_text(value) for value in row.values()))
    Console().print(table)


def _cells(summaries: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """Rows of a table, names included: the longer side goes downwards."""
    several = len(summaries) > 1
    # A value that is the same in all summaries would only widen the table.
    names = [n for n in summaries[0] if not several or any(other[n] != summaries[0][n] for other in summaries)]
    downwards = [[name, *(_text(summary[name]) for summary in summaries)] for name in names]
    return [list(row) for row in zip(*downwards, strict=True)] if several and len(summaries) > len(names) else downwards


def _text(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple) and value and all(isinstance(part, dict) and "device" in part for part in value):
        kinds = Counter(part["device"]["kind"] for part in value)
        return f"{len(value)} ({', '.join(f'{count} {kind}' for kind, count in kinds.most_common())})"
    if isinstance(value, list | tuple):
        return ", ".join(_text(v) for v in value)
    return str(value)
