"""Rules by their names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from fdtd_onn.errors import BadInput
from fdtd_onn.network.electronic import require_light_passes
from fdtd_onn.network.monitor import IdealMonitor, TapMonitor
from fdtd_onn.network.network import Network
from fdtd_onn.specs.layout import RuleName
from fdtd_onn.training.rules.asymmetric import asymmetric
from fdtd_onn.training.rules.backward_light import backward_light
from fdtd_onn.training.rules.bench import encapsulated_network, physical_network, probed_network
from fdtd_onn.training.rules.digital import digital_bp
from fdtd_onn.training.rules.estimate import Rule
from fdtd_onn.training.rules.local_model import direct_feedback_alignment, physics_aware
from fdtd_onn.training.rules.spsa import spsa

FEEDBACK = 3  # stream of the feedback matrices, beside those of the training loop


def make_rule(name: RuleName, network: Network, seed: int) -> Rule:
    """The rule of that name, given no more of the network than it may read.

    seed: of what a rule draws once. Raises BadInput for an unknown name, or a network that the rule is not for.
    """
    if name not in _RULES:
        raise BadInput("rule", f"one of {', '.join(_RULES)}", repr(name), "Choose one of these.")
    return _RULES[name](network, seed)


def design_of(network: Network) -> Network:
    """The network as drawn: all that a digital model beside the device can know."""
    return network if network.design is None else network.design


def _optical_bp(network: Network) -> Rule:
    require_light_passes("rule optical-bp", network, "Choose in-situ for such a network.")
    return backward_light(physical_network(replace(network, monitor=IdealMonitor())))


def _in_situ(network: Network) -> Rule:
    if not isinstance(network.monitor, TapMonitor):
        cure = "Give the meshes a tap and the network a [network.monitor], or choose optical-bp."
        raise BadInput("rule in-situ: network.monitor", "taps that read powers", "none", cure)
    return backward_light(physical_network(network))


_RULES: dict[str, Callable[[Network, int], Rule]] = {
    "digital-bp": lambda network, _seed: digital_bp(network),
    "in-silico": lambda network, _seed: digital_bp(design_of(network)),
    "optical-bp": lambda network, _seed: _optical_bp(network),
    "in-situ": lambda network, _seed: _in_situ(network),
    "asymmetric": lambda network, _seed: asymmetric(encapsulated_network(network), design_of(network)),
    "physics-aware": lambda network, _seed: physics_aware(probed_network(network), design_of(network)),
    "dfa": lambda network, seed: direct_feedback_alignment(
        probed_network(network), design_of(network), np.random.default_rng([seed, FEEDBACK])
    ),
    "spsa": lambda network, _seed: spsa(encapsulated_network(network)),
}
