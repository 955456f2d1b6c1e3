"""Training rules: how the gradient in the phases is got, and from what.

A rule is a function (phases (P,), input fields (N, B), random generator) → (detector readings (K, B), pull_back), where
pull_back(∂L/∂readings (K, B)) gives dL/dphase (P,); what is measured takes its noise from the generator. What a rule
may read of the network is what it is built from:

- digital-bp from the `Network` itself: the exact gradient of the compiled model.
- optical-bp from a `PhysicalNetwork`: output fields and tap readings, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import BadInput
from fdtd_onn.network.models import Complex
from fdtd_onn.network.network import Network
from fdtd_onn.network.readout import Readout
from fdtd_onn.specs.layout import RuleName

Real = NDArray[np.float64]
PullBack: TypeAlias = Callable[[Real], Real]
Rule: TypeAlias = Callable[[Real, Complex, np.random.Generator], tuple[Real, PullBack]]
SendBack: TypeAlias = Callable[[Complex], Real]


@dataclass(frozen=True)
class PhysicalNetwork:
    """What an experimenter has of the network on the bench.

    readout: the detectors.
    illuminate: (phases (P,), input fields (N, B), generator) → output fields (N, B), measured coherently, and
        `send_back`. `send_back(light (N, B))` sends light into the outputs while the forward light is on, and gives
        what the monitor reads at the taps, (P,): Im Σ_batch a b of the forward and backward field at each shifter.
    """

    readout: Readout
    illuminate: Callable[[Real, Complex, np.random.Generator], tuple[Complex, SendBack]]


def physical_network(network: Network) -> PhysicalNetwork:
    """The compiled network in the place of the physical one, with its models out of reach."""

    def illuminate(phases: Real, x: Complex, rng: np.random.Generator) -> tuple[Complex, SendBack]:
        y, residuals = network.forward(phases, x)

        def send_back(light: Complex) -> Real:
            _leaving, at_taps = network.send_back(phases, residuals, light)
            return network.monitor.overlap(at_taps, rng)

        return y, send_back

    return PhysicalNetwork(network.readout, illuminate)


def digital_bp(network: Network) -> Rule:
    """Backpropagation through the compiled model, with both Wirtinger derivatives of the activations: exact."""

    def rule(phases: Real, x: Complex, rng: np.random.Generator) -> tuple[Real, PullBack]:
        y, residuals = network.forward(phases, x)

        def pull_back(reading_gradient: Real) -> Real:
            return network.adjoint(phases, residuals, network.readout.pull_back(y, reading_gradient))[1]

        return network.readout.read(y), pull_back

    return rule


def optical_bp(physical: PhysicalNetwork) -> Rule:
    """End-to-end optical backpropagation (Guo et al., Photon. Res. 9, B71 (2021); Spall et al., Adv. Photon. 7 (2025)).

    The output error δ travels back as light, through the absorbers as a weak probe beside the pump, and
    dL/dφ = −2 Im Σ a b at every shifter (Hughes et al., Optica 5, 864 (2018)). It differs from the exact gradient by
    ∂y/∂E* of the absorbers, by what the probe's transmission lacks of ∂y/∂E, and by heating-dependent loss.
    """

    def rule(phases: Real, x: Complex, rng: np.random.Generator) -> tuple[Real, PullBack]:
        y, send_back = physical.illuminate(phases, x, rng)

        def pull_back(reading_gradient: Real) -> Real:
            return -2.0 * send_back(physical.readout.pull_back(y, reading_gradient))

        return physical.readout.read(y), pull_back

    return rule


def make_rule(name: RuleName, network: Network) -> Rule:
    """The rule of that name, given no more of the network than it may read. Raises BadInput for an unknown name."""
    if name == "digital-bp":
        return digital_bp(network)
    if name == "optical-bp":
        return optical_bp(physical_network(network))
    raise BadInput("rule", "digital-bp or optical-bp", repr(name), "Choose one of these.")
