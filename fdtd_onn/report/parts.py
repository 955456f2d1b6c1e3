"""An experiment's devices, told apart by kind: what each section of the report is about."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.api.experiment import Experiment
from fdtd_onn.reduce import AbsorberModel, HeaterModel, SaturationFit, ScatteringModel, fit_saturation
from fdtd_onn.responses.field_map import FieldMap
from fdtd_onn.responses.heating import HeaterResponse
from fdtd_onn.responses.saturation import SaturationResponse
from fdtd_onn.responses.scattering import Response
from fdtd_onn.specs.layout import AbsorberLayer, Layout, MeshLayer


@dataclass(frozen=True, eq=False)
class LinearPart:
    """A linear device: its family of responses, its model, and the light in the family's first member.

    value: where the network uses a tunable coupler; None for a device that is driven or fixed.
    """

    short: str
    family: tuple[Response, ...]
    model: ScatteringModel
    field: FieldMap
    value: float | None

    @property
    def values(self) -> NDArray[np.float64] | None:
        """The tunable parameter of each member of the family, (n_q,); None for a fixed device."""
        if self.model.parameter is None:
            return None
        return np.array([getattr(r.device.parameters, self.model.parameter) for r in self.family], dtype=float)

    @property
    def shown(self) -> int:
        """The member nearest to where the network uses the device; the first where there is no such value."""
        if self.values is None or self.value is None:
            return 0
        return int(np.argmin(np.abs(self.values - self.value)))

    @property
    def shown_value(self) -> float | None:
        """Its value of the tunable parameter; None for a fixed device."""
        return None if self.values is None else float(self.values[self.shown])


@dataclass(frozen=True, eq=False)
class AbsorberPart:
    """A saturable absorber; sections: how many of them the network puts in series, one number per layer."""

    short: str
    response: SaturationResponse
    model: AbsorberModel
    sections: tuple[int, ...]

    @cached_property
    def fit(self) -> SaturationFit:
        """One fit of all that was run of it."""
        return fit_saturation(self.response)


@dataclass(frozen=True, eq=False)
class HeaterPart:
    """A heater."""

    short: str
    response: HeaterResponse
    model: HeaterModel


def linear_parts(experiment: Experiment) -> tuple[LinearPart, ...]:
    """The linear devices, in the layout's order."""
    parts = []
    for short, model in experiment.models.items():
        if isinstance(model, ScatteringModel):
            family = tuple(r for r in experiment.responses[short] if isinstance(r, Response))
            value = _coupler_value(experiment.layout, short)
            parts.append(LinearPart(short, family, model, experiment.fields[short], value))
    return tuple(parts)


def absorber_parts(experiment: Experiment) -> tuple[AbsorberPart, ...]:
    """The saturable absorbers, in the layout's order."""
    parts = []
    for short, model in experiment.models.items():
        (response, *_others) = experiment.responses[short]
        if isinstance(model, AbsorberModel) and isinstance(response, SaturationResponse):
            layers = [layer for layer in experiment.layout.network.layers if isinstance(layer, AbsorberLayer)]
            sections = tuple(layer.sections for layer in layers if layer.absorber == short)
            parts.append(AbsorberPart(short, response, model, sections))
    return tuple(parts)


def _coupler_value(layout: Layout, short: str) -> float | None:
    layers = [layer for layer in layout.network.layers if isinstance(layer, MeshLayer) and layer.coupler == short]
    return layers[0].coupler_value if layers else None
