"""What every training rule is: a function from a batch to an estimate of the gradient, and what it took."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.network.models import Complex

Real: TypeAlias = NDArray[np.float64]
#: Detector readings (K, B) → loss, and ∂L/∂readings (K, B). It is computed digitally, whatever the rule.
Loss: TypeAlias = Callable[[Real], tuple[float, Real]]


@dataclass(frozen=True)
class Effort:
    """What one gradient costs, summed over the samples of its batch.

    passes: how often a sample's light is sent through the network, forward, backward or as a copy; all meshes at once.
    readings: conversions of a detector, at the outputs, between layers and at taps.
    settings: how often heaters have to settle at new phases.
    model_passes: sweeps of a sample through a digital model of the network, forward or backward.
    """

    passes: int = 0
    readings: int = 0
    settings: int = 0
    model_passes: int = 0

    def __add__(self, other: Effort) -> Effort:
        """Both, one after the other."""
        return Effort(
            self.passes + other.passes,
            self.readings + other.readings,
            self.settings + other.settings,
            self.model_passes + other.model_passes,
        )

    def __mul__(self, times: int) -> Effort:
        """The same, so many times."""
        return Effort(self.passes * times, self.readings * times, self.settings * times, self.model_passes * times)


@dataclass(frozen=True, eq=False)
class Estimate:
    """readings: (K, B) of the detectors, for the digital head. gradient: (P,), of the mean loss in the phases."""

    readings: Real
    gradient: Real
    effort: Effort


class Rule(Protocol):
    """How the gradient in the phases is got. What it may read of the network is what it has been built from."""

    def __call__(self, phases: Real, x: Complex, loss: Loss, rng: np.random.Generator) -> Estimate:
        """For phases (P,) and input fields (N, B); what is measured takes its noise from the generator."""
