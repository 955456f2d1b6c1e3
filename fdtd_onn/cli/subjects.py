"""What a command would characterise, from the very words that it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from fdtd_onn.api.campaigns import Subject, subject_of_layout
from fdtd_onn.api.variants import require_varied
from fdtd_onn.cli.compare import experiment_with
from fdtd_onn.cli.device_commands import characterize_subjects, checks_of, compile_subject
from fdtd_onn.cli.library import is_folder
from fdtd_onn.errors import BadInput
from fdtd_onn.library import design_names
from fdtd_onn.report import require_free
from fdtd_onn.specs.load import load_layout, read_toml

_Values = Mapping[str, Any]


def subject_of(words: Sequence[str], context: typer.Context) -> tuple[Subject, Path | None]:
    """What the command of these words characterises, and the store that it names.

    Its words are parsed as it would parse them, so that what it refuses is refused here: BadInput, or its usage error.
    """
    name, *rest = words
    if name not in _SUBJECTS:
        raise BadInput("submit", f"one of {', '.join(_SUBJECTS)}", name, "Give the command that is to be done.")
    commands: Any = context.find_root().command
    values = commands.commands[name].make_context(name, list(rest), parent=context).params
    store = values["store"]
    return _SUBJECTS[name](values), None if store is None else Path(store)


def is_layout(source: str) -> bool:
    """Whether a layout is meant, by file or by its name in the library. BadInput for a file that cannot be read."""
    is_file = source.endswith(".toml") or "/" in source
    return "network" in read_toml(Path(source)) if is_file else source in design_names("layouts")


def _of_characterize(values: _Values) -> Subject:
    devices, _ = characterize_subjects(
        values["device"], list(values["overrides"]), values["dimensions"], values["plane"], _path(values["figure"])
    )
    return Subject(tuple(devices), values["fidelity"], _checks(values))


def _of_compile(values: _Values) -> Subject:
    if is_folder(values["device"]):
        raise BadInput("submit compile", "one device", f"the folder {values['device']}", "Submit each by itself.")
    device = compile_subject(
        values["device"], list(values["overrides"]), values["dimensions"], values["plane"], Path(values["out"])
    )
    return Subject(device.family(), values["fidelity"], _checks(values))


def _of_layout(values: _Values) -> Subject:
    if values.get("out") is not None:
        require_free(Path(values["out"]))
    layout = load_layout(values["layout"])
    if "rules" in values:
        experiment_with(layout.experiment, values["rules"], values["seeds"])
    if values.get("over") is not None:
        require_varied(layout, values["over"])
    if values.get("models") is not None:
        return Subject((), "standard")
    return subject_of_layout(values["layout"])


def _checks(values: _Values) -> Any:
    return checks_of(*(values[f"check_{name}"] for name in ("inferred", "margins", "spectrum", "recovery")))


def _path(value: str | Path | None) -> Path | None:
    return None if value is None else Path(value)


_SUBJECTS: dict[str, Callable[[_Values], Subject]] = {
    "characterize": _of_characterize,
    "compile": _of_compile,
    "train": _of_layout,
    "compare": _of_layout,
    "run": _of_layout,
}
