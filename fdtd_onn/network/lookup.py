"""Compiled models by the short names that a layout gives them, each of the kind that its place can use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from fdtd_onn.errors import BadInput
from fdtd_onn.network.models import AbsorberModel, HeaterModel, ScatteringModel, TapModel

#: Of any kind: a layer says which one it can use.
Models: TypeAlias = Mapping[str, object]


def scattering_model(name: str, models: Models) -> ScatteringModel:
    """The linear device of that name; BadInput if it is missing or of another kind."""
    model = _found(name, models)
    if not isinstance(model, ScatteringModel):
        raise _unfit(name, "a linear device", model, "Name a coupler or phase shifter.")
    return model


def absorber_model(name: str, models: Models) -> AbsorberModel:
    """The saturable absorber of that name; BadInput if it is missing or of another kind."""
    model = _found(name, models)
    if not isinstance(model, AbsorberModel):
        raise _unfit(name, "a saturable absorber", model, "Name an absorber.")
    return model


def tap_model(name: str, models: Models) -> TapModel:
    """The grating tap of that name; BadInput if it is missing or of another kind."""
    model = _found(name, models)
    if not isinstance(model, TapModel):
        raise _unfit(name, "a grating tap", model, "Name a tap.")
    return model


def heater_model(name: str, models: Models) -> HeaterModel:
    """The heater of that name; BadInput if it is missing or of another kind."""
    model = _found(name, models)
    if not isinstance(model, HeaterModel):
        raise _unfit(name, "a heater", model, "Name a heater.")
    return model


def _found(name: str, models: Models) -> object:
    if name not in models:
        given = f"models of {', '.join(models)}" if models else "none"
        raise BadInput(f"device {name!r}", "a compiled model", given, "Compile the device and pass its model.")
    return models[name]


def _unfit(name: str, expected: str, model: object, cure: str) -> BadInput:
    return BadInput(f"device {name!r}", expected, type(model).__name__, cure)
