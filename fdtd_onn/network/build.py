"""From a network specification and compiled models to a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fdtd_onn.errors import BadInput
from fdtd_onn.network.absorber_row import AbsorberRow
from fdtd_onn.network.activation import AbsorberActivation
from fdtd_onn.network.drive import Converter, IdealDrive, MeshDrive, NetworkDrive, PhaseDrive
from fdtd_onn.network.electronic import ElectronicActivation
from fdtd_onn.network.generator import Generator, IdealGenerator, ModulatorBank
from fdtd_onn.network.heating import TWO_PI, HeaterDrive, heater_drive
from fdtd_onn.network.lookup import ABSORBER, HEATER, LINEAR, TAP, Models, find_model
from fdtd_onn.network.mesh import Mesh
from fdtd_onn.network.models import AbsorberModel
from fdtd_onn.network.monitor import IdealMonitor
from fdtd_onn.network.netlist import netlist_circuit
from fdtd_onn.network.network import Layer, Network, phase_slices
from fdtd_onn.network.parts import MeshParts, make_parts, mesh_of
from fdtd_onn.network.phase_shifter import phase_shifter
from fdtd_onn.network.readout import Readout, receiver
from fdtd_onn.network.spread import (
    absorber_factors,
    coupler_key,
    coupler_values,
    generator_errors,
    phase_errors,
    require_covered,
)
from fdtd_onn.network.tap_monitoring import monitor_of
from fdtd_onn.network.topology import topology
from fdtd_onn.network.transceiver import Transceiver
from fdtd_onn.specs.layout import AbsorberLayer, ElectronicLayer, MeshLayer, NetlistLayer, NetworkSpec
from fdtd_onn.specs.layout import Layer as LayerSpec

FORWARD, BACKWARD = range(2)  # ways that generators send light, in the numbers of their places


def build_network(spec: NetworkSpec, models: Models) -> Network:
    """The network of a specification, from compiled models by the short names that its layers use.

    Raises BadInput for a missing or unfit model; a compiled model raises OutOfRange outside its wavelengths.
    """
    return _network(spec, models, tuple(_heaters(number, spec, models) for number in range(len(spec.layers))))


def _network(spec: NetworkSpec, models: Models, heaters: tuple[HeaterDrive | None, ...]) -> Network:
    """With heaters that the network as drawn shares: fabrication does not touch them, and their matrices are large."""
    drawn = spec.without_errors()
    design = None if drawn == spec else _network(drawn, models, heaters)
    layers = tuple(_layer(number, spec, models, heaters[number]) for number in range(len(spec.layers)))
    network = Network(
        spec,
        layers,
        Readout(spec.readout),
        IdealMonitor(),
        design,
        _generator(spec, ()),
        _generator(spec, (len(layers), BACKWARD)),
        _drive(spec, layers, heaters),
    )
    return replace(network, monitor=monitor_of(network, models))


def mesh_parts(number: int, spec: NetworkSpec, models: Models) -> MeshParts:
    """The parts of the mesh that is layer `number` of a network; raises as `build_network`, and for another layer."""
    layer = spec.layers[number]
    if not isinstance(layer, MeshLayer):
        raise BadInput(f"network.layers[{number}]", "a mesh", layer.kind, "Name the number of a mesh.")
    places = topology(layer.topology, spec.ports)
    coupler, shifter_model = (find_model(name, LINEAR, models) for name in (layer.coupler, layer.phase_shifter))
    values = coupler_values(layer, number, places)
    if values is not None and coupler.parameter is not None and coupler.parameter_range is not None:
        where = f"network.layers[{number}].{coupler_key(layer)}"
        require_covered(where, coupler.parameter, values, *coupler.parameter_range)
    return make_parts(
        places,
        spec.wavelength_um,
        coupler,
        values,
        shifter_model,
        layer.sections,
        phase_shifter(shifter_model, spec.wavelength_um, layer.sections),
        phase_errors(layer, number, places),
        None if layer.tap is None else find_model(layer.tap, TAP, models),
    )


def _layer(number: int, spec: NetworkSpec, models: Models, heaters: HeaterDrive | None) -> Layer:
    layer, in_front = spec.layers[number], _transceiver(spec, (number, FORWARD) if number else ())
    match layer:
        case MeshLayer():
            mesh = mesh_of(mesh_parts(number, spec, models))
            if heaters is not None:
                _require_heat_covered(number, layer, mesh, heaters)
            return replace(mesh, crosstalk=None if heaters is None else heaters.coupling, transceiver=in_front)
        case AbsorberLayer():
            return AbsorberActivation(_absorber(number, layer, spec, models), layer.probe)
        case ElectronicLayer():
            return ElectronicActivation(
                _transceiver(spec, (number + 1, FORWARD)), _transceiver(spec, (number, BACKWARD))
            )
        case NetlistLayer():
            linear = {n.device: find_model(n.device, LINEAR, models) for n in layer.nodes.values()}
            circuit = netlist_circuit(f"network.layers[{number}]", layer, spec.wavelength_um, linear)
            return replace(circuit, transceiver=in_front)


def _require_heat_covered(number: int, layer: MeshLayer, mesh: Mesh, heaters: HeaterDrive) -> None:
    """With all heaters a turn on, which corrected ones may pass, every section has to be at a compiled temperature."""
    heat, reach = TWO_PI * float(heaters.coupling.sum(axis=1).max()), mesh.shifters.models[0].reach_rad
    if heat > reach:
        expected = f"sections compiled for {heat:.3g} rad: a turn by their own heaters, the rest by others"
        cure = f"Set sections = {int(np.ceil(layer.sections * heat / reach))} or more, or move the heaters apart."
        raise BadInput(f"network.layers[{number}].sections", expected, f"{reach:.3g} rad", cure)


def _absorber(number: int, layer: AbsorberLayer, spec: NetworkSpec, models: Models) -> AbsorberModel:
    model = find_model(layer.absorber, ABSORBER, models)
    if layer.spread is None:
        return model.cascade(layer.sections)
    factors = absorber_factors(layer.spread, number, spec.ports).tolist()
    return AbsorberRow(tuple(model.varied(*pair).cascade(layer.sections) for pair in factors))


def _transceiver(spec: NetworkSpec, place: Sequence[int]) -> Transceiver:
    detector = spec.readout.detector
    return Transceiver(_generator(spec, place), None if detector is None else receiver(detector))


def _generator(spec: NetworkSpec, place: Sequence[int]) -> Generator:
    """The generator at a place: in front of a layer, for light one way or the other; () for the network's inputs."""
    given = spec.generator
    if given is None:
        return IdealGenerator()
    full_scale = np.sqrt(1e-3 * given.full_scale_mw)
    dark = 0.0 if given.extinction_db is None else 10.0 ** (-given.extinction_db / 20.0)
    errors = generator_errors(given, spec.ports, place)
    return ModulatorBank(float(full_scale), given.bits, float(full_scale * dark), errors)


def _heaters(number: int, spec: NetworkSpec, models: Models) -> HeaterDrive | None:
    """Those over the sections of layer `number`, if they are named."""
    layer = spec.layers[number]
    if not isinstance(layer, MeshLayer) or layer.heater is None:
        return None
    if layer.plane_pitch_um is None or layer.guide_pitch_um is None:
        return None
    model, places = find_model(layer.heater.device, HEATER, models), topology(layer.topology, spec.ports)
    try:
        return heater_drive(model, spec.wavelength_um, places, layer.plane_pitch_um, layer.guide_pitch_um)
    except BadInput as error:
        where = f"network.layers[{number}].heater: {error.where}"
        raise BadInput(where, error.expected, error.got, error.cure) from error


def _drive(spec: NetworkSpec, layers: tuple[Layer, ...], heaters: tuple[HeaterDrive | None, ...]) -> PhaseDrive:
    """Ideal unless a mesh names heaters or converters."""
    drives = [_layer_drive(given, own) for given, own in zip(spec.layers, heaters, strict=True)]
    if all(isinstance(drive, IdealDrive) for drive in drives):
        return IdealDrive()
    return NetworkDrive(tuple(zip(phase_slices(layers), drives, strict=True)))


def _layer_drive(layer: LayerSpec, heaters: HeaterDrive | None) -> PhaseDrive:
    if not isinstance(layer, MeshLayer) or (heaters is None and layer.drive is None):
        return IdealDrive()
    converter = None if layer.drive is None else Converter(layer.drive.bits, layer.drive.full_scale_rad)
    corrected = layer.heater is not None and layer.heater.crosstalk == "corrected"
    return MeshDrive(heaters, corrected, converter)
