"""A quantity that grows after something is switched on: a sum of exponentials."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Real = NDArray[np.float64]
_HALVINGS = 80


@dataclass(frozen=True, eq=False)
class StepResponse:
    """What is read a time t after switching on: Σ weights·(1 − exp(−t/times)), with times in µs, (n_t,) each."""

    times_us: Real
    weights: Real

    def at(self, t_us: ArrayLike) -> Real:
        """The reading at times in µs, same shape."""
        return np.asarray((1.0 - np.exp(-np.asarray(t_us, dtype=float)[..., None] / self.times_us)) @ self.weights)

    @property
    def final(self) -> float:
        """The steady reading."""
        return float(self.weights.sum())

    def time_to(self, share: float) -> float:
        """Time in µs after which this share of the final reading is reached."""
        low, high = 0.0, 50.0 * float(self.times_us.max())
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            reached = float(self.at(middle)) >= share * self.final
            low, high = (low, middle) if reached else (middle, high)
        return high

    @property
    def time_constant_us(self) -> float:
        """Time to 1 − 1/e of the final reading."""
        return self.time_to(1.0 - np.exp(-1.0))
