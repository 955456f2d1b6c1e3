"""What makes a training the one it is: its plan, its data, and what its network does to light."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.specs.layout import RuleName
from fdtd_onn.training.objective import Objective
from fdtd_onn.training.rules import Rule

Real: TypeAlias = NDArray[np.float64]

RESOLVED = 2**20  # parts of an array's largest value: processors differ by far less, devices by more
SAMPLES = 4  # of light that a network is known by


@dataclass(frozen=True)
class Plan:
    """How a training goes; all of it shapes the result."""

    rule: RuleName
    seed: int
    epochs: int
    batch_size: int
    learning_rate: float


def subject_of(objective: Objective, rule: Rule, plan: Plan) -> dict[str, Any]:
    """Texts and numbers by name that no other training shares.

    Data are known by a hash of their samples, devices by one of what the rule reads and infers of random light.
    """
    dataset = objective.dataset
    data = [array for part in dataset.parts for array in (part.features, part.labels)]
    own = {"dataset": dataset.name, "data": _digest(*data), "devices": _devices(objective, rule)}
    return asdict(plan) | own | {"network": objective.network.spec.model_dump(mode="json")}


def _devices(objective: Objective, rule: Rule) -> str:
    network, rng = objective.network, np.random.default_rng(0)
    shape = (network.spec.ports, SAMPLES)
    x = rng.standard_normal(shape) + 1j * rng.standard_normal(shape)
    x *= np.sqrt(network.spec.input.power_w) / np.linalg.norm(x, axis=0)
    phases = rng.uniform(0.0, 2.0 * np.pi, network.phase_count)
    estimate = rule(phases, x, _some_loss, rng)
    return _digest(estimate.readings, estimate.gradient)


def _some_loss(readings: Real) -> tuple[float, Real]:
    weights = np.random.default_rng(1).standard_normal(readings.shape)
    return float(np.sum(weights * readings)), weights


def _digest(*arrays: NDArray[Any]) -> str:
    """SHA-256 of arrays, each rounded to a part of its largest value."""
    sha = hashlib.sha256()
    for values in arrays:
        largest = float(np.abs(values).max())
        rounded = np.round(values * (RESOLVED / largest if largest > 0.0 else 1.0))
        sha.update(repr((largest > 0.0, values.shape)).encode() + rounded.astype("<i8").tobytes())
    return sha.hexdigest()
