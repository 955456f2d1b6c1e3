"""Meshes that are set up by what comes out of them: power readings alone, no model of their parts.

The wanted matrix U sends light of the amplitudes U[k, :]* into output k alone. Every output power is a constant plus a
sinusoid in every single phase, whatever the couplers are: three readings give the phase of its maximum exactly.
What light does behind the last couplers changes no power, so that the output phase shifters stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

import numpy as np

from fdtd_onn.network.models import Complex, Real
from fdtd_onn.network.topology import MeshTopology

#: (phases (P,), input fields (N, B) in √W) → output powers (N, B) in W.
Powers: TypeAlias = Callable[[Real, Complex], Real]
THIRD = 2.0 * np.pi / 3.0


def configure_progressively(
    powers: Powers, unitary: Complex, topology: MeshTopology, start: Real, sweeps: int = 6
) -> Real:
    """Phases (P,) that bring a triangular mesh near to a unitary matrix but for the phases of its outputs.

    One output after another, the highest first, gets all of its own light by the nodes of its diagonal, which later
    ones do not touch (D. A. B. Miller, Photon. Res. 1, 1 (2013)). Nothing need be known: `start` (P,) may be anything.
    """
    phases = np.array(start, dtype=float)
    for output in range(topology.ports - 1, 0, -1):
        gain = partial(_own_power, powers, unitary[output].conj()[:, None], output)
        phases = _climb(gain, phases, _diagonal(topology, output), sweeps)
    return phases


def configure(powers: Powers, unitary: Complex, topology: MeshTopology, start: Real, sweeps: int = 20) -> Real:
    """Phases (P,) that bring a mesh of any topology near to a unitary matrix but for the phases of its outputs.

    Every phase in turn goes to the maximum of Σ_k (power at output k of light U[k, :]*), from a start (P,) such as that
    of `decompose`. For rectangular meshes, whose nodes no single output sees alone (R. Hamerly, S. Bandyopadhyay and
    D. Englund, Phys. Rev. Applied 18, 024019 (2022), have a method that needs fewer readings).
    """
    light = unitary.conj().T
    inner = np.flatnonzero(topology.shifter_plane < topology.planes - 1).tolist()
    return _climb(lambda p: float(np.trace(powers(p, light))), np.array(start, dtype=float), inner, sweeps)


def fidelity_but_for_outputs(transfer: Complex, unitary: Complex) -> float:
    """(Σ_k |(T U†)_kk|)²/(N tr T†T): the fidelity that the best output phase shifters would give."""
    overlaps = np.abs(np.sum(transfer * unitary.conj(), axis=1))
    return float(overlaps.sum() ** 2 / (len(unitary) * np.vdot(transfer, transfer).real))


def _own_power(powers: Powers, light: Complex, output: int, phases: Real) -> float:
    return float(powers(phases, light)[output, 0])


def _climb(gain: Callable[[Real], float], phases: Real, which: Sequence[int], sweeps: int) -> Real:
    """Set one phase after another to the maximum of its sinusoid, through all of them several times.

    A step is kept only if the gain rose: converters' steps, and heat that is not quite corrected, bend the sinusoid.
    """
    middle = gain(phases)
    for _sweep in range(sweeps):
        for place in which:
            move = np.zeros(phases.size)
            move[place] = 1.0
            ahead, behind = (gain(phases + turn * move) for turn in (THIRD, -THIRD))
            cosine, sine = (2.0 * middle - ahead - behind) / 3.0, (ahead - behind) / np.sqrt(3.0)
            there = phases + np.arctan2(sine, cosine) * move
            reached = gain(there)
            if reached > middle:
                phases, middle = there, reached
    return np.mod(phases, 2.0 * np.pi)


def _diagonal(topology: MeshTopology, output: int) -> list[int]:
    """The phases of the nodes that lead light up to an output of a triangular mesh, in the order that light passes."""
    start = 2 * (topology.ports - 1 - output)  # column of the diagonal's first node
    places = []
    for guide in range(output):
        for plane in (2 * (start + guide), 2 * (start + guide) + 1):
            here = (topology.shifter_plane == plane) & (topology.shifter_guide == guide)
            places.append(int(np.flatnonzero(here)[0]))
    return places
