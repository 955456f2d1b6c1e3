"""The training loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import BadInput
from fdtd_onn.network.encoding import Encoding, fit_encoding
from fdtd_onn.network.models import Complex
from fdtd_onn.network.network import Network
from fdtd_onn.specs.layout import RuleName
from fdtd_onn.training.adam import Adam
from fdtd_onn.training.checkpoint import Checkpoint
from fdtd_onn.training.datasets import Dataset
from fdtd_onn.training.objective import Objective
from fdtd_onn.training.rules import Rule, make_rule
from fdtd_onn.training.run import TrainingRun
from fdtd_onn.training.state import State, generator_at
from fdtd_onn.training.subject import Plan, subject_of

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
    checkpoint: Checkpoint | None = None,
) -> TrainingRun:
    """Train a network's phases by a rule, and the digital gain and bias behind its detectors, with Adam.

    The seed sets the initial phases, the order of the samples, and the noise of what is measured.
    `progress(epoch, epochs, training loss)` is called after every epoch. What `checkpoint` kept is gone on from, and
    the result is the same, bit by bit, as without a stop. Raises BadInput if the classes are not as many
    as the read ports, a number is not positive, the brightest sample could drive an absorber beyond the power that
    it was compiled for, or the checkpoint is of another training.
    """
    _check(network, dataset, epochs, batch_size, learning_rate)
    encoding = fit_encoding(network.spec.input, network.spec.ports, dataset.train.features)
    _check_power(network, dataset, encoding)
    objective = Objective(network, dataset, encoding)
    plan = Plan(rule, seed, epochs, batch_size, learning_rate)
    for state in _states(objective, make_rule(rule, network, seed), plan, checkpoint):
        if progress is not None and state.epoch > 0:
            progress(state.epoch, epochs, float(state.loss[-1, 0]))
    phases, head = objective.split(state.values)
    return TrainingRun(
        network=network,
        dataset=dataset,
        rule=rule,
        seed=seed,
        loss=state.loss,
        accuracy=state.accuracy,
        cosine_epochs=_cosine_epochs(epochs),
        gradient_cosine=state.cosines,
        encoding=encoding,
        phases=np.mod(phases, 2.0 * np.pi),
        head=head,
    )


def _states(objective: Objective, rule: Rule, plan: Plan, checkpoint: Checkpoint | None) -> Iterator[State]:
    """The state before the first step, or where a checkpoint left it, and after every epoch from there."""
    if checkpoint is None:
        return _from(_first(objective, rule, plan), objective, rule, plan)
    subject = subject_of(objective, rule, plan)
    kept = checkpoint.read(subject)
    start = _first(objective, rule, plan) if kept is None else kept
    return checkpoint.kept(_from(start, objective, rule, plan), subject)


def _from(state: State, objective: Objective, rule: Rule, plan: Plan) -> Iterator[State]:
    x, labels = objective.encoding.fields(objective.dataset.train.features), objective.dataset.train.labels
    yield state
    while state.epoch < plan.epochs:
        state = _after_epoch(state, objective, rule, plan, x, labels)
        yield state


def _first(objective: Objective, rule: Rule, plan: Plan) -> State:
    order, noise = np.random.default_rng(plan.seed), np.random.default_rng([plan.seed, MEASURED])
    values = objective.start(order)
    loss, accuracy = objective.evaluate(values)
    cosines = objective.compare(rule, values, np.random.default_rng([plan.seed, COMPARED, 0]))
    history = (np.array([row]) for row in (loss, accuracy, cosines))
    return State(values, Adam.start(values.size), order.bit_generator.state, noise.bit_generator.state, *history)


def _after_epoch(state: State, objective: Objective, rule: Rule, plan: Plan, x: Complex, labels: Labels) -> State:
    """The next state, by one step for every batch of the input fields (N, B)."""
    order, noise = generator_at(state.order), generator_at(state.noise)
    values, adam, epoch, cosines = state.values, state.adam, state.epoch + 1, state.cosines
    for batch in _batches(labels.size, plan.batch_size, order):
        gradient = objective.gradient(rule, values, x[:, batch], labels[batch], noise)
        adam, values = adam.step(values, gradient, plan.learning_rate)
    loss, accuracy = objective.evaluate(values)
    if epoch in _cosine_epochs(plan.epochs):
        compared = objective.compare(rule, values, np.random.default_rng([plan.seed, COMPARED, epoch]))
        cosines = np.vstack([cosines, compared])
    history = (np.vstack([state.loss, loss]), np.vstack([state.accuracy, accuracy]), cosines)
    return State(values, adam, order.bit_generator.state, noise.bit_generator.state, *history)


def _cosine_epochs(epochs: int) -> Labels:
    return np.unique(np.linspace(0, epochs, COMPARISONS).round().astype(int))


def _batches(samples: int, batch_size: int, rng: np.random.Generator) -> Iterator[Labels]:
    """Indices of every sample once, in random order."""
    order = rng.permutation(samples)
    for start in range(0, samples, batch_size):
        yield order[start : start + batch_size]


def _check(network: Network, dataset: Dataset, epochs: int, batch_size: int, learning_rate: float) -> None:
    ports, classes = len(network.spec.readout.ports), dataset.classes
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
