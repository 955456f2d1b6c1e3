"""The loss of a network on a data set as a function of everything trained."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.network.encoding import Encoding
from fdtd_onn.network.models import Complex
from fdtd_onn.network.network import Network
from fdtd_onn.specs.layout import NetworkSpec
from fdtd_onn.training.datasets import Dataset, Samples
from fdtd_onn.training.head import Head, cross_entropy
from fdtd_onn.training.metrics import accuracy, cosine
from fdtd_onn.training.rules import Rule, digital_bp

Real = NDArray[np.float64]
Labels = NDArray[np.intp]

AT_ONCE = 2000  # samples that are evaluated together: every plane of every mesh keeps their fields
INITIAL_GAIN = 5.0  # absorbers take most of the light: scores of order one need the gain back


@dataclass(frozen=True, eq=False)
class Objective:
    """What stays fixed over a training; `values` (P + 1 + K,) are phases, gain and bias in one vector."""

    network: Network
    dataset: Dataset
    encoding: Encoding

    def start(self, rng: np.random.Generator) -> Real:
        """Initial values: phases evenly over the circle."""
        phases = rng.uniform(0.0, 2.0 * np.pi, self.network.phase_count)
        return np.concatenate([phases, [INITIAL_GAIN], np.zeros(len(self.network.spec.readout.ports))])

    def split(self, values: Real) -> tuple[Real, Head]:
        """Phases and digital head."""
        count = self.network.phase_count
        return values[:count], Head(float(values[count]), values[count + 1 :], reading_unit(self.network.spec))

    def gradient(self, rule: Rule, values: Real, x: Complex, labels: Labels, rng: np.random.Generator) -> Real:
        """Derivative of the mean loss over input fields (N, B) in the values, the phases' part by the rule."""
        phases, head = self.split(values)

        def loss(readings: Real) -> tuple[float, Real]:
            value, score_gradient = cross_entropy(head.scores(readings), labels)
            return value, head.gradients(readings, score_gradient)[0]

        estimate = rule(phases, x, loss, rng)
        _loss, score_gradient = cross_entropy(head.scores(estimate.readings), labels)
        _reading_gradient, gain, bias = head.gradients(estimate.readings, score_gradient)
        return np.concatenate([estimate.gradient, [gain], bias])

    def evaluate(self, values: Real) -> tuple[list[float], list[float]]:
        """Loss and accuracy of each part of the data set."""
        losses, accuracies = [], []
        for part in self.dataset.parts:
            scores = np.concatenate([self._scores(values, part.features[some]) for some in _slices(part)], axis=1)
            losses.append(cross_entropy(scores, part.labels)[0])
            accuracies.append(accuracy(scores, part.labels))
        return losses, accuracies

    def compare(self, rule: Rule, values: Real, rng: np.random.Generator) -> list[float]:
        """Cosine between the rule's gradient and the exact one over the training set, for each mesh."""
        got = self._mean_gradient(rule, values, rng)
        exact = self._mean_gradient(digital_bp(self.network), values, rng)
        return [cosine(got[part], exact[part]) for part in self.network.phase_slices if part.stop > part.start]

    def _scores(self, values: Real, features: Real) -> Real:
        phases, head = self.split(values)
        y, _residuals = self.network.forward(phases, self.encoding.fields(features))
        return head.scores(self.network.readout.read(y))

    def _mean_gradient(self, rule: Rule, values: Real, rng: np.random.Generator) -> Real:
        train = self.dataset.train
        total = np.zeros(values.size)
        for some in _slices(train):
            labels = train.labels[some]
            gradient = self.gradient(rule, values, self.encoding.fields(train.features[some]), labels, rng)
            total += labels.size / train.labels.size * gradient
        return total


def _slices(samples: Samples) -> list[slice]:
    return [slice(start, start + AT_ONCE) for start in range(0, samples.labels.size, AT_ONCE)]


def reading_unit(spec: NetworkSpec) -> float:
    """What readings are measured against: the mean input power in W, or its root for homodyne."""
    return spec.input.power_w if spec.readout.kind == "power" else float(np.sqrt(spec.input.power_w))
