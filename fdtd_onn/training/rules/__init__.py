"""Training rules: how the gradient in the phases is got, and from what.

What a rule may read of the network is what it is built from:

| rule | built from | backward path |
|---|---|---|
| digital-bp | the network itself | exact: the reference |
| in-silico | the network as drawn, and nothing of the device | exact, of the drawn network |
| optical-bp, in-situ | `PhysicalNetwork`: outputs, light sent back, taps | light |
| asymmetric | `EncapsulatedNetwork`: outputs; the network as drawn | the drawn network, at its own states |
| physics-aware | `ProbedNetwork`: fields between layers; the network as drawn | the drawn network, at measured states |
| dfa | the same | fixed random matrices, then each layer's model at measured states |
| spsa | `EncapsulatedNetwork`: outputs | none |
"""

from fdtd_onn.training.rules.bench import (
    EncapsulatedNetwork,
    PhysicalNetwork,
    ProbedNetwork,
    encapsulated_network,
    physical_network,
    probed_network,
)
from fdtd_onn.training.rules.choose import design_of, make_rule
from fdtd_onn.training.rules.digital import digital_bp
from fdtd_onn.training.rules.estimate import Effort, Estimate, Loss, Rule

__all__ = [
    "Effort",
    "EncapsulatedNetwork",
    "Estimate",
    "Loss",
    "PhysicalNetwork",
    "ProbedNetwork",
    "Rule",
    "design_of",
    "digital_bp",
    "encapsulated_network",
    "make_rule",
    "physical_network",
    "probed_network",
]
