"""Compiled models in the forms that other circuit simulators read: Touchstone, INTERCONNECT, sax."""

from fdtd_onn.reduce.exports.interconnect import write_interconnect
from fdtd_onn.reduce.exports.sampled import SampledModel, sample_model
from fdtd_onn.reduce.exports.sax import sax_model
from fdtd_onn.reduce.exports.touchstone import write_touchstone

__all__ = ["SampledModel", "sample_model", "sax_model", "write_interconnect", "write_touchstone"]
