"""A whole S-matrix, smooth over frequency and, if tunable, one parameter: its evaluation and exact derivative."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class SmoothMatrix:
    """S_ij(f, q) = exp(2πi f τ_ij) · P_ij(x, y), or · exp P_ij(x, y) where `logarithmic`; P a Chebyshev polynomial.

    frequency_range: (2,) in 1/µm, x runs from −1 to 1 over it. parameter_range: (2,), the same for y; (0, 0) if there
    is no parameter. delay_um: (n, n) carrier τ, in µm of vacuum path. logarithmic: (n, n).
    coefficients: (n, n, degree_f + 1, degree_q + 1).
    """

    frequency_range: Real
    parameter_range: Real
    delay_um: Real
    logarithmic: NDArray[np.bool_]
    coefficients: Complex

    def __post_init__(self) -> None:
        """Refuse arrays that do not belong together."""
        n = self.delay_um.shape[0]
        shapes = (self.delay_um.shape, self.logarithmic.shape, self.coefficients.shape[:2])
        if any(shape != (n, n) for shape in shapes) or self.coefficients.ndim != 4 or 0 in self.coefficients.shape:
            raise ValueError(f"delay, logarithmic and coefficients must start with shape (n, n), got {shapes}")
        for name, pair in (("frequency_range", self.frequency_range), ("parameter_range", self.parameter_range)):
            if pair.shape != (2,) or pair[1] < pair[0]:
                raise ValueError(f"{name} must be (lowest, highest), got {pair.tolist()}")
        if not 0.0 < self.frequency_range[0] < self.frequency_range[1]:
            raise ValueError(f"frequency_range must be positive, got {self.frequency_range.tolist()}")
        for array in (self.frequency_range, self.parameter_range, self.delay_um, self.logarithmic, self.coefficients):
            array.setflags(write=False)

    def at(self, frequency: float, values: Real) -> Complex:
        """S[out, in] at one frequency and m parameter values, (m, n, n)."""
        polynomial = self._along_parameter(frequency)
        return np.asarray(self._carrier(frequency) * self._entry(self._evaluate(polynomial, values)))

    def parameter_derivative(self, frequency: float, values: Real) -> Complex:
        """dS/dq at one frequency and m parameter values, (m, n, n)."""
        low, high = self.parameter_range
        polynomial = self._along_parameter(frequency)
        slope = self._evaluate(chebyshev.chebder(polynomial, axis=2) * 2.0 / (high - low), values)
        chain = np.where(self.logarithmic, self._entry(self._evaluate(polynomial, values)), 1.0)
        return np.asarray(self._carrier(frequency) * chain * slope)

    def _carrier(self, frequency: float) -> Complex:
        return np.asarray(np.exp(2j * np.pi * frequency * self.delay_um))

    def _entry(self, polynomial: Complex) -> Complex:
        return np.where(self.logarithmic, np.exp(np.where(self.logarithmic, polynomial, 0.0)), polynomial)

    def _along_parameter(self, frequency: float) -> Complex:
        """Coefficients (n, n, degree_q + 1) left after fixing the frequency."""
        x = to_unit_interval(np.array([frequency]), self.frequency_range)
        basis = chebyshev.chebvander(x, self.coefficients.shape[2] - 1)[0]
        return np.asarray(np.einsum("ijfq,f->ijq", self.coefficients, basis))

    def _evaluate(self, polynomial: Complex, values: Real) -> Complex:
        basis = chebyshev.chebvander(to_unit_interval(values, self.parameter_range), polynomial.shape[2] - 1)
        return np.asarray(np.einsum("ijq,mq->mij", polynomial, basis))


def to_unit_interval(values: Real, ends: Real) -> Real:
    """Scale so that the ends become −1 and 1; everything is 0 if they coincide."""
    low, high = ends
    return np.zeros_like(values) if high == low else (2.0 * values - low - high) / (high - low)
