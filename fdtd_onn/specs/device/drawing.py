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
    """Which cell of which file; layer and datatype say which polygons are the core, unless `layers` say what each is.

    `sha256` is found when a device file leaves it out, and travels with the device from then on: it stands for the
    content in the key of every run, and a file that has changed since is refused when the device is drawn.
    """

    file: str = Field(min_length=1, max_length=4096, description="absolute, or relative to the current folder")
    cell: str = Field(min_length=1, max_length=256)
    layer: int | None = Field(default=None, ge=0, le=32767)
    datatype: int | None = Field(default=None, ge=0, le=32767)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")

    @model_validator(mode="before")
    @classmethod
    def _with_digest(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "sha256" in data or not isinstance(data.get("file"), str):
            return data
        # Absolute, because a worker may run in another folder.
        path = Path(data["file"]).absolute()
        return {**data, "file": str(path), "sha256": hashlib.sha256(read_gds_bytes(path)).hexdigest()}


class GdsLayer(Spec):
    """What one layer of a drawing stands for: in the plane of the chip a film's effective index, else the film itself.

    Where two layers have a place in common, the one listed later has it; in space, only at the heights of both.
    """

    layer: int = Field(ge=0, le=32767)
    datatype: int = Field(ge=0, le=32767)
    effective_index: float | None = Field(default=None, ge=1.0, le=6.0, description="for runs in the plane xy")
    bulk_index: float | None = Field(default=None, ge=1.0, le=6.0, description="for all other runs")
    z_um: tuple[float, float] | None = Field(default=None, description="lowest and highest z, for all other runs")

    @model_validator(mode="after")
    def _upwards(self) -> GdsLayer:
        if self.z_um is not None and self.z_um[1] <= self.z_um[0]:
            raise ValueError(f"z_um must go upwards, got {list(self.z_um)}")
        return self

    @property
    def in_plane(self) -> float:
        """The effective index."""
        if self.effective_index is None:
            raise ValueError(f"layer {self.layer}/{self.datatype} has no effective index")
        return self.effective_index

    @property
    def in_space(self) -> tuple[float, float, float]:
        """Bulk index, and the lowest and highest z in µm."""
        if self.bulk_index is None or self.z_um is None:
            raise ValueError(f"layer {self.layer}/{self.datatype} has no place in space")
        return (self.bulk_index, *self.z_um)


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
    layers: tuple[GdsLayer, ...] = Field(default=(), max_length=32)

    @model_validator(mode="after")
    def _layers_in_one_way(self) -> Gds:
        p = self.parameters
        given = [p.layer is not None, p.datatype is not None, not self.layers]
        if given.count(given[0]) != len(given):
            raise ValueError("needs either parameters.layer and parameters.datatype, or a list of [[layers]]")
        needed = ("bulk_index", "z_um") if self.uses_stack else ("effective_index",)
        missing = [f"layers[{k}].{n}" for k, film in enumerate(self.layers) for n in needed if getattr(film, n) is None]
        if missing:
            raise ValueError(f"needs {', '.join(missing)} for runs with dimensions = {self.dimensions} in {self.plane}")
        return self

    @model_validator(mode="after")
    def _layers_say_where_films_are(self) -> Gds:
        if self.layers and self.stack is not None and (self.stack.slab_um, self.stack.sidewall_deg) != (0.0, 0.0):
            raise ValueError(
                "with [[layers]], stack.slab_um and stack.sidewall_deg must be 0: a slab is a layer of its own, and at "
                "which height the drawing of a layer holds is not known"
            )
        return self

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
        for film in data["layers"]:
            for name in ("effective_index",) if self.uses_stack else ("bulk_index", "z_um"):
                film.pop(name)
        return data
