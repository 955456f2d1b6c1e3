"""Devices and model files as a user lists them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fdtd_onn.cli.export import is_model_file
from fdtd_onn.errors import BadInput
from fdtd_onn.reduce import AnyModel, load_model
from fdtd_onn.specs.device import AnyDevice
from fdtd_onn.specs.device.base import Plane
from fdtd_onn.specs.load import in_dimensions, load_device


def load_sources(
    sources: Sequence[str], dimensions: int | None, plane: Plane | None
) -> tuple[dict[str, AnyDevice], dict[str, AnyModel]]:
    """Devices and models by the names of their files; BadInput if one cannot be used or if two share a name."""
    devices: dict[str, AnyDevice] = {}
    models: dict[str, AnyModel] = {}
    for source in sources:
        name = Path(source).stem
        if name in devices or name in models:
            raise BadInput("report", "sources of different names", f"{name} twice", "Rename one of the files.")
        if is_model_file(source):
            models[name] = load_model(source)
        else:
            devices[name] = in_dimensions(load_device(source), dimensions, plane)
    return devices, models
