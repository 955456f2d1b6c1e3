"""Asymmetrical training: forward on the device, backward through a digital model that runs beside it."""

from __future__ import annotations

import numpy as np

from fdtd_onn.network.models import Complex
from fdtd_onn.network.network import Network
from fdtd_onn.training.rules.bench import EncapsulatedNetwork
from fdtd_onn.training.rules.estimate import Effort, Estimate, Loss, Real, Rule


def asymmetric(encapsulated: EncapsulatedNetwork, model: Network) -> Rule:
    """The measured output error, driven back through the model's own states (Wang et al., Nat. Commun. 16 (2025)).

    Only the outputs are read. Hidden states and Jacobians are those of the model, which runs forward beside the device
    with the same phases and inputs, and knows nothing of the device's errors.
    """

    def rule(phases: Real, x: Complex, loss: Loss, rng: np.random.Generator) -> Estimate:
        readings = encapsulated.shine(phases, x, rng)
        _value, reading_gradient = loss(readings)
        y, residuals = model.forward(phases, x)
        gradient = model.adjoint(phases, residuals, model.readout.pull_back(y, reading_gradient))[1]
        return Estimate(readings, gradient, encapsulated.effort(x.shape[1]) + Effort(model_passes=2 * x.shape[1]))

    return rule
