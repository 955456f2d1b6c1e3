"""Quantities as a quadratic in the variations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Expansion:
    """q(x) = nominal + first·x + ½ second·x², x the variations in standard deviations; no mixed terms.

    nominal: (n,) values. first, second: (n, variations), derivatives in units of q per standard deviation (squared).
    """

    nominal: Real
    first: Real
    second: Real

    def at(self, x: Real) -> Real:
        """Quantities (..., n) at variations (..., variations)."""
        return np.asarray(self.nominal + x @ self.first.T + 0.5 * x**2 @ self.second.T)

    @property
    def mean(self) -> Real:
        """Mean over independent standard normal x, (n,)."""
        return np.asarray(self.nominal + 0.5 * self.second.sum(axis=1))

    @property
    def deviation(self) -> Real:
        """Standard deviation over the same, (n,): x and x² − 1 are uncorrelated, with variances 1 and 2."""
        return np.sqrt(np.sum(self.first**2 + 0.5 * self.second**2, axis=1))
