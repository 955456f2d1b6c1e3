"""Backpropagation in a digital model: the reference, and what becomes of it on a device that is not the model."""

from __future__ import annotations

import numpy as np

from fdtd_onn.network.models import Complex
from fdtd_onn.network.network import Network
from fdtd_onn.training.rules.estimate import Effort, Estimate, Loss, Real, Rule


def digital_bp(network: Network) -> Rule:
    """Backpropagation through the compiled model, with both Wirtinger derivatives of the activations: exact.

    Built from the network as it is, it is the reference for all others. Built from its design, it is training in
    silico: phases found in the model, and carried to a device that differs from it.
    """

    def rule(phases: Real, x: Complex, loss: Loss, rng: np.random.Generator) -> Estimate:
        y, residuals = network.forward(phases, x)
        readings = network.readout.read(y)
        _value, reading_gradient = loss(readings)
        gradient = network.adjoint(phases, residuals, network.readout.pull_back(y, reading_gradient))[1]
        return Estimate(readings, gradient, Effort(model_passes=2 * x.shape[1]))

    return rule
