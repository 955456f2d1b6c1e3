"""From a network specification and compiled models to a network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from fdtd_onn.errors import BadInput
from fdtd_onn.network.activation import AbsorberActivation
from fdtd_onn.network.mesh import Mesh, coupler_transfer, plain_guides
from fdtd_onn.network.models import AbsorberModel, ScatteringModel
from fdtd_onn.network.monitor import IdealMonitor
from fdtd_onn.network.network import Layer, Network
from fdtd_onn.network.phase_shifter import phase_shifter
from fdtd_onn.network.readout import Readout
from fdtd_onn.network.shifter_bank import equal_shifters
from fdtd_onn.network.topology import topology
from fdtd_onn.specs.layout import AbsorberLayer, MeshLayer, NetworkSpec

#: Of any kind: a layer says which one it can use.
Models: TypeAlias = Mapping[str, object]


def build_network(spec: NetworkSpec, models: Models) -> Network:
    """The network of a specification, from compiled models by the short names that its layers use.

    Raises BadInput for a missing or unfit model; a compiled model raises OutOfRange outside its wavelengths.
    """
    layers = tuple(_layer(layer, spec, models) for layer in spec.layers)
    return Network(spec, layers, Readout(spec.readout), IdealMonitor())


def _layer(layer: MeshLayer | AbsorberLayer, spec: NetworkSpec, models: Models) -> Layer:
    if isinstance(layer, AbsorberLayer):
        return AbsorberActivation(_absorber(layer.absorber, models).cascade(layer.sections), layer.probe)
    places = topology(layer.topology, spec.ports)
    coupler = _scattering(layer.coupler, models)
    shifter = phase_shifter(_scattering(layer.phase_shifter, models), spec.wavelength_um, layer.sections)
    return Mesh(
        places,
        coupler_transfer(coupler, spec.wavelength_um, layer.coupler_value, places.coupler_guide.size),
        equal_shifters(shifter, places.planes, spec.ports),
        plain_guides(places),
    )


def _model(name: str, models: Models) -> object:
    if name not in models:
        given = f"models of {', '.join(models)}" if models else "none"
        raise BadInput(f"device {name!r}", "a compiled model", given, "Compile the device and pass its model.")
    return models[name]


def _scattering(name: str, models: Models) -> ScatteringModel:
    model = _model(name, models)
    if not isinstance(model, ScatteringModel):
        raise BadInput(f"device {name!r}", "a linear device", type(model).__name__, "Name a coupler or phase shifter.")
    return model


def _absorber(name: str, models: Models) -> AbsorberModel:
    model = _model(name, models)
    if not isinstance(model, AbsorberModel):
        raise BadInput(f"device {name!r}", "a saturable absorber", type(model).__name__, "Name an absorber.")
    return model
