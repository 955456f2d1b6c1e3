"""The designs that come with the package: devices and layouts, one TOML file each."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

DesignKind = Literal["devices", "layouts"]


def design_folder(kind: DesignKind) -> Path:
    """The folder of a kind of design: inside an installed package, or at the top of a checkout."""
    package = Path(__file__).parent
    installed = package / "designs" / kind
    return installed if installed.is_dir() else package.parent / kind


def design_names(kind: DesignKind) -> tuple[str, ...]:
    """Names of the designs of a kind, sorted: their file names without `.toml`."""
    return tuple(sorted(path.stem for path in design_folder(kind).glob("*.toml")))
