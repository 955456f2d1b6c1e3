"""The phases of a mesh for a wanted unitary matrix: in closed form for ideal couplers, by search for real ones.

An ideal node, of 50:50 couplers [[1, i], [i, 1]]/√2 and phase shifters e^{iφ}, on the pair of guides (i, i+1) is

    T(θ, φ) = i e^{iθ/2} [[s e^{iφ}, c], [c e^{iφ}, −s]],  s = sin θ/2, c = cos θ/2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from fdtd_onn.errors import BadInput
from fdtd_onn.network.mesh import Mesh
from fdtd_onn.network.models import Complex, Real
from fdtd_onn.network.network import Layer
from fdtd_onn.network.topology import MeshTopology, topology
from fdtd_onn.specs.layout import TopologyName

UNITARY = 1e-9  # largest entry of U†U − 1


@dataclass(frozen=True)
class Node:
    """One interferometer: its lower guide, and its internal and external phase in rad."""

    guide: int
    theta: float
    phi: float

    @property
    def matrix(self) -> Complex:
        """T(θ, φ), ordered (lower, upper)."""
        s, c, turn = np.sin(0.5 * self.theta), np.cos(0.5 * self.theta), np.exp(1j * self.phi)
        return 1j * np.exp(0.5j * self.theta) * np.array([[s * turn, c], [c * turn, -s]])

    @property
    def pair(self) -> slice:
        """Its two guides."""
        return slice(self.guide, self.guide + 2)


def decompose(unitary: Complex, name: TopologyName) -> Real:
    """Phases (N²,) in rad, in [0, 2π), that make an ideal mesh of that topology the unitary matrix (N, N), exactly.

    Triangular: Reck et al., Phys. Rev. Lett. 73, 58 (1994). Rectangular: Clements et al., Optica 3, 1460 (2016).
    Raises BadInput for a matrix that is not unitary.
    """
    matrix = np.array(unitary, dtype=complex)
    require_unitary(matrix)
    nodes, outputs = {"reck": _triangle, "clements": _rectangle}[name](matrix)
    return np.mod(_in_places(nodes, np.angle(outputs), topology(name, len(matrix))), 2.0 * np.pi)


def compensated(phases: Real, mesh: Mesh) -> Real:
    """Phases (P,) of the ideal mesh, changed for what a real one's guides and couplers delay; in [0, 2π).

    A guide that passes no coupler in a column lacks that coupler's delay, and sections need not be alike: what differs
    between the arms of a node is taken off its phase shifter, and the rest goes on to the next node. Exact for couplers
    that are ideal but for a common phase.
    """
    places, delay = mesh.topology, np.angle(mesh.shifters.forward(np.zeros(mesh.guides.forward.shape)))
    delay = delay + np.angle(mesh.guides.forward)
    on_guides, since = _on_guides(phases, places), np.zeros(places.ports)
    for plane in range(places.planes - 1):
        since = since + delay[plane]
        here = places.coupler_plane == plane
        for coupler, lower in zip(mesh.couplers.forward[here], places.coupler_guide[here].tolist(), strict=True):
            on_guides[plane, lower] -= since[lower] - since[lower + 1]
            since[lower : lower + 2] = since[lower + 1] + np.angle(coupler[0, 0])
    on_guides[-1] -= since + delay[-1]
    return np.mod(on_guides[places.shifter_plane, places.shifter_guide], 2.0 * np.pi)


def ideal_transfer(places: MeshTopology, phases: Real) -> Complex:
    """(N, N) of the mesh with ideal couplers and phase shifters, at phases (P,) in rad."""
    on_guides = _on_guides(phases, places)
    matrix = np.eye(places.ports, dtype=complex)
    for column, guides in enumerate(places.columns):
        for guide in guides.tolist():
            node = Node(guide, on_guides[2 * column + 1, guide], on_guides[2 * column, guide])
            matrix[node.pair] = node.matrix @ matrix[node.pair]
    return np.exp(1j * on_guides[-1])[:, None] * matrix


@dataclass(frozen=True, eq=False)
class PhaseFit:
    """Phases (P,) in rad, and the fidelity that they reach."""

    phases: Real
    fidelity: float


def fidelity(transfer: Complex, unitary: Complex) -> float:
    """|tr U†T|²/(N tr T†T), 1 where the transfer T is the unitary U but for a common factor: common loss is forgiven.

    This is the fidelity of Clements et al. (2016), equation (6).
    """
    overlap = np.vdot(unitary, transfer)
    return float(abs(overlap) ** 2 / (len(unitary) * np.vdot(transfer, transfer).real))


def fit_phases(layer: Layer, unitary: Complex, start: Real) -> PhaseFit:
    """The phases that bring a mesh or circuit of real parts nearest to a unitary matrix, searched from a start (P,).

    L-BFGS on the fidelity with the layer's exact adjoint; a local optimum, from `decompose` usually the best one.
    """
    inputs, count = np.eye(len(unitary), dtype=complex), len(unitary)

    def loss(phases: Real) -> tuple[float, Real]:
        transfer, residual = layer.forward(phases, inputs)
        overlap, power = np.vdot(unitary, transfer), np.vdot(transfer, transfer).real
        reached = abs(overlap) ** 2 / (count * power)
        rising = overlap.conj() * unitary.conj() / (count * power) - reached * transfer.conj() / power
        return float(1.0 - reached), -layer.adjoint(phases, residual, rising)[1]

    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 2000, "ftol": 0.0, "gtol": 1e-10})
    phases = np.mod(found.x, 2.0 * np.pi)
    return PhaseFit(phases, fidelity(layer.forward(phases, inputs)[0], unitary))


def require_unitary(matrix: Complex) -> None:
    """Raise BadInput for a matrix that is not unitary."""
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or len(matrix) < 2:
        raise BadInput("unitary", "a square matrix of two rows or more", f"shape {matrix.shape}", "Pass another.")
    off = float(np.abs(matrix.conj().T @ matrix - np.eye(len(matrix))).max())
    if not off <= UNITARY:
        raise BadInput("unitary", f"U†U = 1 to {UNITARY:g}", f"{off:.2g} off", "Take a unitary factor of its SVD.")


def _triangle(u: Complex) -> tuple[list[Node], Complex]:
    """Nodes in the order that light passes them, and the factors behind: one row after another is emptied."""
    nodes = []
    for row in range(len(u) - 1, 0, -1):
        for guide in range(row):
            nodes.append(_emptying_column(u, row, guide))
            u[:, nodes[-1].pair] = u[:, nodes[-1].pair] @ nodes[-1].matrix.conj().T
    return nodes, np.diag(u)


def _rectangle(u: Complex) -> tuple[list[Node], Complex]:
    """The same, diagonals emptied from the inputs' side and from the outputs' side in turn."""
    count = len(u)
    first, last = [], []
    for diagonal in range(count - 1):
        for step in range(diagonal + 1):
            if diagonal % 2 == 0:
                node = _emptying_column(u, count - 1 - step, diagonal - step)
                u[:, node.pair] = u[:, node.pair] @ node.matrix.conj().T
                first.append(node)
            else:
                node = _emptying_row(u, count - 1 - diagonal + step, step)
                u[node.pair] = node.matrix @ u[node.pair]
                last.append(node)
    outputs, moved = np.diag(u).copy(), []
    for node in reversed(last):  # T⁻¹ D = D′ T′: nodes from the outputs' side change places with the factors
        lower, upper = outputs[node.pair]
        outputs[node.pair] = -np.exp(-1j * node.theta) * upper * np.array([np.exp(-1j * node.phi), 1.0])
        moved.append(Node(node.guide, node.theta, float(np.angle(lower / upper))))
    return first + moved, outputs


def _emptying_column(u: Complex, row: int, guide: int) -> Node:
    """The node whose inverse, in front of U, takes all of a row's light out of a guide into the one above."""
    a, b = u[row, guide], u[row, guide + 1]
    return Node(guide, float(2.0 * np.arctan2(abs(b), abs(a))), float(np.angle(-a * b.conj())))


def _emptying_row(u: Complex, row: int, column: int) -> Node:
    """The node that, behind U, takes all of a column's light out of a guide (row) into the one below."""
    a, b = u[row - 1, column], u[row, column]
    return Node(row - 1, float(2.0 * np.arctan2(abs(a), abs(b))), float(np.angle(b * a.conj())))


def _in_places(nodes: Sequence[Node], outputs: Real, places: MeshTopology) -> Real:
    """Phases in the topology's order: every node goes into the first column of its pair that light can still reach."""
    on_guides = np.zeros((places.planes, places.ports))
    on_guides[-1] = outputs
    reached = np.zeros(places.ports, dtype=int)
    for node in nodes:
        column = int(reached[node.pair].max())
        while node.guide not in places.columns[column]:
            column += 1
        on_guides[2 * column, node.guide], on_guides[2 * column + 1, node.guide] = node.phi, node.theta
        reached[node.pair] = column + 1
    return on_guides[places.shifter_plane, places.shifter_guide]


def _on_guides(phases: Real, places: MeshTopology) -> Real:
    on_guides = np.zeros((places.planes, places.ports))
    on_guides[places.shifter_plane, places.shifter_guide] = phases
    return on_guides
