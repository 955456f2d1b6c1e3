"""What the report says of the trainings: each rule's accuracy over the seeds, and its gradient's cosine."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student_t

from fdtd_onn.training.run import TrainingRun

Real = NDArray[np.float64]
CONFIDENCE = 0.95
EXACT_RULE = "digital-bp"  # its gradient is the one that others are compared with


@dataclass(frozen=True)
class Spread:
    """A number over seeds. interval: 95 % confidence of the mean by Student's t; None for a single seed."""

    mean: float
    worst: float
    best: float
    interval: tuple[float, float] | None


@dataclass(frozen=True)
class RuleNumbers:
    """One rule's trainings. Accuracies are final; each is over all samples of its part of the data set.

    mean_cosine, lowest_cosine: of the rule's gradient with the exact one, per mesh, over epochs and seeds; None where
    no angle exists. loss, accuracy: (epochs + 1, 3) means over the seeds, of training, validation and test samples.
    """

    rule: str
    seeds: tuple[int, ...]
    train_accuracy: Spread
    validation_accuracy: Spread
    test_accuracy: Spread
    test_accuracies: tuple[float, ...]
    mean_cosine: tuple[float | None, ...]
    lowest_cosine: tuple[float | None, ...]
    loss: tuple[tuple[float, ...], ...]
    accuracy: tuple[tuple[float, ...], ...]


def by_rule(runs: tuple[TrainingRun, ...]) -> dict[str, tuple[TrainingRun, ...]]:
    """Runs grouped by rule, in their order."""
    return {rule: tuple(group) for rule, group in groupby(runs, key=lambda run: run.rule)}


def rule_numbers(rule: str, runs: tuple[TrainingRun, ...]) -> RuleNumbers:
    """Read them off the runs of one rule."""
    final = np.array([run.accuracy[-1] for run in runs])
    cosines = np.stack([run.gradient_cosine for run in runs])
    return RuleNumbers(
        rule=rule,
        seeds=tuple(run.seed for run in runs),
        train_accuracy=spread(final[:, 0]),
        validation_accuracy=spread(final[:, 1]),
        test_accuracy=spread(final[:, 2]),
        test_accuracies=tuple(final[:, 2].tolist()),
        mean_cosine=_defined(cosines.mean(axis=(0, 1))),
        lowest_cosine=_defined(cosines.min(axis=(0, 1))),
        loss=_rows(np.mean([run.loss for run in runs], axis=0)),
        accuracy=_rows(np.mean([run.accuracy for run in runs], axis=0)),
    )


def spread(accuracies: Real, possible: tuple[float, float] = (0.0, 1.0)) -> Spread:
    """Mean, extremes and confidence interval, kept within what is possible, of accuracies (seeds,)."""
    mean, count = float(accuracies.mean()), accuracies.size
    interval = None
    if count > 1:
        half = float(student_t.ppf(0.5 + 0.5 * CONFIDENCE, count - 1) * accuracies.std(ddof=1) / np.sqrt(count))
        interval = (max(mean - half, possible[0]), min(mean + half, possible[1]))
    return Spread(mean, float(accuracies.min()), float(accuracies.max()), interval)


def _defined(cosines: Real) -> tuple[float | None, ...]:
    return tuple(value if np.isfinite(value) else None for value in cosines.tolist())


def _rows(values: Real) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in values.tolist())
