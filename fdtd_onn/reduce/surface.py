"""One S-matrix entry as a Chebyshev polynomial in frequency and parameter, its degrees chosen by leaving points out.

Wavelengths are left out in thirds, parameter values one by one; never the ends, so that no prediction extrapolates.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Mask = NDArray[np.bool_]
LARGEST_DEGREE = 12  # along frequency; more would fit ripples that the characterised points do not support
GOOD_ENOUGH = 1.1  # the lowest degree within this factor of the best left-out error is taken


@dataclass(frozen=True, eq=False)
class Samples:
    """What is fitted: target (n_q, n_f) on the grid x (n_f,), y (n_q,), both scaled to −1 … 1.

    logarithmic: whether the entry is the target's exponential, or the target itself (its carrier taken off).
    """

    x: Real
    y: Real
    target: Complex
    logarithmic: bool


@dataclass(frozen=True, eq=False)
class Surface:
    """A fit: coefficients (degree_f + 1, degree_q + 1) and the largest |error| at fitted and at left-out points."""

    coefficients: Complex
    logarithmic: bool
    fit_error: float
    validation_error: float


def fit_surface(samples: Samples) -> Surface:
    """Choose the degrees, fit all points, and report the errors of the entry (not of its logarithm).

    With two or three parameter values the fit goes through all of them; the middle one of three, when left out, is
    predicted by a straight line, so the error reported is an upper bound.
    """
    n_q, n_f = samples.target.shape
    everything = np.ones((n_q, n_f), dtype=bool)
    along_f, along_q = _wavelength_folds(n_q, n_f), _parameter_folds(n_q, n_f)
    fewest = min(int(fold[0].sum()) for fold in along_f)
    degree_f = _lowest_good(min(LARGEST_DEGREE, fewest - 2), lambda d: _left_out_error(samples, along_f, d, n_q - 1))
    degree_q = n_q - 1
    if n_q > 3:
        degree_q = _lowest_good(n_q - 2, lambda d: _left_out_error(samples, along_q, degree_f, d))
    coefficients = _fit(samples, everything, degree_f, degree_q)
    return Surface(
        coefficients=coefficients,
        logarithmic=samples.logarithmic,
        fit_error=float(_errors(samples, coefficients).max()),
        validation_error=_left_out_error(samples, along_f + along_q, degree_f, degree_q),
    )


def _lowest_good(highest: int, error: Callable[[int], float]) -> int:
    errors = [error(degree) for degree in range(highest + 1)]
    return next(degree for degree, e in enumerate(errors) if e <= GOOD_ENOUGH * min(errors))


def _wavelength_folds(n_q: int, n_f: int) -> list[Mask]:
    """Masks (n_q, n_f) of what stays when each third of the inner wavelengths is left out."""
    index = np.arange(n_f)
    inner = (index > 0) & (index < n_f - 1)
    return [np.tile(~(inner & (index % 3 == third)), (n_q, 1)) for third in range(3)]


def _parameter_folds(n_q: int, n_f: int) -> list[Mask]:
    """Masks (n_q, n_f) of what stays when each inner parameter value is left out."""
    return [np.tile((np.arange(n_q) != left_out)[:, None], (1, n_f)) for left_out in range(1, n_q - 1)]


def _left_out_error(samples: Samples, folds: list[Mask], degree_f: int, degree_q: int) -> float:
    """Largest error at left-out points of fits without them."""
    return max(
        float(_errors(samples, _fit(samples, kept, degree_f, min(degree_q, kept.any(axis=1).sum() - 1)))[~kept].max())
        for kept in folds
    )


def _fit(samples: Samples, kept: Mask, degree_f: int, degree_q: int) -> Complex:
    """Least squares over the kept points; a logarithm is weighted by its entry, so that entry errors count alike."""
    y, x = np.meshgrid(samples.y, samples.x, indexing="ij")
    target = samples.target[kept]
    weight = np.exp(target.real) if samples.logarithmic else np.ones(target.size)
    design = chebyshev.chebvander2d(x[kept], y[kept], [degree_f, degree_q])
    solution = np.linalg.lstsq(design * weight[:, None], target * weight, rcond=None)[0]
    return np.asarray(solution.reshape(degree_f + 1, degree_q + 1))


def _errors(samples: Samples, coefficients: Complex) -> Real:
    """|error| of the entry at all points, (n_q, n_f)."""
    fitted = chebyshev.chebgrid2d(samples.x, samples.y, coefficients).T
    if samples.logarithmic:
        return np.asarray(np.abs(np.exp(fitted) - np.exp(samples.target)))
    return np.asarray(np.abs(fitted - samples.target))
