"""What a data set is: samples with labels, in three parts that share none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.responses.frozen import frozen
from fdtd_onn.specs.layout import DatasetName

Real = NDArray[np.float64]
Labels = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Samples:
    """features: (B, F). labels: (B,), the classes counted from 0."""

    features: Real
    labels: Labels

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        object.__setattr__(self, "features", frozen(self.features, np.float64))
        object.__setattr__(self, "labels", frozen(self.labels, np.intp))


@dataclass(frozen=True, eq=False)
class Dataset:
    """A data set split into parts that share no sample."""

    name: DatasetName
    train: Samples
    validation: Samples
    test: Samples

    @property
    def parts(self) -> tuple[Samples, Samples, Samples]:
        """Training, validation and test samples."""
        return self.train, self.validation, self.test

    @property
    def classes(self) -> int:
        """How many classes the training samples have."""
        return int(self.train.labels.max()) + 1


def stratified(labels: Labels, shares: tuple[float, ...], rng: np.random.Generator) -> list[Labels]:
    """Indices of the samples of each part, every class in the same shares to a sample, in random order.

    shares: of all parts but the last, which takes the rest.
    """
    parts: list[list[Labels]] = [[] for _ in range(len(shares) + 1)]
    for label in np.unique(labels):
        own = rng.permutation(np.flatnonzero(labels == label))
        ends = np.floor(np.cumsum(shares) * own.size).astype(int)
        for part, chosen in zip(parts, np.split(own, ends), strict=True):
            part.append(chosen)
    return [rng.permutation(np.concatenate(part)) for part in parts]
