"""Rules whose error travels back as light."""

from __future__ import annotations

import numpy as np

from fdtd_onn.network.models import Complex
from fdtd_onn.training.rules.bench import PhysicalNetwork
from fdtd_onn.training.rules.estimate import Estimate, Loss, Real, Rule


def backward_light(physical: PhysicalNetwork) -> Rule:
    """The output error δ is sent into the outputs, and dL/dφ = −2 Im Σ a b read at every shifter's tap.

    (Hughes et al., Optica 5, 864 (2018).) From the sections it is brought to the phases asked for by the heaters'
    crosstalk, as far as that is known from the drawing. What lies between the meshes makes two rules of it:

    - optical-bp: saturable absorbers, which δ passes as a weak probe beside the pump (Guo et al., Photon. Res. 9, B71
      (2021); Spall et al., Adv. Photon. 7, 016004 (2025)). It differs from the exact gradient by ∂y/∂E* of the
      absorbers, by what the probe's transmission lacks of ∂y/∂E, and by heating-dependent loss.
    - in-situ: taps that read powers, and, between the meshes, absorbers or electronics, which measure what leaves one
      mesh, apply the derivative digitally, and send it into the other (Pai et al., Science 380, 398 (2023)).
    """

    def rule(phases: Real, x: Complex, loss: Loss, rng: np.random.Generator) -> Estimate:
        y, send_back = physical.illuminate(phases, x, rng)
        readings = physical.readout.read(y)
        _value, reading_gradient = loss(readings)
        sections = -2.0 * send_back(physical.readout.pull_back(y, reading_gradient))
        return Estimate(readings, physical.pull_back(sections), physical.effort(x.shape[1]))

    return rule
