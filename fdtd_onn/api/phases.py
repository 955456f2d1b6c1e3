"""The phases that make a mesh of a network a wanted unitary matrix: of the mesh as drawn, or found on the built one."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from fdtd_onn.errors import BadInput
from fdtd_onn.network.decompose import compensated, decompose, fidelity, fit_phases, require_unitary
from fdtd_onn.network.drive import MeshDrive, NetworkDrive, PhaseDrive
from fdtd_onn.network.heating import TWO_PI, HeaterDrive
from fdtd_onn.network.mesh import Mesh
from fdtd_onn.network.models import Complex, Real
from fdtd_onn.network.network import IDEAL_DRIVE, IDEAL_GENERATOR, Network
from fdtd_onn.network.self_configure import configure, configure_progressively, fidelity_but_for_outputs
from fdtd_onn.specs.layout import MeshLayer, NetworkSpec


@dataclass(frozen=True, eq=False)
class MeshPhases:
    """Phases (P,) in rad as the drive is asked for them, at shifters behind `plane` (P,) on `guide` (P,).

    fidelity_drawn, fidelity_built: |tr U†T|²/(N tr T†T) of the mesh as drawn, and with the errors of its fabrication.
    fidelity_but_for_outputs: of the built mesh, if every output had the phase that suits it best.
    """

    layer: int
    topology: str
    plane: tuple[int, ...]
    guide: tuple[int, ...]
    phase_rad: Real
    fidelity_drawn: float
    fidelity_built: float
    fidelity_but_for_outputs: float


def mesh_phases(
    network: Network, unitary: Complex, layer: int | None = None, self_configuring: bool = False
) -> MeshPhases:
    """The phases of one mesh for a unitary matrix (N, N); layer: its number, which a network of one mesh need not have.

    They are found in closed form and then by search on the mesh as drawn. self_configuring: from there on, from output
    powers of the built mesh alone, its converters and crosstalk included; the outputs' own phases do not show there.
    Raises BadInput for another layer, and a matrix of another size or one that is not unitary.
    """
    number = require_realisable(network.spec, unitary, layer)
    spec, drawn = network.spec.layers[number], network if network.design is None else network.design
    mesh = drawn.layers[number]
    assert isinstance(spec, MeshLayer)
    assert isinstance(mesh, Mesh)
    start = compensated(decompose(unitary, spec.topology), mesh)
    phases = fit_phases(_alone(drawn, number, converted=False), unitary, start).phases
    built = _alone(network, number)
    if self_configuring:
        phases = _configured(built, unitary, phases, mesh, spec)
    transfer = _transfer(built, phases)
    return MeshPhases(
        number,
        spec.topology,
        tuple(mesh.topology.shifter_plane.tolist()),
        tuple(mesh.topology.shifter_guide.tolist()),
        phases,
        fidelity(_transfer(_alone(drawn, number), phases), unitary),
        fidelity(transfer, unitary),
        fidelity_but_for_outputs(transfer, unitary),
    )


def require_realisable(spec: NetworkSpec, unitary: Complex, layer: int | None = None) -> int:
    """The number of the mesh that is meant; raises BadInput as `mesh_phases`, before there is a network."""
    meshes = [number for number, each in enumerate(spec.layers) if isinstance(each, MeshLayer)]
    number = meshes[0] if layer is None and len(meshes) == 1 else layer
    if number is None or number not in meshes:
        got = "none given" if layer is None else str(layer)
        expected = f"the number of a mesh: {', '.join(map(str, meshes))}" if meshes else "a layout with a mesh"
        raise BadInput("layer", expected, got, "Name one of the layout's meshes.")
    if unitary.shape != (spec.ports, spec.ports):
        expected = f"a matrix of shape ({spec.ports}, {spec.ports})"
        raise BadInput("unitary", expected, f"shape {unitary.shape}", "Give a matrix of the layout's size.")
    require_unitary(unitary)
    return number


def _alone(network: Network, number: int, converted: bool = True) -> Network:
    """One layer with its own drive and ideal light, without the converters' steps if they are not wanted."""
    drive: PhaseDrive = network.drive.parts[number][1] if isinstance(network.drive, NetworkDrive) else IDEAL_DRIVE
    if isinstance(drive, MeshDrive) and not converted:
        drive = replace(drive, converter=None)
    return replace(network, layers=(network.layers[number],), design=None, generator=IDEAL_GENERATOR, drive=drive)


def _transfer(mesh: Network, phases: Real) -> Complex:
    return mesh.forward(phases, np.eye(mesh.spec.ports, dtype=complex))[0]


def _configured(built: Network, unitary: Complex, start: Real, mesh: Mesh, spec: MeshLayer) -> Real:
    """Phases as the drive is asked for them.

    Every one that is searched has to move light as one phase does: where crosstalk is left, those are what the heaters
    of all sections come to by the drawn crosstalk.
    """
    heaters = _left_to_warm_others(built.drive)

    def asked(phases: Real) -> Real:
        return phases if heaters is None else heaters.own_within_a_turn(phases)

    def powers(phases: Real, light: Complex) -> Real:
        return np.asarray(np.abs(built.forward(asked(phases), light)[0]) ** 2)

    method = configure_progressively if spec.topology == "reck" else configure
    first = start if heaters is None else heaters.folded @ np.mod(start, TWO_PI)
    return asked(method(powers, unitary, mesh.topology, first))


def _left_to_warm_others(drive: PhaseDrive) -> HeaterDrive | None:
    return drive.heaters if isinstance(drive, MeshDrive) and not drive.corrected else None
