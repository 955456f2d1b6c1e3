"""Devices and models on their way out of the house: drawings, and S-parameters for circuit simulators."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fdtd_onn.api import rows_of_s, write_layout_gds
from fdtd_onn.cli.overrides import load_one, single_values
from fdtd_onn.errors import BadInput
from fdtd_onn.geometry.gds import write_gds
from fdtd_onn.library import design_names
from fdtd_onn.reduce import AnyModel, load_model
from fdtd_onn.reduce.exports import sample_model, write_interconnect, write_touchstone
from fdtd_onn.reduce.exports.sampled import without_s
from fdtd_onn.reduce.exports.touchstone import is_touchstone, require_ending
from fdtd_onn.specs.device import AnyDevice, Heater
from fdtd_onn.specs.device.base import Plane, Tunable
from fdtd_onn.specs.load import in_dimensions, load_device, read_toml

#: Compiles a device, and characterises what is missing.
Compile = Callable[[AnyDevice], AnyModel]

_FORMATS = ".gds (drawing), .s<ports>p (Touchstone) or .dat (INTERCONNECT)"


def export_to(
    source: str,
    out: Path,
    overrides: Sequence[str],
    dimensions: int | None,
    plane: Plane | None,
    compile_: Compile,
) -> dict[str, Any]:
    """Write what the file's ending says, and say what was written: the file, and how large a layout's drawing is.

    source: a device; for a drawing also a layout, for S-parameters also a model file (.h5). overrides: NAME=VALUE
    texts; a value of the tunable parameter is where S is taken. Raises BadInput and OutOfRange.
    """
    if out.suffix.lower() == ".gds":
        if is_layout(source):
            if overrides or dimensions is not None or plane is not None:
                given = ", ".join(overrides) if overrides else f"--dimensions {dimensions} --plane {plane}"
                cure = "Change the layout's devices."
                raise BadInput("--set, --dimensions, --plane", "none for a layout", given, cure)
            return {"file": str(out), **asdict(write_layout_gds(source, out))}
        if is_model_file(source):
            raise BadInput(source, "a device to draw", "a compiled model", "Name the device that it was compiled from.")
        write_gds(load_one(source, overrides, None), out)
        return {"file": str(out)}
    if out.suffix.lower() != ".dat" and not is_touchstone(out):
        raise BadInput(str(out), f"a name that ends in {_FORMATS}", repr(out.suffix), "Choose one of these.")
    model, parameters = _model_of(source, out, single_values(overrides), dimensions, plane, compile_)
    sampled = sample_model(model, parameters)
    (write_touchstone if is_touchstone(out) else write_interconnect)(sampled, out)
    return {"file": str(out)}


def is_model_file(source: str) -> bool:
    """Whether the user means a compiled model, and not a device."""
    return Path(source).suffix == ".h5"


def is_layout(source: str) -> bool:
    """Whether the user means a layout: by its name in the library, or by what the file describes."""
    if Path(source).suffix == ".toml" and Path(source).is_file():
        return "network" in read_toml(Path(source))
    return source in design_names("layouts")


def _model_of(
    source: str, out: Path, values: dict[str, float], dimensions: int | None, plane: Plane | None, compile_: Compile
) -> tuple[AnyModel, dict[str, float]]:
    """The model, and where to ask it; what a device's model would refuse is refused before any run."""
    if is_model_file(source):
        return load_model(source), values
    tunable = load_device(source).tunable
    chosen = {name: value for name, value in values.items() if tunable is not None and name == tunable.parameter}
    device = load_device(source, **{name: value for name, value in values.items() if name not in chosen})
    if isinstance(device, Heater):
        raise without_s(source)
    if tunable is not None:
        _check_value(tunable, chosen.get(tunable.parameter))
    placed = in_dimensions(device, dimensions, plane)
    if is_touchstone(out):
        require_ending(out, len(rows_of_s(placed)))
    return compile_(placed), chosen


def _check_value(tunable: Tunable, value: float | None) -> None:
    low, high = tunable.values[0], tunable.values[-1]
    if value is None or not low <= value <= high:
        got = "none" if value is None else f"{value:g}"
        cure = f"Say where S is taken: --set {tunable.parameter}={0.5 * (low + high):g}."
        raise BadInput("--set", f"a {tunable.parameter} from {low:g} to {high:g}", got, cure)
