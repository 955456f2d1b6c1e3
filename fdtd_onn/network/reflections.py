"""What a network leaves out by using its meshes in transmission only."""

from __future__ import annotations

from dataclasses import dataclass

from fdtd_onn.network.build import mesh_parts
from fdtd_onn.network.circuit_layer import CircuitLayer, reflection_difference
from fdtd_onn.network.lookup import Models
from fdtd_onn.network.mesh import Mesh
from fdtd_onn.network.models import Real
from fdtd_onn.network.network import Network
from fdtd_onn.network.parts import mesh_circuit


@dataclass(frozen=True)
class Reflections:
    """One linear layer, with all reflections between its parts and without.

    difference: ‖T − T₁‖/‖T‖ (Frobenius) of the transfer matrix T with them, and T₁ in transmission only.
    counted: whether the network itself has them, as netlists do.
    """

    layer: int
    difference: float
    counted: bool


def reflections(network: Network, models: Models, phases: Real) -> tuple[Reflections, ...]:
    """Of every mesh and netlist of a network, at phases (P,) as asked for; models: those that it was built from."""
    actual, found = network.drive.actual(phases), []
    for number, (layer, part) in enumerate(zip(network.layers, network.phase_slices, strict=True)):
        here = actual[part]
        if isinstance(layer, Mesh):
            sections = layer.sections(here)
            whole = mesh_circuit(mesh_parts(number, network.spec, models), sections)
            difference = reflection_difference(whole.circuit(sections.take(layer.topology.shifter_at)))
            found.append(Reflections(number, difference, counted=False))
        elif isinstance(layer, CircuitLayer):
            found.append(Reflections(number, reflection_difference(layer.circuit(here)), counted=True))
    return tuple(found)
