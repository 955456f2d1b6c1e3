"""An experiment written as a folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from fdtd_onn.api.experiment import Experiment
from fdtd_onn.reduce import ReducedModel
from fdtd_onn.report.folder import NUMBERS, whole_folder
from fdtd_onn.report.numbers import numbers
from fdtd_onn.report.page import render_page
from fdtd_onn.report.pictures import draw_pictures

PAGE = "report.html"


def write_report(experiment: Experiment, folder: Path) -> Path:
    """Write report.html, numbers.json, figures/*.png and models/<device>.h5, and give the page's path.

    The folder appears whole or not at all. An earlier report in its place is replaced; raises BadInput if anything
    else is there, or if the folder cannot be written.
    """
    with whole_folder(folder) as part:
        pictures = draw_pictures(experiment)
        model_files = name_model_files(experiment.models)
        files = (PAGE, NUMBERS, *(picture.file for picture in pictures.all), *model_files.values())
        plain = numbers(experiment, model_files, files).plain()
        (part / "figures").mkdir()
        (part / "models").mkdir()
        for picture in pictures.all:
            (part / picture.file).write_bytes(picture.png)
        for short, file in model_files.items():
            experiment.models[short].save(part / file)
        (part / NUMBERS).write_text(
            json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8"
        )
        (part / PAGE).write_text(render_page(plain, pictures), encoding="utf-8")
    return folder / PAGE


def name_model_files(models: Mapping[str, ReducedModel]) -> dict[str, str]:
    """Path of each model's file by short name: the device's name, numbered where two devices share one."""
    files: dict[str, str] = {}
    for short, model in models.items():
        file, copy = f"models/{model.name}.h5", 1
        while file in files.values():
            copy += 1
            file = f"models/{model.name}-{copy}.h5"
        files[short] = file
    return files
