"""Devices drawn elsewhere and given as GDSII files."""

from __future__ import annotations

import hashlib
import stat
from collections import Counter
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from fdtd_onn.errors import BadInput
from fdtd_onn.specs.base import Spec
from fdtd_onn.specs.device.base import Device, Width

LARGEST_GDS_BYTES = 64 * 2**20
Coordinate = Field(ge=-1e5, le=1e5)


def read_gds_bytes(file: str | Path) -> bytes:
    """Content of a GDSII file. Raises BadInput if it is no regular file, larger than 64 MiB, or unreadable."""
    path, cure = Path(file), "Give the path of a GDSII file."
    try:
        status = path.stat()
        # Opening a pipe would wait for a writer, and a device may have no end.
        if not stat.S_ISREG(status.st_mode):
            raise BadInput(str(path), "a regular file", "a folder, pipe or device", cure)
        if status.st_size > LARGEST_GDS_BYTES:
            cure = "Keep only the cell that is to be simulated."
            raise BadInput(str(path), f"at most {LARGEST_GDS_BYTES} bytes", status.st_size, cure)
        return path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise BadInput(ascii(str(path)), "a file that can be read", error, cure) from error


class GdsParameters(Spec):
    """Which polygons of which file are the core.

    `sha256` is found when a device file leaves it out, and travels with the device from then on: it stands for the
    content in the key of every run, and a file that has changed since is refused when the device is drawn.
    """

    file: str = Field(min_length=1, max_length=4096, description="absolute, or relative to the current folder")
    cell: str = Field(min_length=1, max_length=256)
    layer: int = Field(ge=0, le=32767)
    datatype: int = Field(ge=0, le=32767)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")

    @model_validator(mode="before")
    @classmethod
    def _with_digest(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "sha256" in data or not isinstance(data.get("file"), str):
            return data
        # Absolute, because a worker may run in another folder.
        path = Path(data["file"]).absolute()
        return {**data, "file": str(path), "sha256": hashlib.sha256(read_gds_bytes(path)).hexdigest()}


class GdsPort(Spec):
    """A port in the drawing's coordinates: centre of the reference plane, axis, and which way is out."""

    name: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,15}$")
    x_um: float = Coordinate
    y_um: float = Coordinate
    axis: Literal["x", "y"]
    outward: int = Field(ge=-1, le=1)
    width_um: Width

    @model_validator(mode="after")
    def _faces_somewhere(self) -> GdsPort:
        if self.outward == 0:
            raise ValueError("outward must be -1 or 1, not 0")
        return self


class Gds(Device):
    """A device read from a GDSII file, with the ports that the specification lists."""

    kind: Literal["gds"]
    parameters: GdsParameters
    ports: tuple[GdsPort, ...] = Field(min_length=1, max_length=64)

    @model_validator(mode="after")
    def _names_differ(self) -> Gds:
        repeated = [name for name, count in Counter(port.name for port in self.ports).items() if count > 1]
        if repeated:
            raise ValueError(f"port names must differ, got {', '.join(repeated)} more than once")
        return self

    def features_um(self) -> dict[str, float]:
        """Widths of the ports; those of the drawing are for who reads it."""
        return super().features_um() | {f"ports.{port.name}.width_um": port.width_um for port in self.ports}

    def physics(self) -> dict[str, Any]:
        """As for every device; the file counts by its content, wherever it lies."""
        data = super().physics()
        data["parameters"].pop("file")
        return data
