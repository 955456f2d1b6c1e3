"""Circuits with all reflections: nodes of full S-matrices joined port to port, solved as one sparse linear system.

Every port p has an amplitude a_p that enters its node and one b_p that leaves it. Nodes give b = S a, joints a = P b on
joined ports, and the outside world the rest, so that (1 − P S) a = e (Monaco and Tiberio, IEEE Trans. Microw. Theory
Tech. 22, 650 (1974)). All paths through the circuit are in its solution, however often they are reflected.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, eye_array
from scipy.sparse.linalg import SuperLU, splu

from fdtd_onn.errors import BadInput, FdtdOnnError
from fdtd_onn.network.models import Complex
from fdtd_onn.specs.problems import closest

Indices = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Wiring:
    """Which port is joined to which.

    ports: (M,) names `node.port`, node by node. sizes: number of ports of each node.
    joints: (J, 2) numbers of the ports, light from the inputs leaving the first and entering the second.
    inputs, outputs: numbers of the ports to the outside. All other ports are closed without reflection.
    """

    ports: tuple[str, ...]
    sizes: tuple[int, ...]
    joints: Indices
    inputs: Indices
    outputs: Indices

    @property
    def first_ports(self) -> Indices:
        """(nodes,) number of each node's first port."""
        return np.cumsum((0, *self.sizes))[:-1].astype(np.intp)

    @property
    def first_entries(self) -> Indices:
        """(nodes,) where the entries of each node's S begin in a circuit's `entries`."""
        return np.cumsum((0, *np.square(self.sizes)))[:-1].astype(np.intp)

    @cached_property
    def places(self) -> tuple[Indices, Indices]:
        """Row and column in the circuit's S of every entry of the nodes' S, node by node, row by row."""
        counts = list(zip(self.first_ports, self.sizes, strict=True))
        rows = [np.repeat(first + np.arange(size), size) for first, size in counts]
        columns = [np.tile(first + np.arange(size), size) for first, size in counts]
        return np.concatenate(rows).astype(np.intp), np.concatenate(columns).astype(np.intp)


@dataclass(frozen=True, eq=False)
class Circuit:
    """Joined nodes with their S-matrices. s: (M, M), sparse, a block for each node."""

    wiring: Wiring
    s: csc_array

    def solve(self) -> SolvedCircuit:
        """Factorise the equations; FdtdOnnError if light can run round a loop for ever."""
        size = self.s.shape[0]
        one, other = self.wiring.joints.T
        ones = np.ones(2 * one.size)
        swap = csc_array((ones, (np.concatenate([one, other]), np.concatenate([other, one]))), shape=(size, size))
        try:
            factors = splu(csc_array(eye_array(size, format="csc") - swap @ self.s))
        except RuntimeError as error:
            cause = "expected losses in every loop of the circuit, got a resonance without any"
            raise FdtdOnnError(
                f"circuit: {cause}. Move the wavelength, or give the loop's devices their loss."
            ) from error
        return SolvedCircuit(self, factors)

    def transposed(self) -> Circuit:
        """The circuit of transposed nodes: what backward light would meet if every node were reciprocal."""
        return Circuit(self.wiring, csc_array(self.s.T))

    def without_reflections(self) -> Circuit:
        """The same in transmission only: no node sends light back to the side that it came from.

        A node's left side are its ports where light from the inputs enters, by the direction of the joints.
        """
        left = np.zeros(self.s.shape[0], dtype=bool)
        left[self.wiring.inputs] = True
        left[self.wiring.joints[:, 1]] = True
        entries = self.s.tocoo()
        kept = left[entries.row] != left[entries.col]
        places = (entries.row[kept], entries.col[kept])
        return Circuit(self.wiring, csc_array((entries.data[kept], places), shape=self.s.shape))


@dataclass(frozen=True, eq=False)
class SolvedCircuit:
    """A circuit with its equations factorised: light in it for any light from outside."""

    circuit: Circuit
    factors: SuperLU

    def entering(self, at_inputs: Complex, at_outputs: Complex) -> Complex:
        """Amplitudes (M, B) that enter the node at every port, for amplitudes (n, B) and (m, B) from outside, in √W."""
        wiring = self.circuit.wiring
        outside = np.zeros((len(wiring.ports), at_inputs.shape[1]), dtype=complex)
        outside[wiring.inputs] = at_inputs
        outside[wiring.outputs] = at_outputs
        return np.ascontiguousarray(self.factors.solve(outside))

    def leaving(self, entering: Complex) -> Complex:
        """Amplitudes (M, B) that leave the node at every port."""
        return np.asarray(self.circuit.s @ entering)

    def forward(self, at_inputs: Complex) -> Complex:
        """Amplitudes (M, B) that enter at every port for light into the inputs alone."""
        return self.entering(at_inputs, np.zeros((self.circuit.wiring.outputs.size, at_inputs.shape[1]), dtype=complex))

    def backward(self, at_outputs: Complex) -> Complex:
        """Amplitudes (M, B) that enter at every port for light into the outputs alone."""
        return self.entering(
            np.zeros((self.circuit.wiring.inputs.size, at_outputs.shape[1]), dtype=complex), at_outputs
        )

    def transfer(self) -> Complex:
        """(m, n) from the inputs to the outputs."""
        inputs = np.eye(self.circuit.wiring.inputs.size, dtype=complex)
        return self.leaving(self.forward(inputs))[self.circuit.wiring.outputs]


def circuit_of(wiring: Wiring, entries: Complex) -> Circuit:
    """The circuit of a wiring; entries: those of the nodes' S-matrices, node by node, row by row."""
    size = len(wiring.ports)
    return Circuit(wiring, csc_array((entries, wiring.places), shape=(size, size)))


def join(
    nodes: Mapping[str, tuple[tuple[str, ...], Complex]],
    joints: Sequence[tuple[str, str]],
    inputs: Sequence[str],
    outputs: Sequence[str],
) -> Circuit:
    """The circuit of named nodes (port names, S[out, in]) with ports written `node.port`; raises as `wire`."""
    wiring = wire({name: ports for name, (ports, _s) in nodes.items()}, joints, inputs, outputs)
    return circuit_of(wiring, np.concatenate([np.asarray(s, dtype=complex).ravel() for _ports, s in nodes.values()]))


def wire(
    nodes: Mapping[str, tuple[str, ...]],
    joints: Sequence[tuple[str, str]],
    inputs: Sequence[str],
    outputs: Sequence[str],
) -> Wiring:
    """Number the ports of named nodes. joints: pairs of ports `node.port`, in the direction of light from the inputs.

    Raises BadInput, naming the joint, for a port that does not exist or that is used twice.
    """
    ports = tuple(f"{node}.{port}" for node, names in nodes.items() for port in names)
    number = {port: i for i, port in enumerate(ports)}
    places: dict[str, str] = {}
    for where, port in _uses(joints, inputs, outputs):
        if port not in number:
            cure = closest(port, ports, "Name a port as node.port.")
            raise BadInput(where, f"one of the ports {_some(ports)}", ascii(port[:60]), cure)
        if port in places:
            got = f"{port} 2 times, first in {places[port]}"
            raise BadInput(where, "every port used once", got, "Join it once, or to the outside.")
        places[port] = where
    return Wiring(
        ports,
        tuple(len(names) for names in nodes.values()),
        np.array([[number[a], number[b]] for a, b in joints], dtype=np.intp).reshape(-1, 2),
        np.array([number[port] for port in inputs], dtype=np.intp),
        np.array([number[port] for port in outputs], dtype=np.intp),
    )


def _uses(
    joints: Sequence[tuple[str, str]], inputs: Sequence[str], outputs: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Every use of a port, with the key that it stands under."""
    for left, right in joints:
        yield from ((f"joints.{left[:60]!a} = {right[:60]!a}", port) for port in (left, right))
    yield from ((f"inputs[{i}]", port) for i, port in enumerate(inputs))
    yield from ((f"outputs[{i}]", port) for i, port in enumerate(outputs))


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
