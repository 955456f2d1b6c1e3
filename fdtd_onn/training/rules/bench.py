"""What an experimenter has of a network on the bench: views that give what can be measured, and nothing else.

The compiled network stands in the place of the physical one, with its models out of a rule's reach.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.network.electronic import ElectronicActivation
from fdtd_onn.network.mesh import Mesh
from fdtd_onn.network.models import Complex
from fdtd_onn.network.network import Network
from fdtd_onn.network.readout import Readout, receiver
from fdtd_onn.training.rules.estimate import Effort

Real: TypeAlias = NDArray[np.float64]
SendBack: TypeAlias = Callable[[Complex], Real]

QUADRATURES = 2  # of a field that is measured coherently


@dataclass(frozen=True)
class PhysicalNetwork:
    """A network whose outputs take light, and whose phase shifters have taps.

    readout: the detectors.
    illuminate: (phases (P,), input fields (N, B), generator) → output fields (N, B), measured coherently, and
        `send_back`. `send_back(light (N, B))` sends light into the outputs while the forward light is on, and gives
        what the monitor reads at the taps, (P,): Im Σ_batch a b of the forward and backward field at each shifter.
    pull_back: derivative (P,) in the phases asked for, from that in the driven sections' own. It is computed from where
        the heaters have been drawn, and no measurement of the device.
    effort: samples → what lighting them and one `send_back` take.
    """

    readout: Readout
    illuminate: Callable[[Real, Complex, np.random.Generator], tuple[Complex, SendBack]]
    pull_back: Callable[[Real], Real]
    effort: Callable[[int], Effort]


@dataclass(frozen=True)
class EncapsulatedNetwork:
    """A network of which the detectors at its outputs are all there is.

    shine: (phases (P,), input fields (N, B), generator) → detector readings (K, B).
    effort: samples → what that takes.
    """

    shine: Callable[[Real, Complex, np.random.Generator], Real]
    effort: Callable[[int], Effort]


@dataclass(frozen=True)
class ProbedNetwork:
    """A network with coherent receivers between its layers.

    shine: (phases (P,), input fields (N, B), generator) → detector readings (K, B), and the fields (N, B) behind each
        layer, the outputs' last.
    effort: samples → what that takes.
    """

    shine: Callable[[Real, Complex, np.random.Generator], tuple[Real, tuple[Complex, ...]]]
    effort: Callable[[int], Effort]


def physical_network(network: Network) -> PhysicalNetwork:
    """The network with its taps."""

    def illuminate(phases: Real, x: Complex, rng: np.random.Generator) -> tuple[Complex, SendBack]:
        bench = network.on_bench(rng)
        y, residuals = bench.forward(phases, x)

        def send_back(light: Complex) -> Real:
            _leaving, at_taps = bench.send_back(phases, residuals, light)
            return network.monitor.overlap(at_taps, rng)

        return network.readout.measured(y, rng), send_back

    def effort(samples: int) -> Effort:
        # A copy can only be sent when what leaves its mesh has been measured as a field.
        copied = _count(network, Mesh) if network.monitor.copy_passes else 0
        fields = QUADRATURES * network.spec.ports * samples * (copied + _count(network, ElectronicActivation))
        taps = network.phase_count * network.monitor.readings(samples)
        back = Effort(passes=samples * (1 + network.monitor.copy_passes), readings=taps + fields)
        return _lighting(network, samples) + back

    return PhysicalNetwork(network.readout, illuminate, network.drive.pull_back_sections, effort)


def encapsulated_network(network: Network) -> EncapsulatedNetwork:
    """The network with nothing but its detectors."""

    def shine(phases: Real, x: Complex, rng: np.random.Generator) -> Real:
        y, _residuals = network.on_bench(rng).forward(phases, x)
        return network.readout.read(network.readout.measured(y, rng))

    return EncapsulatedNetwork(shine, lambda samples: _lighting(network, samples))


def probed_network(network: Network) -> ProbedNetwork:
    """The network with receivers between its layers."""

    def shine(phases: Real, x: Complex, rng: np.random.Generator) -> tuple[Real, tuple[Complex, ...]]:
        *hidden, y = network.on_bench(rng).fields(phases, x)
        given = network.spec.readout.detector
        seen = hidden if given is None else [receiver(given).read(field, rng) for field in hidden]
        measured = network.readout.measured(y, rng)
        return network.readout.read(measured), (*seen, measured)

    def effort(samples: int) -> Effort:
        # All of the outputs are measured as fields, those of the detectors with them.
        fields = QUADRATURES * network.spec.ports * samples
        return Effort(passes=samples, readings=fields * len(network.layers), settings=1)

    return ProbedNetwork(shine, effort)


def _lighting(network: Network, samples: int) -> Effort:
    """Light sent once, the detectors read, and the fields that electronic layers have to measure on the way."""
    between = QUADRATURES * network.spec.ports * _count(network, ElectronicActivation)
    return Effort(passes=samples, readings=samples * (len(network.spec.readout.ports) + between), settings=1)


def _count(network: Network, kind: type) -> int:
    return sum(isinstance(layer, kind) for layer in network.layers)
