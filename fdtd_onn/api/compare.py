"""Training rules side by side: the same network, data and noise for all of them."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.pool import IMapIterator
from multiprocessing.process import BaseProcess
from pathlib import Path

from fdtd_onn.api.characterize import Listener
from fdtd_onn.api.experiment import TrainingListener, state_file
from fdtd_onn.api.networks import load_models
from fdtd_onn.api.variants import require_varied, variants_of
from fdtd_onn.cluster.local import cores
from fdtd_onn.errors import RunFailed
from fdtd_onn.network.build import build_network
from fdtd_onn.network.network import Network
from fdtd_onn.parent import end_with_parent
from fdtd_onn.specs.layout import ExperimentSpec, RuleName
from fdtd_onn.specs.load import load_layout
from fdtd_onn.store import Store
from fdtd_onn.training.bench_figures import training_effort
from fdtd_onn.training.checkpoint import Checkpoint
from fdtd_onn.training.datasets import Dataset, make_dataset
from fdtd_onn.training.loop import train
from fdtd_onn.training.objective import Objective
from fdtd_onn.training.rules import Effort, make_rule
from fdtd_onn.training.run import TrainingRun

_LOOK_EVERY_S = 1.0


@dataclass(frozen=True, eq=False)
class Comparison:
    """What each rule gave, and what one training by it takes.

    runs: one per rule and seed, rule by rule. Those of one seed share data, first phases and order of the samples.
    """

    network: Network
    experiment: ExperimentSpec
    runs: tuple[TrainingRun, ...]
    efforts: dict[RuleName, Effort]


@dataclass(frozen=True, eq=False)
class ComparisonsOver:
    """The same comparison at every value of one property of the devices."""

    quantity: str
    values: tuple[float | str, ...]
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, eq=False)
class _Task:
    """One training, as it is handed to a process."""

    network: Network
    experiment: ExperimentSpec
    dataset: Dataset
    rule: RuleName
    seed: int
    checkpoint: Checkpoint | None


def compare_rules(
    network: Network,
    experiment: ExperimentSpec,
    workers: int | None = None,
    listener: TrainingListener | None = None,
    checkpoints: Path | None = None,
) -> Comparison:
    """Train by every rule and seed of an experiment, in `workers` processes (all cores). Raises BadInput.

    checkpoints: folder for the state of each training, from which it goes on if it was stopped, as for `train_all`.
    """
    return _compare([network], [""], experiment, workers, listener, checkpoints)[0]


def compare_over(
    layout: str | Path,
    quantity: str,
    experiment: ExperimentSpec,
    models: str | Path | None = None,
    store: Store | None = None,
    workers: int | None = None,
    on_fullwave: Listener | None = None,
    on_training: TrainingListener | None = None,
    checkpoints: Path | None = None,
) -> ComparisonsOver:
    """Train by every rule and seed at every value of one property of a layout's devices (`QUANTITIES`).

    All else as for `compare_rules`. Raises BadInput for a property that the network lacks, and as `load_models`.
    """
    require_varied(load_layout(layout), quantity)  # before any run
    compiled = load_models(layout, models, store, workers, on_fullwave)
    variants = variants_of(load_layout(layout), compiled, quantity)
    networks = [build_network(words, own) for _value, words, own in variants]
    names = [f"{quantity}-{number}-" for number in range(len(variants))]
    found = _compare(networks, names, experiment, workers, on_training, checkpoints)
    return ComparisonsOver(quantity, tuple(value for value, _, _ in variants), found)


def _compare(
    networks: Sequence[Network],
    names: Sequence[str],
    experiment: ExperimentSpec,
    workers: int | None,
    listener: TrainingListener | None,
    checkpoints: Path | None,
) -> tuple[Comparison, ...]:
    """One comparison for each network; names: with which their checkpoints' begin."""
    for network in networks:
        for rule in experiment.rules:
            make_rule(rule, network, 0)  # refuses a rule that the network is not for, before any training
    data = {seed: make_dataset(experiment.dataset, seed, experiment.files) for seed in experiment.seeds}
    tasks = [
        _Task(network, experiment, data[seed], rule, seed, _checkpoint(checkpoints, name, rule, seed))
        for network, name in zip(networks, names, strict=True)
        for rule in experiment.rules
        for seed in experiment.seeds
    ]
    runs: list[TrainingRun] = []
    for run in _side_by_side(tasks, cores() if workers is None else workers):
        runs.append(run)
        if listener is not None:
            listener(len(runs), len(tasks), 0.0)
    each = len(experiment.rules) * len(experiment.seeds)
    groups = [tuple(runs[start : start + each]) for start in range(0, len(runs), each)]
    return tuple(_comparison(*pair, experiment) for pair in zip(networks, groups, strict=True))


def _comparison(network: Network, runs: tuple[TrainingRun, ...], experiment: ExperimentSpec) -> Comparison:
    efforts = {run.rule: _effort(run, experiment) for run in runs[:: len(experiment.seeds)]}
    return Comparison(network, experiment, runs, efforts)


def _checkpoint(folder: Path | None, name: str, rule: RuleName, seed: int) -> Checkpoint | None:
    return None if folder is None else Checkpoint(folder / f"{name}{state_file(rule, seed)}")


def _side_by_side(tasks: list[_Task], workers: int) -> Iterator[TrainingRun]:
    """The runs, in the order of the tasks."""
    if workers == 1 or len(tasks) == 1:
        yield from map(_train, tasks)
        return
    others = multiprocessing.active_children()
    # Not forked: a forked process would inherit the locks of whatever threads the parent runs. Leaving the pool kills
    # its processes, which loses nothing: what they have done is in their checkpoints, whole at any moment.
    with multiprocessing.get_context("spawn").Pool(min(workers, len(tasks)), end_with_parent) as pool:
        own = [process for process in multiprocessing.active_children() if process not in others]
        results = pool.imap(_train, tasks)
        for task in tasks:
            yield _next(results, own, task)


def _next(results: IMapIterator[TrainingRun], processes: Sequence[BaseProcess], task: _Task) -> TrainingRun:
    """The next result; a pool itself would wait for ever for one that died with its process."""
    while True:
        try:
            return results.next(_LOOK_EVERY_S)
        except multiprocessing.TimeoutError:
            if not all(process.is_alive() for process in processes):
                title = f"{task.rule}, seed {task.seed}, or one that runs beside it"
                raise RunFailed(f"training by {title}: its process was killed; is there memory for so many?") from None


def _train(task: _Task) -> TrainingRun:
    plan = task.experiment
    return train(
        task.network,
        task.dataset,
        task.rule,
        task.seed,
        plan.epochs,
        plan.batch_size,
        plan.learning_rate,
        checkpoint=task.checkpoint,
    )


def _effort(run: TrainingRun, experiment: ExperimentSpec) -> Effort:
    objective, rule = Objective(run.network, run.dataset, run.encoding), make_rule(run.rule, run.network, run.seed)
    return training_effort(objective, rule, experiment.batch_size, experiment.epochs)
