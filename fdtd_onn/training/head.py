"""The digital end of a network: detector readings to class probabilities and loss."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Head:
    """Class scores = gain · reading / unit + bias.

    gain: trained. bias: (K,), trained. unit: what a reading is measured against, fixed (√W or W as the reading's).
    """

    gain: float
    bias: Real
    unit: float

    def scores(self, readings: Real) -> Real:
        """Scores (K, B) of readings (K, B)."""
        return self.gain * readings / self.unit + self.bias[:, None]

    def gradients(self, readings: Real, score_gradient: Real) -> tuple[Real, float, Real]:
        """∂L/∂readings (K, B), dL/dgain and dL/dbias (K,) from ∂L/∂scores (K, B)."""
        gain = float(np.sum(score_gradient * readings) / self.unit)
        return score_gradient * (self.gain / self.unit), gain, score_gradient.sum(axis=1)


def cross_entropy(scores: Real, labels: NDArray[np.intp]) -> tuple[float, Real]:
    """Softmax cross-entropy in nats, mean over the batch, and its derivative in the scores (K, B)."""
    samples = np.arange(labels.size)
    shifted = scores - scores.max(axis=0)  # keeps exp from overflowing; softmax does not change
    log_probability = shifted - np.log(np.exp(shifted).sum(axis=0))
    gradient = np.exp(log_probability)
    gradient[labels, samples] -= 1.0
    return float(-log_probability[labels, samples].mean()), gradient / labels.size
