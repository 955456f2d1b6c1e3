"""Responses compiled into small checked models, kept in files, and composed."""

from fdtd_onn.reduce.absorber import AbsorberModel
from fdtd_onn.reduce.absorber_fit import compile_absorber
from fdtd_onn.reduce.compile import AnyModel, compile_model
from fdtd_onn.reduce.files import load_model
from fdtd_onn.reduce.heater import HeaterModel
from fdtd_onn.reduce.model import ReducedModel
from fdtd_onn.reduce.saturation_fit import SaturationFit, fit_saturation
from fdtd_onn.reduce.scattering import ScatteringModel
from fdtd_onn.reduce.tap import TapModel

__all__ = [
    "AbsorberModel",
    "AnyModel",
    "HeaterModel",
    "ReducedModel",
    "SaturationFit",
    "ScatteringModel",
    "TapModel",
    "compile_absorber",
    "compile_model",
    "fit_saturation",
    "load_model",
]
