"""Designs from TOML files: by path, or by name from the library that comes with the package."""

from __future__ import annotations

import json
import stat
import tomllib
from collections.abc import Mapping
from numbers import Real
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from fdtd_onn.errors import BadInput
from fdtd_onn.library import DesignKind, design_folder, design_names
from fdtd_onn.specs.device import AnyDevice, device_adapter
from fdtd_onn.specs.device.base import Plane
from fdtd_onn.specs.layout import Layout
from fdtd_onn.specs.problems import bad_input, closest

T = TypeVar("T")

LARGEST_FILE_BYTES = 1_000_000


def load_device(source: str | Path, /, **overrides: float) -> AnyDevice:
    """A device from a TOML file or from the library, some parameters replaced.

    source: a path, or a bare name such as "coupler_50" for a design of the library.
    overrides: values by parameter name, in the unit that the name ends in.
    Raises BadInput for anything that cannot be used, with all problems of the file in one message.
    """
    path = design_path(source, "devices")
    device = load_toml(path, device_adapter)
    if not overrides:
        return device
    known = device.parameter_names()
    for name, value in overrides.items():
        if name not in known:
            expected = f"a parameter of {path} ({', '.join(known)})"
            raise BadInput(f"override {name}", expected, "an unknown name", closest(name, known, "Use one of these."))
        if not isinstance(value, Real) or isinstance(value, bool):
            raise BadInput(f"override {name}", "a number", repr(value), "Pass a number.")
    data = device.model_dump(mode="json")
    data["parameters"].update({name: float(value) for name, value in overrides.items()})
    changes = ", ".join(f"{name} = {float(value):g}" for name, value in overrides.items())
    return _validated(data, device_adapter, f"{path} with {changes}")


def in_dimensions(device: AnyDevice, dimensions: int | None, plane: Plane | None = None) -> AnyDevice:
    """The same device for runs in a plane (2) or in space (3); BadInput if it has no [stack] and needs one.

    None leaves what the device says. In space there is no plane to choose: 3 alone drops the device's, and a plane
    alone asks for two dimensions.
    """
    if dimensions is None and plane is None:
        return device
    if dimensions is None:
        dimensions = 2
    if plane is None:
        plane = "xy" if dimensions == 3 else device.plane
    data = device.model_dump(mode="json") | {"dimensions": dimensions, "plane": plane}
    return _validated(data, device_adapter, f"{device.name} with dimensions = {dimensions} and plane = {plane!r}")


def moved(device: AnyDevice, amounts: Mapping[str, float]) -> AnyDevice:
    """The same device with numbers changed by amounts, by key ("parameters.width_um"); BadInput if that cannot be."""
    changes = ", ".join(f"{key} by {amount:+g}" for key, amount in amounts.items())
    return _validated(device.moved_data(amounts), device_adapter, f"{device.name} with {changes}")


def load_layout(source: str | Path, /) -> Layout:
    """A network layout from a TOML file or, by its bare name, from the library; BadInput as for a device."""
    path = design_path(source, "layouts")
    layout = load_toml(path, TypeAdapter(Layout))
    if layout.experiment.files is None:
        return layout
    files = layout.experiment.files.beside(path.parent)
    return layout.model_copy(update={"experiment": layout.experiment.model_copy(update={"files": files})})


def load_toml(path: Path, adapter: TypeAdapter[T]) -> T:
    """The specification in a TOML file; BadInput if the file or anything in it cannot be used."""
    return _validated(read_toml(path), adapter, str(path))


def design_path(source: str | Path, kind: DesignKind) -> Path:
    """The file meant: a text without a slash and without `.toml` is a name in the library, all else is a path."""
    if isinstance(source, Path) or "/" in source or source.endswith(".toml"):
        return Path(source)
    names = design_names(kind)
    if source not in names:
        expected = f"a file (.toml) or one of {', '.join(names)}"
        raise BadInput(f"{kind} library", expected, repr(source), closest(source, names, "Use one of these."))
    return design_folder(kind) / f"{source}.toml"


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file; BadInput if it cannot be read."""
    content = _read_small_file(path)
    try:
        return tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BadInput(
            str(path), "UTF-8 text", f"byte {content[error.start]:#04x} at {error.start}", "Save it as UTF-8."
        ) from error
    except (ValueError, RecursionError) as error:  # besides its own error, tomllib lets those of int() and of depth out
        got = "tables or lists nested too deeply" if isinstance(error, RecursionError) else f"an error: {error}"
        raise BadInput(str(path), "TOML", got, "Correct the file's syntax.") from error


def _read_small_file(path: Path) -> bytes:
    cure = "Give the path of a TOML file."
    try:
        status = path.stat()
        # Opening a pipe would wait for a writer, and a device may have no end.
        if not stat.S_ISREG(status.st_mode):
            raise BadInput(str(path), "a regular file", "a folder, pipe or device", cure)
        if status.st_size > LARGEST_FILE_BYTES:
            raise BadInput(str(path), f"at most {LARGEST_FILE_BYTES} bytes", f"{status.st_size}", cure)
        return path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise BadInput(ascii(str(path)), "a file that can be read", error, cure) from error


def _validated(data: dict[str, Any], adapter: TypeAdapter[T], where: str) -> T:
    """Checked in JSON mode, where strict means what a file's author means: no text for a number, lists for tuples."""
    try:
        return adapter.validate_json(json.dumps(data, default=str), strict=True)
    except ValidationError as error:
        raise bad_input(where, error, adapter) from error
    except (ValueError, RecursionError) as error:
        cure = "Simplify the file."
        raise BadInput(
            where, "ordinary numbers and shallow tables", f"{type(error).__name__}: {error}", cure
        ) from error
