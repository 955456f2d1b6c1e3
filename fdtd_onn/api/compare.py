"""Training rules side by side: the same network, data and noise for all of them."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from fdtd_onn.api.experiment import TrainingListener
from fdtd_onn.cluster.local import cores
from fdtd_onn.network.network import Network
from fdtd_onn.specs.layout import ExperimentSpec, RuleName
from fdtd_onn.training.bench_figures import training_effort
from fdtd_onn.training.datasets import Dataset, make_dataset
from fdtd_onn.training.loop import train
from fdtd_onn.training.objective import Objective
from fdtd_onn.training.rules import Effort, make_rule
from fdtd_onn.training.run import TrainingRun


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
class _Task:
    """One training, as it is handed to a process."""

    network: Network
    experiment: ExperimentSpec
    dataset: Dataset
    rule: RuleName
    seed: int


def compare_rules(
    network: Network,
    experiment: ExperimentSpec,
    workers: int | None = None,
    listener: TrainingListener | None = None,
) -> Comparison:
    """Train by every rule and seed of an experiment, in `workers` processes (all cores). Raises BadInput."""
    for rule in experiment.rules:
        make_rule(rule, network, 0)  # refuses a rule that the network is not for, before any training
    datasets = [make_dataset(experiment.dataset, seed, experiment.files) for seed in experiment.seeds]
    pairs = list(zip(experiment.seeds, datasets, strict=True))
    tasks = [_Task(network, experiment, data, rule, seed) for rule in experiment.rules for seed, data in pairs]
    runs: list[TrainingRun] = []
    for run in _side_by_side(tasks, cores() if workers is None else workers):
        runs.append(run)
        if listener is not None:
            listener(len(runs), len(tasks), 0.0)
    efforts = {run.rule: _effort(run, experiment) for run in runs[:: len(experiment.seeds)]}
    return Comparison(network, experiment, tuple(runs), efforts)


def _side_by_side(tasks: list[_Task], workers: int) -> Iterator[TrainingRun]:
    """The runs, in the order of the tasks."""
    if workers == 1 or len(tasks) == 1:
        yield from map(_train, tasks)
        return
    # Not forked: a forked process would inherit the locks of whatever threads the parent runs.
    with ProcessPoolExecutor(min(workers, len(tasks)), multiprocessing.get_context("spawn")) as pool:
        futures = [pool.submit(_train, task) for task in tasks]
        try:
            yield from (future.result() for future in futures)
        finally:
            for future in futures:
                future.cancel()


def _train(task: _Task) -> TrainingRun:
    plan = task.experiment
    return train(task.network, task.dataset, task.rule, task.seed, plan.epochs, plan.batch_size, plan.learning_rate)


def _effort(run: TrainingRun, experiment: ExperimentSpec) -> Effort:
    objective, rule = Objective(run.network, run.dataset, run.encoding), make_rule(run.rule, run.network, run.seed)
    return training_effort(objective, rule, experiment.batch_size, experiment.epochs)
