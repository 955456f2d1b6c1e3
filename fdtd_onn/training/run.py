"""The result of a training."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.network.encoding import Encoding
from fdtd_onn.network.network import Network
from fdtd_onn.responses.frozen import frozen
from fdtd_onn.specs.layout import RuleName
from fdtd_onn.training.datasets import Dataset
from fdtd_onn.training.head import Head

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TrainingRun:
    """History and final values of one training.

    loss, accuracy: (epochs + 1, 3) of the training, validation and test samples; row 0 is before the first step.
    cosine_epochs: (m,) epochs after which the rule's gradient was compared with the exact one, first and last included.
    gradient_cosine: (m, meshes) cosine between both over the whole training set, mesh by mesh from the input side.
    phases: (P,) final phases in rad, in [0, 2π).
    """

    network: Network
    dataset: Dataset
    rule: RuleName
    seed: int
    loss: Real
    accuracy: Real
    cosine_epochs: NDArray[np.intp]
    gradient_cosine: Real
    encoding: Encoding
    phases: Real
    head: Head

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for name in ("loss", "accuracy", "gradient_cosine", "phases"):
            object.__setattr__(self, name, frozen(getattr(self, name), np.float64))
        object.__setattr__(self, "cosine_epochs", frozen(self.cosine_epochs, np.intp))

    @property
    def test_accuracy(self) -> float:
        """Of the final network."""
        return float(self.accuracy[-1, 2])


def predict(run: TrainingRun, features: Real) -> Real:
    """Class scores (K, B) of samples (B, F) by the trained network; on a grid of features, its decision boundary.

    Raises OutOfRange for samples so far out that their light exceeds what the absorbers were compiled for.
    """
    y, _residuals = run.network.forward(run.phases, run.encoding.fields(features))
    return run.head.scores(run.network.readout.read(y))
