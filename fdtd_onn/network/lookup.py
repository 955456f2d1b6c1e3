"""Compiled models by the short names that a layout gives them, each of the kind that its place can use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from fdtd_onn.errors import BadInput
from fdtd_onn.network.models import AbsorberModel, HeaterModel, ScatteringModel, TapModel

#: Of any kind: a layer says which one it can use.
Models: TypeAlias = Mapping[str, object]
Model = TypeVar("Model")


@dataclass(frozen=True)
class Kind(Generic[Model]):
    """A kind of model, and what a user calls it."""

    type: type[Model]
    expected: str
    cure: str


# mypy takes a protocol for a type only where classes that implement it are not made from it.
LINEAR = Kind(ScatteringModel, "a linear device", "Name a coupler or phase shifter.")  # type: ignore[type-abstract]
ABSORBER = Kind(AbsorberModel, "a saturable absorber", "Name an absorber.")  # type: ignore[type-abstract]
TAP = Kind(TapModel, "a grating tap", "Name a tap.")  # type: ignore[type-abstract]
HEATER = Kind(HeaterModel, "a heater", "Name a heater.")  # type: ignore[type-abstract]


def find_model(name: str, kind: Kind[Model], models: Models) -> Model:
    """The model of that name; BadInput if it is missing or of another kind."""
    if name not in models:
        given = f"models of {', '.join(models)}" if models else "none"
        raise BadInput(f"device {name!r}", "a compiled model", given, "Compile the device and pass its model.")
    model = models[name]
    if not isinstance(model, kind.type):
        raise BadInput(f"device {name!r}", kind.expected, type(model).__name__, kind.cure)
    return model
