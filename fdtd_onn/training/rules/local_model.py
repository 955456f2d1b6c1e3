"""Rules that measure the fields in front of every layer, and know each layer by a digital model of it."""

from __future__ import annotations

import numpy as np

from fdtd_onn.network.models import Complex
from fdtd_onn.network.network import Network
from fdtd_onn.training.rules.bench import ProbedNetwork
from fdtd_onn.training.rules.estimate import Effort, Estimate, Loss, Real, Rule


def physics_aware(probed: ProbedNetwork, model: Network) -> Rule:
    """The model's Jacobians at the states that the device has gone through (Wright et al., Nature 601, 549 (2022)).

    A model that is wrong then errs in each Jacobian only, and not in where it is taken.
    """
    return _layer_by_layer(probed, model, None)


def direct_feedback_alignment(probed: ProbedNetwork, model: Network, rng: np.random.Generator) -> Rule:
    """The output error goes to every mesh at once, through fixed random matrices (Nøkland, NeurIPS 2016, eq. (7)).

    The last mesh gets the error's own field. What a random matrix (N, K) gives stands for the error behind the
    activation that follows an earlier mesh; from there it goes through this activation and this mesh, as the model
    has them at the measured fields in front of each.
    The matrices are drawn from `rng` here, once.
    """
    shape = (len(model.layers), model.spec.ports, len(model.spec.readout.ports))
    feedback = (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)) / np.sqrt(2.0 * shape[-1])
    return _layer_by_layer(probed, model, feedback)


def _layer_by_layer(probed: ProbedNetwork, model: Network, feedback: Complex | None) -> Rule:
    """Behind each mesh the error is the adjoint's, or, with feedback matrices (layers, N, K), a random one."""

    def rule(phases: Real, x: Complex, loss: Loss, rng: np.random.Generator) -> Estimate:
        readings, fields = probed.shine(phases, x, rng)
        _value, reading_gradient = loss(readings)
        fronts, set_phases = (model.generator.emit(x), *fields[:-1]), model.drive.actual(phases)
        delta, gradient = model.readout.pull_back(fields[-1], reading_gradient), np.empty(model.phase_count)
        for index, layer in reversed(list(enumerate(model.layers))):
            part = model.phase_slices[index]
            _y, residual = layer.forward(set_phases[part], fronts[index])
            delta, gradient[part] = layer.adjoint(set_phases[part], residual, delta)
            if feedback is not None and layer.phase_count:
                delta = feedback[index] @ reading_gradient
        effort = probed.effort(x.shape[1]) + Effort(model_passes=2 * x.shape[1])
        return Estimate(readings, model.drive.pull_back(gradient), effort)

    return rule
