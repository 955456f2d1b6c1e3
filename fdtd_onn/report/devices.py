"""Devices and compiled models written as a folder: a page each, and one that links them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from fdtd_onn.api import DeviceStudy, describe_model
from fdtd_onn.reduce import AbsorberModel, AnyModel, HeaterModel, ScatteringModel, TapModel
from fdtd_onn.report.absorber import absorber_numbers
from fdtd_onn.report.concerns import (
    absorber_concerns,
    heater_concerns,
    linear_concerns,
    model_concerns,
    origin_concerns,
    tap_concerns,
)
from fdtd_onn.report.figures.absorber import draw_model_saturation
from fdtd_onn.report.figures.scattering import draw_model
from fdtd_onn.report.figures.style import page_style
from fdtd_onn.report.figures.tap import draw_tap
from fdtd_onn.report.folder import FORMAT, NUMBERS, whole_folder
from fdtd_onn.report.heater import heater_numbers, of_heater, of_heater_model
from fdtd_onn.report.linear import linear_numbers
from fdtd_onn.report.numbers import plain
from fdtd_onn.report.origin import cost, origins, software
from fdtd_onn.report.page import render
from fdtd_onn.report.parts import AbsorberPart, HeaterPart, LinearPart
from fdtd_onn.report.pictures import Drawn, Picture, draw_devices, file_name, finished, of_delay
from fdtd_onn.report.tap import tap_numbers
from fdtd_onn.responses.field_map import FieldMap
from fdtd_onn.responses.heating import HeaterResponse
from fdtd_onn.responses.saturation import SaturationResponse
from fdtd_onn.responses.scattering import Response
from fdtd_onn.responses.tap import TapResponse
from fdtd_onn.specs.fidelity import settings_of

INDEX = "index.html"


@dataclass(frozen=True, eq=False)
class DevicePage:
    """What one page says; `numbers` holds "linear", with "tap", "absorber", "heater" or, of a model file, "model"."""

    file: str
    numbers: dict[str, Any]
    pictures: tuple[Picture, ...]


def write_device_pages(study: DeviceStudy, files: Mapping[str, AnyModel], folder: Path) -> Path:
    """Write index.html, a page per device, numbers.json, figures and models, and give the index's path.

    files: models that come from files, by short name, none of them that of a device; of these only what the model holds
    can be shown. The folder appears whole or not at all; raises BadInput as `write_report` does.
    """
    models = {**study.models, **files}
    with whole_folder(folder) as part:
        pages = _pages(study, files)
        content = _content(pages, models)
        (part / "figures").mkdir()
        (part / "models").mkdir()
        for short, model in models.items():
            model.save(part / _model_file(short))
        for page, numbers in zip(pages, content["devices"], strict=True):
            for picture in page.pictures:
                (part / picture.file).write_bytes(picture.png)
            text = render("device.html", d=numbers, pictures=page.pictures, software=content["software"])
            (part / page.file).write_text(text, encoding="utf-8")
        rows = list(zip((page.file for page in pages), content["devices"], strict=True))
        (part / INDEX).write_text(render("index.html", rows=rows, written=content["written"]), encoding="utf-8")
        (part / NUMBERS).write_text(json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")
    return folder / INDEX


def _content(pages: list[DevicePage], models: Mapping[str, AnyModel]) -> dict[str, Any]:
    """What numbers.json holds: plain data, from which the pages are made."""
    pictures = [picture.file for page in pages for picture in page.pictures]
    numbers: dict[str, Any] = plain(
        {
            "format": FORMAT,
            "written": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "software": software(),
            "devices": [page.numbers for page in pages],
            "files": [INDEX, NUMBERS, *(page.file for page in pages), *pictures, *map(_model_file, models)],
        }
    )
    return numbers


def _pages(study: DeviceStudy, files: Mapping[str, AnyModel]) -> list[DevicePage]:
    linear, absorbers, heaters = _parts(study)
    number = count(1)
    with page_style():
        drawn = draw_devices(linear, absorbers, number)
        drawn |= {part.short: finished(of_heater(part), number) for part in heaters}
        for short, (response, *_) in study.responses.items():
            if isinstance(response, TapResponse):
                drawn[short] = (*drawn[short], *finished(_of_tap(short, response, study.fields[short]), number))
        drawn |= {short: finished(_of_model(short, model), number) for short, model in files.items()}
    numbers = {part.short: _linear(part, study) for part in linear}
    numbers |= {part.short: _absorber(part, study) for part in absorbers}
    numbers |= {part.short: _heater(part, study) for part in heaters}
    numbers |= {short: _model(short, model) for short, model in files.items()}
    order = (*study.models, *files)
    return [
        DevicePage(f"{place:02d}_{file_name(short)}.html", numbers[short], drawn[short])
        for place, short in enumerate(order, start=1)
    ]


def _parts(study: DeviceStudy) -> tuple[list[LinearPart], list[AbsorberPart], list[HeaterPart]]:
    linear, absorbers, heaters = [], [], []
    for short, model in study.models.items():
        family = study.responses[short]
        if isinstance(model, ScatteringModel):
            members = tuple(response for response in family if isinstance(response, Response))
            linear.append(LinearPart(short, members, model, study.fields[short], None))
        elif isinstance(model, TapModel) and isinstance(family[0], TapResponse):
            linear.append(LinearPart(short, (family[0].guided,), model.guided, study.fields[short], None))
        elif isinstance(model, AbsorberModel) and isinstance(family[0], SaturationResponse):
            absorbers.append(AbsorberPart(short, family[0], model, ()))
        elif isinstance(model, HeaterModel) and isinstance(family[0], HeaterResponse):
            heaters.append(HeaterPart(short, family[0], model))
    return linear, absorbers, heaters


def _linear(part: LinearPart, study: DeviceStudy) -> dict[str, Any]:
    numbers, response = linear_numbers(part, _model_file(part.short)), study.responses[part.short][0]
    if isinstance(response, TapResponse):
        tap = tap_numbers(response)
        concerns = [*linear_concerns(numbers), *tap_concerns(part.short, tap)]
        return _page_numbers(part.short, study, concerns) | {"linear": asdict(numbers), "tap": asdict(tap)}
    return _page_numbers(part.short, study, linear_concerns(numbers)) | {"linear": asdict(numbers)}


def _absorber(part: AbsorberPart, study: DeviceStudy) -> dict[str, Any]:
    numbers = absorber_numbers(part, _model_file(part.short))
    return _page_numbers(part.short, study, absorber_concerns(numbers)) | {"absorber": asdict(numbers)}


def _heater(part: HeaterPart, study: DeviceStudy) -> dict[str, Any]:
    numbers = heater_numbers(part, _model_file(part.short))
    return _page_numbers(part.short, study, heater_concerns(numbers)) | {"heater": asdict(numbers)}


def _page_numbers(short: str, study: DeviceStudy, concerns: list[str]) -> dict[str, Any]:
    """What the page of every device has, whatever its kind."""
    family = {short: study.responses[short]}
    device, made = family[short][0].device, origins(family)
    return {
        "short": short,
        "kind": device.kind,
        "ports": study.models[short].ports,
        "summary": device.summary,
        "source": device.source,
        "warnings": [*origin_concerns(made), *concerns],
        "fidelity": settings_of(device, study.fidelity).model_dump(mode="json"),
        "cost": asdict(cost(family)),
        "origins": [asdict(row) for row in made],
        "digest": study.models[short].record().digest,
    }


def _model(short: str, model: AnyModel) -> dict[str, Any]:
    return {
        "short": short,
        "kind": f"{model.KIND} model",
        "ports": model.ports,
        "summary": "A compiled model from its file: its device, drawing, field and runs are not at hand.",
        "warnings": model_concerns(short, model),
        "model": describe_model(model),
        "run_keys": model.run_keys,
        "model_file": _model_file(short),
        "digest": model.record().digest,
    }


def _of_model(short: str, model: AnyModel) -> Iterator[Drawn]:
    if isinstance(model, HeaterModel):
        yield from of_heater_model(short, model)
        return
    if isinstance(model, AbsorberModel):
        yield (
            f"{short}_saturation", f"Transmission of pump and probes through {short} over pump power",
            "One section, by the model: power transmission of the pump and of weak backward probes over pump power, "
            "and the exact derivatives of the activation.",
            draw_model_saturation(model),
        )  # fmt: skip
        return
    model = model.guided if isinstance(model, TapModel) else model
    value = None if model.parameter_range is None else 0.5 * sum(model.parameter_range)
    yield (
        f"{short}_spectrum", f"S-parameters of {short} over wavelength",
        "|S|² over wavelength, by the model"
        + ("" if value is None else f", at {model.parameter} = {value:.6g}")
        + "; bands are the error estimate of |S|² of its full-wave runs.",
        draw_model(model, value),
    )  # fmt: skip
    yield of_delay(short, model, value)


def _of_tap(short: str, response: TapResponse, field: FieldMap) -> Iterator[Drawn]:
    yield (
        f"{short}_tap", f"Light that {short} sends to its camera",
        "The light in the tap; power above the chip over angle, light from either port, with the camera's aperture; "
        "power up, down and on the camera; reflection, with its error.",
        draw_tap(response, field),
    )  # fmt: skip


def _model_file(short: str) -> str:
    return f"models/{short}.h5"
