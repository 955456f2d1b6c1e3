"""The commands that work on layouts of networks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fdtd_onn.api import compare_rules, load_network, run_layout, sweep_fidelity, train_all
from fdtd_onn.api.ranks import require_one_process
from fdtd_onn.cli import summaries
from fdtd_onn.cli.compare import experiment_with, measuring
from fdtd_onn.cli.options import Json, LayoutFile, ModelsFolder, StoreFolder, Workers, store_at
from fdtd_onn.cli.progress import bars
from fdtd_onn.report import make_folder_of, require_free, write_comparison, write_fidelity, write_report
from fdtd_onn.report.compare import as_plain, comparison_rows
from fdtd_onn.report.fidelity import fidelity_rows
from fdtd_onn.specs.layout import DatasetName, RuleName
from fdtd_onn.specs.load import load_layout


def train_(
    layout: LayoutFile,
    models: ModelsFolder = None,
    dataset: Annotated[DatasetName | None, typer.Option(help="Instead of the layout's.")] = None,
    rule: Annotated[RuleName | None, typer.Option(help="One rule instead of the layout's.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="One seed instead of the layout's.")] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(help="Folder to keep the trainings' state in; the same command goes on from what it finds there."),
    ] = None,
    store: StoreFolder = None,
    workers: Workers = None,
    json: Json = False,
) -> None:
    """Train the network of a layout and print how well it does."""
    require_one_process("train")
    experiment = load_layout(layout).experiment
    if checkpoint is not None:
        make_folder_of(checkpoint / "state")
    chosen = {
        "rules": experiment.rules if rule is None else (rule,),
        "seeds": experiment.seeds if seed is None else (seed,),
        "dataset": experiment.dataset if dataset is None else dataset,
    }
    with bars(quiet=json) as shown:
        network = load_network(layout, models, store_at(store), workers, shown.on_fullwave)
        runs = train_all(network, experiment.model_copy(update=chosen), shown.on_training, checkpoint)
    summaries.show([summaries.of_training(run) for run in runs], json)


def compare(
    layout: LayoutFile,
    out: Annotated[Path, typer.Option(help="Folder for the table, its figure and its numbers.")],
    rules: Annotated[str | None, typer.Option(help="Instead of the layout's, with commas between.")] = None,
    seeds: Annotated[str | None, typer.Option(help="Instead of the layout's: 0,1,2 or 0:9.")] = None,
    models: ModelsFolder = None,
    store: StoreFolder = None,
    workers: Workers = None,
    json: Json = False,
) -> None:
    """Training rules side by side: accuracy with confidence, and what a training takes in light, readings and time."""
    require_one_process("compare")
    require_free(out)
    experiment = experiment_with(load_layout(layout).experiment, rules, seeds)
    with bars(quiet=json) as shown:
        network = load_network(layout, models, store_at(store), workers, shown.on_fullwave)
        comparison = compare_rules(network, experiment, workers, shown.on_training)
    file = write_comparison(comparison, out)
    if json:
        summaries.show(as_plain(comparison, comparison_rows(comparison)), as_json=True)
    else:
        print(file.read_text(encoding="utf-8"), end="")


def fidelity(
    layout: LayoutFile,
    out: Annotated[Path, typer.Option(help="Folder for the table, its figure and its numbers.")],
    rules: Annotated[str | None, typer.Option(help="With commas between; without it, those that measure.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the data, the phases and the noise.")] = 0,
    models: ModelsFolder = None,
    json: Json = False,
) -> None:
    """How near each rule's gradient is to the exact one, over what the network's devices are, one property by one."""
    require_one_process("fidelity")
    require_free(out)
    experiment = experiment_with(load_layout(layout).experiment, rules, None)
    chosen = experiment.rules if rules is not None else measuring(experiment.rules)
    with bars(quiet=json) as shown:
        swept = sweep_fidelity(layout, chosen, seed, models, lambda done, of: shown.on_training(done, of, 0.0))
    file = write_fidelity(swept, out)
    if json:
        summaries.show([vars(row) for row in fidelity_rows(swept)], as_json=True)
    else:
        print(file.read_text(encoding="utf-8"), end="")


def run(
    layout: LayoutFile,
    out: Annotated[Path, typer.Option(help="Folder for the report, its figures, numbers and models.")],
    store: StoreFolder = None,
    workers: Workers = None,
    json: Json = False,
) -> None:
    """The whole way: characterise, compile, compose, train, report."""
    require_one_process("run")
    require_free(out)
    with bars(quiet=json) as shown:
        experiment = run_layout(layout, store_at(store), workers, shown.on_fullwave, shown.on_training)
    page = write_report(experiment, out)
    rows = [summaries.of_training(run) for run in experiment.runs]
    if json:
        summaries.show({"report": str(page), "trainings": rows}, as_json=True)
    else:
        summaries.show(rows, as_json=False)
        print(f"report: {page}")
