"""Export of a device as a GDSII layout file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fdtd_onn.cli.overrides import load_one
from fdtd_onn.geometry.gds import write_gds


def export_gds(device: str, out: Path, overrides: Sequence[str]) -> dict[str, str]:
    """Write a device, its parameters replaced by NAME=VALUE texts, and say which cell of which file it is.

    Raises BadInput for a device, an override or a file that cannot be used.
    """
    subject = load_one(device, overrides, None)
    write_gds(subject, out)
    return {"device": subject.name, "cell": subject.name, "file": str(out)}
