"""fdtd-onn: from Maxwell's equations to a trained optical neural network."""

from importlib.metadata import version

from fdtd_onn.api import characterize, load_network, run_layout, train
from fdtd_onn.reduce import compile_model as compile
from fdtd_onn.reduce import load_model
from fdtd_onn.specs.load import load_device, load_layout

__version__ = version("fdtd-onn")
__all__ = [
    "characterize",
    "compile",
    "load_device",
    "load_layout",
    "load_model",
    "load_network",
    "run_layout",
    "train",
]
