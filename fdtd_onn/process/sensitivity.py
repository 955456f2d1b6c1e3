"""Slopes and bends by central differences, with the error of each.

Two steps, h₁ < h₂, are tried on several lattices. What the grid puts into a difference falls with the step; it shows in
the scatter over lattices, of whose mean it leaves the standard error. What the cubic term puts into it grows as the
step's square; it shows in the difference of the two. Of every quantity and variation, the step with the lower sum of
squares is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.process.expansion import Expansion

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sensitivities:
    """An expansion, the standard error of its slopes (n, variations), and the step that each was taken with."""

    expansion: Expansion
    error: Real
    step: Real


def sensitivities(nominal: Real, plus: Real, minus: Real, steps: Sequence[float], noise: Real) -> Sensitivities:
    """From values on m lattices: nominal (m, n); plus, minus (2, variations, m, n) at both steps.

    steps: in standard deviations. noise: (n,) standard error of single values beyond what lattices show.
    """
    h = np.array(steps)[:, None, None, None]
    slopes = (plus - minus) / (2.0 * h)
    bends = ((plus + minus - 2.0 * nominal) / h**2).mean(axis=2)
    mean = slopes.mean(axis=2)
    cubic = np.abs(mean[1] - mean[0]) * h[:, 0] ** 2 / (steps[1] ** 2 - steps[0] ** 2)
    errors = np.sqrt(scatter(slopes) ** 2 + 0.5 * (noise / h[:, 0]) ** 2 + cubic**2)
    chosen = np.argmin(errors, axis=0)[None]
    slope, bend, error = (np.take_along_axis(values, chosen, axis=0)[0].T for values in (mean, bends, errors))
    expansion = Expansion(nominal.mean(axis=0), slope, bend)
    return Sensitivities(expansion, error, np.asarray(steps)[chosen[0]].T)


def scatter(values: Real) -> Real:
    """Standard error of the mean over lattices, (…, n) of (…, m, n); zero for a single one, which cannot tell."""
    count = values.shape[-2]
    return np.asarray(values.std(axis=-2, ddof=1) / np.sqrt(count) if count > 1 else np.zeros_like(values[..., 0, :]))
