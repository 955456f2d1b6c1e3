"""A folder of devices compiled into a folder of models."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fdtd_onn.api.characterize import AnyResponse, Listener, attempt, characterize_each
from fdtd_onn.atomic import whole_file
from fdtd_onn.errors import BadInput, FdtdOnnError
from fdtd_onn.fullwave.plan import NO_CHECKS, Checks
from fdtd_onn.reduce import AbsorberModel, AnyModel, HeaterModel, compile_model
from fdtd_onn.specs.device import AnyDevice
from fdtd_onn.specs.device.base import Plane
from fdtd_onn.specs.fidelity import FidelityName
from fdtd_onn.specs.load import in_dimensions, load_device
from fdtd_onn.store import Store

LIBRARY = "library.json"
FORMAT = "fdtd-onn library"


@dataclass(frozen=True, eq=False)
class Library:
    """Devices and their models by the names of the device files, and the errors of those that have no model."""

    devices: dict[str, AnyDevice]
    models: dict[str, AnyModel]
    failures: dict[str, FdtdOnnError]


def load_folder(
    folder: Path, dimensions: int | None = None, plane: Plane | None = None
) -> dict[str, AnyDevice | FdtdOnnError]:
    """Every device file (.toml) of a folder by its name, or what is wrong with it. BadInput if there is none.

    dimensions, plane: in place of the files' own.
    """
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise BadInput(str(folder), "a folder of device files (.toml)", "none in it", "Choose another folder.")
    return {file.stem: attempt(_load, file, dimensions, plane) for file in files}


def compile_library(
    loaded: Mapping[str, AnyDevice | FdtdOnnError],
    fidelity: FidelityName = "standard",
    store: Store | None = None,
    workers: int | None = None,
    listener: Listener | None = None,
    checks: Checks = NO_CHECKS,
) -> Library:
    """Characterise and compile every device that was loaded; all their runs share the workers.

    A device that fails, for whatever reason, leaves the others. Raises BadInput for a store that cannot be written,
    and EngineMissing.
    """
    devices = {name: device for name, device in loaded.items() if not isinstance(device, FdtdOnnError)}
    families = {name: device.family() for name, device in devices.items()}
    flat = [member for family in families.values() for member in family]
    outcomes = iter(characterize_each(flat, fidelity, store, workers, listener, checks))
    results = {name: _compiled([next(outcomes) for _ in family]) for name, family in families.items()}
    return Library(
        devices,
        {name: result for name, result in results.items() if not isinstance(result, FdtdOnnError)},
        {name: result for name, result in {**loaded, **results}.items() if isinstance(result, FdtdOnnError)},
    )


def write_library(library: Library, folder: Path) -> None:
    """Write <name>.h5 of every model and library.json, each whole or not at all; BadInput if that cannot be.

    Models that stand there already are replaced; those of devices that failed now are left, but not listed.
    """
    rows = [_row(library.devices[name], model, f"{name}.h5") for name, model in library.models.items()]
    failed = {name: str(error) for name, error in library.failures.items()}
    content = {"format": FORMAT, "models": rows, "failed": failed}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, model in library.models.items():
            model.save(folder / f"{name}.h5")
        with whole_file(folder / LIBRARY) as part:
            text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
            part.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise BadInput(str(folder), "a folder that can be written", error, "Choose another folder.") from error


def _load(file: Path, dimensions: int | None, plane: Plane | None) -> AnyDevice:
    return in_dimensions(load_device(file), dimensions, plane)


def _compiled(family: Sequence[AnyResponse | FdtdOnnError]) -> AnyModel | FdtdOnnError:
    responses = [outcome for outcome in family if not isinstance(outcome, FdtdOnnError)]
    failed = [outcome for outcome in family if isinstance(outcome, FdtdOnnError)]
    return failed[0] if failed else attempt(compile_model, responses)


def _row(device: AnyDevice, model: AnyModel, file: str) -> dict[str, Any]:
    """What library.json says of one model."""
    return {"file": file, "kind": device.kind, **describe_model(model)}


def describe_model(model: AnyModel) -> dict[str, Any]:
    """What a model is, as plain data. Errors: absolute, of S entries unless their names say power.

    Of a heater: relative, of phase and time, and absolute, of the crosstalk, which is a share of the phase.
    """
    return {
        "name": model.name,
        "ports": model.ports,
        "wavelength_range_um": model.wavelength_range_um,
        "parameter_ranges": _ranges(model),
        "errors": _errors(model),
        "passive": bool(model.passive),
        "fidelity": model.fidelity,
        "digest": model.record().digest,
    }


def _ranges(model: AnyModel) -> dict[str, tuple[float, float]]:
    if isinstance(model, AbsorberModel):
        return {"pump_mw": (0.0, 1e3 * model.max_power_w)}
    if isinstance(model, HeaterModel) or model.parameter is None or model.parameter_range is None:
        return {}
    return {model.parameter: model.parameter_range}


def _errors(model: AnyModel) -> dict[str, Any]:
    if isinstance(model, AbsorberModel):
        return {
            "fit_power": asdict(model.fit_error),
            "held_out_power": asdict(model.held_out_error),
            "run_power": asdict(model.response_error),
        }
    if isinstance(model, HeaterModel):
        return {"phase": model.phase_error, "crosstalk": model.crosstalk_error, "time": model.time_error}
    return {
        "fit": model.fit_error,
        "validation": model.validation_error,
        "run": model.s_error,
        "run_power": model.power_error,
    }
