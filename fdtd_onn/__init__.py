"""fdtd-onn: from Maxwell's equations to a trained optical neural network.

The public names are loaded when they are first used: whoever only loads models and trains imports no full-wave code.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fdtd_onn.api import characterize, load_network, run_layout, train
    from fdtd_onn.frameworks import as_jax, as_torch
    from fdtd_onn.reduce import compile_model as compile
    from fdtd_onn.reduce import load_model
    from fdtd_onn.specs.load import load_device, load_layout

__version__ = version("fdtd-onn")
__all__ = [
    "as_jax",
    "as_torch",
    "characterize",
    "compile",
    "load_device",
    "load_layout",
    "load_model",
    "load_network",
    "run_layout",
    "train",
]

_HOMES = {
    "as_jax": ("fdtd_onn.frameworks", "as_jax"),
    "as_torch": ("fdtd_onn.frameworks", "as_torch"),
    "characterize": ("fdtd_onn.api", "characterize"),
    "compile": ("fdtd_onn.reduce", "compile_model"),
    "load_device": ("fdtd_onn.specs.load", "load_device"),
    "load_layout": ("fdtd_onn.specs.load", "load_layout"),
    "load_model": ("fdtd_onn.reduce", "load_model"),
    "load_network": ("fdtd_onn.api", "load_network"),
    "run_layout": ("fdtd_onn.api", "run_layout"),
    "train": ("fdtd_onn.api", "train"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _HOMES[name]
    return getattr(import_module(module), attribute)
