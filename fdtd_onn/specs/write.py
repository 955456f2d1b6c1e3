"""Device specifications as TOML files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fdtd_onn.atomic import whole_file
from fdtd_onn.errors import BadInput
from fdtd_onn.specs.device.base import Device


def write_device(device: Device, path: Path) -> None:
    """Write a device file that `load_device` takes for the same device; whole or not at all.

    What is left at its default is left out. Raises BadInput if the file cannot be written.
    """
    lines = _table(device.model_dump(mode="json", exclude_none=True, exclude_defaults=True), "", "")
    try:
        with whole_file(path) as part:
            part.write_text("\n".join(lines).lstrip("\n") + "\n", encoding="utf-8")
    except OSError as error:
        raise BadInput(str(path), "a file that can be written", error, "Choose another folder or name.") from error


def _table(values: dict[str, Any], header: str, path: str) -> list[str]:
    """Its own keys first, then the tables in it; keys that name another key, dot and all, are quoted."""
    inner = {key: value for key, value in values.items() if isinstance(value, dict) or _holds_tables(value)}
    # JSON's texts, numbers, truth values and lists of them are TOML's too.
    own = {key if key.isidentifier() else json.dumps(key): value for key, value in values.items() if key not in inner}
    lines = [f"{key} = {json.dumps(value)}" for key, value in own.items()]
    if header and lines:
        lines = ["", header, *lines]
    for key, value in inner.items():
        name = f"{path}.{key}" if path else key
        if isinstance(value, dict):
            lines += _table(value, f"[{name}]", name)
        else:
            lines += [line for item in value for line in _table(item, f"[[{name}]]", name)]
    return lines


def _holds_tables(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(item, dict) for item in value)
