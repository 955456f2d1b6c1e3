"""The public functions: thin glue between the layers."""

from fdtd_onn.api.characterize import Progress, characterize, characterize_all, field_map
from fdtd_onn.api.experiment import Experiment, run_layout
from fdtd_onn.api.networks import compile_devices, load_network, train

__all__ = [
    "Experiment",
    "Progress",
    "characterize",
    "characterize_all",
    "compile_devices",
    "field_map",
    "load_network",
    "run_layout",
    "train",
]
