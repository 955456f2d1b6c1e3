"""From a network specification and compiled models to a network."""

from __future__ import annotations

import numpy as np

from fdtd_onn.errors import BadInput
from fdtd_onn.network.absorber_row import AbsorberRow
from fdtd_onn.network.activation import AbsorberActivation
from fdtd_onn.network.drive import Converter, IdealDrive, MeshDrive, NetworkDrive, PhaseDrive
from fdtd_onn.network.electronic import ElectronicActivation
from fdtd_onn.network.generator import Generator, IdealGenerator, ModulatorBank
from fdtd_onn.network.heating import heater_drive, heater_positions
from fdtd_onn.network.lookup import Models, absorber_model, heater_model, scattering_model, tap_model
from fdtd_onn.network.mesh import Mesh
from fdtd_onn.network.models import AbsorberModel
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
from fdtd_onn.specs.layout import AbsorberLayer, ElectronicLayer, MeshLayer, NetlistLayer, NetworkSpec


def build_network(spec: NetworkSpec, models: Models) -> Network:
    """The network of a specification, from compiled models by the short names that its layers use.

    Raises BadInput for a missing or unfit model; a compiled model raises OutOfRange outside its wavelengths.
    """
    drawn = spec.without_errors()
    design = None if drawn == spec else build_network(drawn, models)
    generator = _generator(spec)
    layers = tuple(_layer(number, spec, models, generator) for number in range(len(spec.layers)))
    return Network(
        spec,
        layers,
        Readout(spec.readout),
        monitor_of(spec, layers if design is None else design.layers, models),
        design,
        generator,
        _drive(spec, layers, models),
    )


def mesh_parts(number: int, spec: NetworkSpec, models: Models) -> MeshParts:
    """The parts of the mesh that is layer `number` of a network; raises as `build_network`, and for another layer."""
    layer = spec.layers[number]
    if not isinstance(layer, MeshLayer):
        raise BadInput(f"network.layers[{number}]", "a mesh", layer.kind, "Name the number of a mesh.")
    places = topology(layer.topology, spec.ports)
    coupler, shifter_model = (scattering_model(name, models) for name in (layer.coupler, layer.phase_shifter))
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
        None if layer.tap is None else tap_model(layer.tap, models),
    )


def _layer(number: int, spec: NetworkSpec, models: Models, generator: Generator) -> Layer:
    layer = spec.layers[number]
    match layer:
        case MeshLayer():
            return mesh_of(mesh_parts(number, spec, models))
        case AbsorberLayer():
            return AbsorberActivation(_absorber(number, layer, spec, models), layer.probe)
        case ElectronicLayer():
            detector = spec.readout.detector
            return ElectronicActivation(generator, None if detector is None else receiver(detector))
        case NetlistLayer():
            linear = {n.device: scattering_model(n.device, models) for n in layer.nodes.values()}
            return netlist_circuit(f"network.layers[{number}]", layer, spec.wavelength_um, linear)


def _absorber(number: int, layer: AbsorberLayer, spec: NetworkSpec, models: Models) -> AbsorberModel:
    model = absorber_model(layer.absorber, models)
    if layer.spread is None:
        return model.cascade(layer.sections)
    factors = absorber_factors(layer.spread, number, spec.ports).tolist()
    return AbsorberRow(tuple(model.varied(*pair).cascade(layer.sections) for pair in factors))


def _generator(spec: NetworkSpec) -> Generator:
    given = spec.generator
    if given is None:
        return IdealGenerator()
    full_scale = np.sqrt(1e-3 * given.full_scale_mw)
    dark = 0.0 if given.extinction_db is None else 10.0 ** (-given.extinction_db / 20.0)
    return ModulatorBank(float(full_scale), given.bits, float(full_scale * dark), generator_errors(given, spec.ports))


def _drive(spec: NetworkSpec, layers: tuple[Layer, ...], models: Models) -> PhaseDrive:
    """Ideal unless a mesh names heaters or converters."""
    drives: list[PhaseDrive] = []
    for number, (given, layer) in enumerate(zip(spec.layers, layers, strict=True)):
        if isinstance(given, MeshLayer) and isinstance(layer, Mesh):
            drives.append(_mesh_drive(f"network.layers[{number}].heater", given, layer, spec, models))
        else:
            drives.append(IdealDrive())
    if all(isinstance(drive, IdealDrive) for drive in drives):
        return IdealDrive()
    return NetworkDrive(tuple(zip(phase_slices(layers), drives, strict=True)))


def _mesh_drive(where: str, layer: MeshLayer, mesh: Mesh, spec: NetworkSpec, models: Models) -> PhaseDrive:
    converter = None if layer.drive is None else Converter(layer.drive.bits, layer.drive.full_scale_rad)
    if layer.heater is None or layer.plane_pitch_um is None or layer.guide_pitch_um is None:
        return IdealDrive() if converter is None else MeshDrive(None, False, converter)
    model = heater_model(layer.heater.device, models)
    positions = heater_positions(mesh.topology, layer.plane_pitch_um, layer.guide_pitch_um)
    try:
        heaters = heater_drive(model, spec.wavelength_um, positions)
    except BadInput as error:
        raise BadInput(f"{where}: {error.where}", error.expected, error.got, error.cure) from error
    return MeshDrive(heaters, layer.heater.crosstalk == "corrected", converter)
