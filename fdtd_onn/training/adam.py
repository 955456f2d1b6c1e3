"""The Adam optimiser (Kingma and Ba, arXiv:1412.6980, algorithm 1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]

DECAY_MEAN, DECAY_SQUARE, EPSILON = 0.9, 0.999, 1e-8  # the paper's values


@dataclass(frozen=True, eq=False)
class Adam:
    """State of the optimiser: number of steps done, and running mean of the gradient and of its square, (P,)."""

    steps: int
    mean: Real
    square: Real

    @staticmethod
    def start(parameters: int) -> Adam:
        """The state before the first step."""
        return Adam(0, np.zeros(parameters), np.zeros(parameters))

    def step(self, values: Real, gradient: Real, learning_rate: float) -> tuple[Adam, Real]:
        """The next state and the next values."""
        steps = self.steps + 1
        mean = DECAY_MEAN * self.mean + (1.0 - DECAY_MEAN) * gradient
        square = DECAY_SQUARE * self.square + (1.0 - DECAY_SQUARE) * gradient**2
        unbiased = mean / (1.0 - DECAY_MEAN**steps)
        spread = np.sqrt(square / (1.0 - DECAY_SQUARE**steps))
        return Adam(steps, mean, square), values - learning_rate * unbiased / (spread + EPSILON)
