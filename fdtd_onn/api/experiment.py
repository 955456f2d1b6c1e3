"""The whole way: a layout's devices to responses, to models, to a network, to trainings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fdtd_onn.api.characterize import AnyResponse, Listener
from fdtd_onn.api.devices import study_devices
from fdtd_onn.api.networks import layout_devices, train
from fdtd_onn.network.build import build_network
from fdtd_onn.network.network import Network
from fdtd_onn.reduce import AnyModel
from fdtd_onn.responses.field_map import FieldMap
from fdtd_onn.specs.layout import ExperimentSpec, Layout, RuleName
from fdtd_onn.specs.load import design_path, load_layout
from fdtd_onn.store import Store
from fdtd_onn.training.datasets import make_dataset
from fdtd_onn.training.run import TrainingRun

#: (trainings finished, trainings in all, share of the current one)
TrainingListener = Callable[[int, int, float], None]


@dataclass(frozen=True, eq=False)
class Experiment:
    """Everything a run of a layout gave, station by station; dictionaries are keyed by the layout's short names.

    responses: the characterised family of every device (one member unless it is tunable).
    fields: the light in each linear device, at the first member of its family.
    runs: one training per rule and seed, rule by rule.
    """

    layout: Layout
    responses: dict[str, list[AnyResponse]]
    fields: dict[str, FieldMap]
    models: dict[str, AnyModel]
    network: Network
    runs: tuple[TrainingRun, ...]


def run_layout(
    layout: str | Path,
    store: Store | None = None,
    workers: int | None = None,
    on_fullwave: Listener | None = None,
    on_training: TrainingListener | None = None,
    checkpoints: Path | None = None,
) -> Experiment:
    """Characterise, compile, compose and train what a layout says; checkpoints: as for `train_all`.

    Raises BadInput, EngineMissing or RunFailed.
    """
    spec = load_layout(layout)
    experiment = spec.experiment
    devices = layout_devices(spec, design_path(layout, "layouts").parent)
    study = study_devices(devices, experiment.fidelity, store, workers, on_fullwave)
    network = build_network(spec.network, study.models)
    runs = train_all(network, experiment, on_training, checkpoints)
    return Experiment(spec, study.responses, study.fields, study.models, network, runs)


def state_file(rule: RuleName, seed: int) -> str:
    """Name of the file that keeps a training's state."""
    return f"{rule}-{seed}.h5"


def train_all(
    network: Network,
    experiment: ExperimentSpec,
    listener: TrainingListener | None = None,
    checkpoints: Path | None = None,
) -> tuple[TrainingRun, ...]:
    """One training per rule and seed of an experiment, rule by rule. Raises BadInput.

    checkpoints: folder for the state of each training (`state_file`), from which it goes on if it was stopped.
    """
    plan = [(rule, seed) for rule in experiment.rules for seed in experiment.seeds]
    datasets = {seed: make_dataset(experiment.dataset, seed, experiment.files) for seed in experiment.seeds}
    runs: list[TrainingRun] = []
    for rule, seed in plan:

        def progress(epoch: int, epochs: int, loss: float) -> None:
            if listener is not None:
                listener(len(runs), len(plan), epoch / epochs)

        runs.append(
            train(
                network,
                datasets[seed],
                rule,
                seed,
                experiment.epochs,
                experiment.batch_size,
                experiment.learning_rate,
                progress,
                None if checkpoints is None else checkpoints / state_file(rule, seed),
            )
        )
    if listener is not None:
        listener(len(plan), len(plan), 0.0)
    return tuple(runs)
