"""Two-feature, two-class data sets that a network of a few ports can learn; none can be split by a straight line.

The tasks are those of Spall, Guo and Lvovsky, Adv. Photon. 7, 016004 (2025); the numbers here are this package's own.
Samples are drawn from a seed, alternately of either
class, and carry Gaussian noise of standard deviation `NOISE` on every feature.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fdtd_onn.specs.layout import DatasetName
from fdtd_onn.training.datasets.parts import Dataset, Labels, Real, Samples

NOISE = 0.1
TRAIN, VALIDATION, TEST = 300, 100, 400


def make_planar(name: DatasetName, seed: int) -> Dataset:
    """300 training, 100 validation and 400 test samples of one of `SHAPES`; the same seed gives the same numbers."""
    rng = np.random.default_rng(seed)
    labels = np.arange(TRAIN + VALIDATION + TEST) % 2
    features = SHAPES[name](labels, rng) + NOISE * rng.standard_normal((labels.size, 2))
    bounds = (slice(0, TRAIN), slice(TRAIN, TRAIN + VALIDATION), slice(TRAIN + VALIDATION, None))
    return Dataset(name, *(Samples(features[part], labels[part]) for part in bounds))


def _rings(labels: Labels, rng: np.random.Generator) -> Real:
    """Class 0 fills the disc of radius 0.5, class 1 the annulus from 0.75 to 1, both evenly over their area."""
    inner, outer = np.where(labels == 0, 0.0, 0.75), np.where(labels == 0, 0.5, 1.0)
    radius = np.sqrt(rng.uniform(inner**2, outer**2))
    angle = rng.uniform(0.0, 2.0 * np.pi, labels.size)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def _xor(labels: Labels, rng: np.random.Generator) -> Real:
    """Squares of side 0.8 in the four quadrants, 0.2 apart: class 0 where the features have one sign, class 1 else."""
    first = rng.choice([-1.0, 1.0], labels.size)
    signs = np.stack([first, np.where(labels == 0, first, -first)], axis=1)
    return np.asarray(signs * rng.uniform(0.1, 0.9, signs.shape))


def _arches(labels: Labels, rng: np.random.Generator) -> Real:
    """Two interleaved half circles of radius 1, the second upside down and shifted by (1, 0.5)."""
    angle = rng.uniform(0.0, np.pi, labels.size)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1.0 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    return np.where((labels == 0)[:, None], upper, lower)


SHAPES: dict[str, Callable[[Labels, np.random.Generator], Real]] = {"rings": _rings, "xor": _xor, "arches": _arches}
