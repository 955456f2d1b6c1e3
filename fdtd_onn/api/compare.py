"""Training rules side by side: the same network, data and noise for all of them."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from fdtd_onn.api.experiment import TrainingListener
from fdtd_onn.api.networks import train
from fdtd_onn.cluster.local import cores
from fdtd_onn.network.network import Network
from fdtd_onn.specs.layout import ExperimentSpec, RuleName
from fdtd_onn.training.bench_figures import training_effort
from fdtd_onn.training.objective import Objective
from fdtd_onn.training.rules import Effort, make_rule
from fdtd_onn.training.run import TrainingRun


@dataclass(frozen=True, eq=False)
class Comparison:
    """What each rule gave, and what one training by it took.

    runs: one per rule and seed, rule by rule. Those of one seed share data, first phases and order of the samples.
    """

    network: Network
    experiment: ExperimentSpec
    runs: tuple[TrainingRun, ...]
    efforts: dict[RuleName, Effort]


def compare_rules(
    network: Network,
    experiment: ExperimentSpec,
    workers: int | None = None,
    listener: TrainingListener | None = None,
) -> Comparison:
    """Train by every rule and seed of an experiment, in `workers` processes (all cores). Raises BadInput."""
    plan = [(rule, seed) for rule in experiment.rules for seed in experiment.seeds]
    for rule in experiment.rules:
        make_rule(rule, network, 0)  # refuses a rule that the network is not for, before any training
    runs: list[TrainingRun] = []
    for run in _side_by_side(network, experiment, plan, cores() if workers is None else workers):
        runs.append(run)
        if listener is not None:
            listener(len(runs), len(plan), 0.0)
    efforts = {run.rule: _effort(run, experiment) for run in runs}
    return Comparison(network, experiment, tuple(runs), efforts)


def _side_by_side(
    network: Network, experiment: ExperimentSpec, plan: list[tuple[RuleName, int]], workers: int
) -> Iterator[TrainingRun]:
    """The runs in the order of the plan."""
    if workers == 1 or len(plan) == 1:
        yield from (_one(network, experiment, rule, seed) for rule, seed in plan)
        return
    # Not forked: a forked process would inherit the locks of whatever threads the parent runs.
    with ProcessPoolExecutor(min(workers, len(plan)), multiprocessing.get_context("spawn")) as pool:
        futures = [pool.submit(_one, network, experiment, rule, seed) for rule, seed in plan]
        try:
            yield from (future.result() for future in futures)
        finally:
            for future in futures:
                future.cancel()


def _one(network: Network, experiment: ExperimentSpec, rule: RuleName, seed: int) -> TrainingRun:
    return train(
        network,
        experiment.dataset,
        rule,
        seed,
        experiment.epochs,
        experiment.batch_size,
        experiment.learning_rate,
    )


def _effort(run: TrainingRun, experiment: ExperimentSpec) -> Effort:
    objective = Objective(run.network, make_dataset(run.dataset, run.seed), run.encoding)
    return training_effort(objective, make_rule(run.rule, run.network, run.seed), experiment.batch_size, experiment.epochs)
