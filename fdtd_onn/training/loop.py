"""The training loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import BadInput
from fdtd_onn.network.encoding import Encoding, fit_encoding
from fdtd_onn.network.network import Network
from fdtd_onn.specs.layout import RuleName
from fdtd_onn.training.adam import Adam
from fdtd_onn.training.datasets import Dataset
from fdtd_onn.training.objective import Objective
from fdtd_onn.training.rules import Rule, make_rule
from fdtd_onn.training.run import TrainingRun

Real: TypeAlias = NDArray[np.float64]
Labels: TypeAlias = NDArray[np.intp]
Progress: TypeAlias = Callable[[int, int, float], None]

COMPARISONS = 11  # of the rule's gradient with the exact one over a training
# Streams of noise beside the seed's own, so that rules with and without noise see the samples in the same order.
MEASURED, COMPARED = 1, 2


def train(
    network: Network,
    dataset: Dataset,
    rule: RuleName,
    seed: int,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    progress: Progress | None = None,
) -> TrainingRun:
    """Train a network's phases by a rule, and the digital gain and bias behind its detectors, with Adam.

    The seed sets the initial phases, the order of the samples, and the noise of what is measured.
    `progress(epoch, epochs, training loss)` is called after every epoch. Raises BadInput if the classes are not as many
    as the read ports, a number is not positive, or the brightest sample could drive an absorber beyond the power that
    it was compiled for.
    """
    _check(network, dataset, epochs, batch_size, learning_rate)
    encoding = fit_encoding(network.spec.input, network.spec.ports, dataset.train.features)
    _check_power(network, dataset, encoding)
    objective = Objective(network, dataset, encoding)
    apply = make_rule(rule, network)
    cosine_epochs = np.unique(np.linspace(0, epochs, COMPARISONS).round().astype(int))
    history, cosines = [], []
    for epoch, values in enumerate(_trajectory(objective, apply, seed, epochs, batch_size, learning_rate)):
        history.append(objective.evaluate(values))
        if epoch in cosine_epochs:
            cosines.append(objective.compare(apply, values, np.random.default_rng([seed, COMPARED, epoch])))
        if progress is not None and epoch > 0:
            progress(epoch, epochs, history[-1][0][0])
    phases, head = objective.split(values)
    return TrainingRun(
        network=network,
        dataset=dataset.name,
        rule=rule,
        seed=seed,
        loss=np.array([loss for loss, _accuracy in history]),
        accuracy=np.array([accuracy for _loss, accuracy in history]),
        cosine_epochs=cosine_epochs,
        gradient_cosine=np.array(cosines),
        encoding=encoding,
        phases=np.mod(phases, 2.0 * np.pi),
        head=head,
    )


def _trajectory(
    objective: Objective, rule: Rule, seed: int, epochs: int, batch_size: int, learning_rate: float
) -> Iterator[Real]:
    """The trained values before the first step and after every epoch."""
    order, noise = np.random.default_rng(seed), np.random.default_rng([seed, MEASURED])
    values = objective.start(order)
    yield values
    adam = Adam.start(values.size)
    x, labels = objective.encoding.fields(objective.dataset.train.features), objective.dataset.train.labels
    for _epoch in range(epochs):
        for batch in _batches(labels.size, batch_size, order):
            gradient = objective.gradient(rule, values, x[:, batch], labels[batch], noise)
            adam, values = adam.step(values, gradient, learning_rate)
        yield values


def _batches(samples: int, batch_size: int, rng: np.random.Generator) -> Iterator[Labels]:
    """Indices of every sample once, in random order."""
    order = rng.permutation(samples)
    for start in range(0, samples, batch_size):
        yield order[start : start + batch_size]


def _check(network: Network, dataset: Dataset, epochs: int, batch_size: int, learning_rate: float) -> None:
    ports, classes = len(network.spec.readout.ports), int(dataset.train.labels.max()) + 1
    if ports != classes:
        raise BadInput("network.readout.ports", f"{classes} ports, one a class", ports, "Name one port per class.")
    for name, value in (("epochs", epochs), ("batch_size", batch_size), ("learning_rate", learning_rate)):
        if value <= 0:
            raise BadInput(name, "a positive number", value, "Give a positive number.")


def _check_power(network: Network, dataset: Dataset, encoding: Encoding) -> None:
    """Refuse at the start what would otherwise fail at whatever epoch brings all light together on one guide."""
    brightest = max(float(np.sum(np.abs(encoding.fields(part.features)) ** 2, axis=0).max()) for part in dataset.parts)
    if brightest > network.max_power_w:
        power_mw = network.spec.input.power_mw
        expected = f"at most {power_mw * network.max_power_w / brightest:.3g} mW"
        cure = (
            f"Lower it, or characterise the absorber up to {1e3 * brightest:.3g} mW, the power of the brightest sample "
            f"(now {1e3 * network.max_power_w:.3g} mW)."
        )
        raise BadInput("network.input.power_mw", expected, f"{power_mw:g} mW", cure)
