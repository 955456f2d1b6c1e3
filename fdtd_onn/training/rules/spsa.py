"""Simultaneous perturbation: the loss alone."""

from __future__ import annotations

import numpy as np

from fdtd_onn.network.models import Complex
from fdtd_onn.training.rules.bench import EncapsulatedNetwork
from fdtd_onn.training.rules.estimate import Estimate, Loss, Real, Rule

STEP_RAD = 0.05  # of every phase; the estimate's bias grows with its square


def spsa(encapsulated: EncapsulatedNetwork) -> Rule:
    """All phases are moved at once, each by ±`STEP_RAD` at random, and back (Spall, IEEE T. Autom. Control 37, 332).

    gradient = (L₊ − L₋)/(2 step) · signs; its mean is the gradient up to the step's square, and its variance grows with
    the number of phases. The head reads the mean of both readings.
    """

    def rule(phases: Real, x: Complex, loss: Loss, rng: np.random.Generator) -> Estimate:
        signs = rng.choice([-1.0, 1.0], phases.size)
        both = [encapsulated.shine(phases + side * STEP_RAD * signs, x, rng) for side in (1.0, -1.0)]
        (above, _), (below, _) = (loss(readings) for readings in both)
        gradient = (above - below) / (2.0 * STEP_RAD) * signs
        return Estimate(np.mean(both, axis=0), gradient, encapsulated.effort(x.shape[1]) * 2)

    return rule
