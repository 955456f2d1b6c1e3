"""The command `fdtd-onn`. Exit codes: 0 done, 1 failed, 2 bad input, 75 stopped by a signal, 130 interrupted."""

from __future__ import annotations

import sys
import time
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from fdtd_onn.api import (
    Check,
    Checks,
    characterize_all,
    compare_rules,
    compile_devices,
    load_network,
    outstanding,
    process_cost,
    process_spread,
    run_layout,
    study_devices,
    sweep_fidelity,
    train_all,
)
from fdtd_onn.api.ranks import end_all_ranks, is_first_rank, require_one_process
from fdtd_onn.cli import design, summaries
from fdtd_onn.cli import doctor as doctor_checks
from fdtd_onn.cli import store as store_commands
from fdtd_onn.cli.compare import experiment_with, measuring
from fdtd_onn.cli.export import export_to, is_model_file
from fdtd_onn.cli.library import compile_folder, is_folder
from fdtd_onn.cli.overrides import load_one, load_swept
from fdtd_onn.cli.progress import Interrupted, Stopped, bars, say_cost
from fdtd_onn.cli.sources import load_sources
from fdtd_onn.errors import BadInput, FdtdOnnError, OutOfRange, RunStopped
from fdtd_onn.library import design_names
from fdtd_onn.reduce import AnyModel
from fdtd_onn.report import (
    make_folder_of,
    require_free,
    write_comparison,
    write_device_pages,
    write_fidelity,
    write_heater,
    write_process,
    write_report,
    write_sweep,
)
from fdtd_onn.report.compare import as_plain, comparison_rows
from fdtd_onn.report.concerns import process_concerns
from fdtd_onn.report.fidelity import fidelity_rows
from fdtd_onn.responses.heating import HeaterResponse
from fdtd_onn.responses.scattering import Response
from fdtd_onn.responses.tap import TapResponse
from fdtd_onn.specs.device import Absorber, AnyDevice, Heater
from fdtd_onn.specs.device.base import Plane
from fdtd_onn.specs.fidelity import FidelityName
from fdtd_onn.specs.layout import DatasetName, RuleName
from fdtd_onn.specs.load import load_device, load_layout
from fdtd_onn.store import Store
from fdtd_onn.store.store import default_root

app = typer.Typer(
    help="From Maxwell's equations to a trained optical neural network.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(design.app, name="design")
app.add_typer(store_commands.app, name="store")

#: Exit code: try again, and it goes on.
STOPPED = 75
Json = Annotated[bool, typer.Option("--json", help="Machine-readable result on standard output.")]
Fidelity = Annotated[FidelityName, typer.Option(help="Resolution, margins and stop rule of the full-wave runs.")]
Dimensions = Annotated[
    int | None,
    typer.Option(min=2, max=3, help="2: effective indices in a plane; 3: the film itself (default: the file's)."),
]
InPlane = Annotated[
    Plane | None,
    typer.Option(help="Of runs in two dimensions: xy, the chip's; xz, upright along the guide (default: the file's)."),
]
StoreFolder = Annotated[
    Path | None, typer.Option("--store", help="Where results are kept (default: $FDTD_ONN_STORE or the user's cache).")
]
Workers = Annotated[int | None, typer.Option(min=1, help="Full-wave runs side by side (default: one per core).")]
Overrides = Annotated[list[str], typer.Option("--set", metavar="NAME=VALUE", help="Replace a parameter; repeatable.")]
Sweeps = Annotated[
    list[str],
    typer.Option("--set", metavar="NAME=VALUE", help="Replace a parameter, or sweep it: NAME=START:STOP:STEP."),
]
CheckInferred = Annotated[
    bool, typer.Option("--check-inferred", help="Run a column that a symmetry would give, and compare.")
]
CheckMargins = Annotated[
    bool, typer.Option("--check-margins", help="Run in a larger cell too, and add the change of S to its error.")
]
CheckSpectrum = Annotated[
    bool, typer.Option("--check-spectrum", help="Run an absorber's line in weak light over the wavelengths too.")
]
CheckRecovery = Annotated[bool, typer.Option("--check-recovery", help="Run an absorber's recovery after the pump too.")]
DeviceFile = Annotated[str, typer.Argument(help="A device file, or a name from the library (see `devices`).")]
LayoutFile = Annotated[str, typer.Argument(help="A layout file, or a name from the library (see `layouts`).")]


def _show_version(wanted: bool) -> None:
    if wanted:
        print(version("fdtd-onn"))
        raise typer.Exit


@app.callback()
def options(
    _version: Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Say it.")] = False,
) -> None:
    """From Maxwell's equations to a trained optical neural network."""


@app.command()
def doctor(json: Json = False) -> None:
    """Say what is installed, what is missing, and what to do about it."""
    raise typer.Exit(doctor_checks.print_checks(doctor_checks.checks(), as_json=json))


@app.command()
def devices(json: Json = False) -> None:
    """List the library's devices."""
    rows = [load_device(name) for name in design_names("devices")]
    summaries.show([{"name": d.name, "kind": d.kind, "summary": d.summary} for d in rows], json)


@app.command()
def layouts(json: Json = False) -> None:
    """List the library's layouts."""
    rows = [load_layout(name) for name in design_names("layouts")]
    summaries.show([{"name": x.name, "dataset": x.experiment.dataset, "summary": x.summary} for x in rows], json)


@app.command()
def characterize(
    device: DeviceFile,
    overrides: Sweeps = [],  # noqa: B006 - typer reads it, nothing changes it
    fidelity: Fidelity = "standard",
    dimensions: Dimensions = None,
    plane: InPlane = None,
    check_inferred: CheckInferred = False,
    check_margins: CheckMargins = False,
    check_spectrum: CheckSpectrum = False,
    check_recovery: CheckRecovery = False,
    figure: Annotated[Path | None, typer.Option(help="PNG to draw, for a sweep of one parameter or a heater.")] = None,
    store: StoreFolder = None,
    workers: Workers = None,
    json: Json = False,
) -> None:
    """Full-wave response of a device, or of a sweep. Under mpirun all ranks share each run."""
    subjects, swept = load_swept(device, overrides, dimensions, plane)
    checks = _checks(check_inferred, check_margins, check_spectrum, check_recovery)
    if figure is not None:
        _check_drawable(subjects[0], swept)
        make_folder_of(figure)
    if is_first_rank() and not json:
        say_cost(outstanding(subjects, fidelity, _store(store), checks), workers)
    with bars(quiet=json or not is_first_rank()) as shown:
        responses = characterize_all(subjects, fidelity, _store(store), workers, shown.on_fullwave, checks)
    if not is_first_rank():
        return
    if figure is not None:
        if isinstance(responses[0], HeaterResponse):
            write_heater(responses[0], figure)
        else:
            linear = [r.guided if isinstance(r, TapResponse) else r for r in responses]
            write_sweep([r for r in linear if isinstance(r, Response)], swept[0], figure)
    rows = [summaries.of_response(response) for response in responses]
    summaries.show(rows if swept else rows[0], json)


@app.command(name="compile")
def compile_(
    device: Annotated[str, typer.Argument(help="A device file, a name from the library, or a folder of device files.")],
    out: Annotated[Path, typer.Option(help="Model file to write (.h5); for a folder of devices, the models' folder.")],
    overrides: Overrides = [],  # noqa: B006 - typer reads it, nothing changes it
    fidelity: Fidelity = "standard",
    dimensions: Dimensions = None,
    plane: InPlane = None,
    check_inferred: CheckInferred = False,
    check_margins: CheckMargins = False,
    check_spectrum: CheckSpectrum = False,
    check_recovery: CheckRecovery = False,
    store: StoreFolder = None,
    workers: Workers = None,
    json: Json = False,
) -> None:
    """Compile a device, at all values of its tunable parameter, into a reduced model; characterise what is missing.

    Of a folder, every device: one model file each, and library.json, which says what they are.
    """
    require_one_process("compile")
    checks = _checks(check_inferred, check_margins, check_spectrum, check_recovery)
    if is_folder(device):
        folder = Path(device)
        return compile_folder(folder, out, overrides, fidelity, dimensions, plane, checks, _store(store), workers, json)
    subject = load_one(device, overrides, dimensions, plane)
    _check_free(subject, overrides)
    if not is_model_file(str(out)):
        raise BadInput("--out", "a name ending in .h5, by which models are known", str(out), "Name the file so.")
    make_folder_of(out)
    with bars(quiet=json) as shown:
        _, models = compile_devices({"device": subject}, fidelity, _store(store), workers, shown.on_fullwave, checks)
    models["device"].save(out)
    summaries.show(summaries.of_model(models["device"]) | {"file": str(out)}, json)


@app.command()
def export(
    source: Annotated[str, typer.Argument(help="A device, a layout (drawing only), or a compiled model (.h5).")],
    out: Annotated[
        Path,
        typer.Option(
            help="File to write: .gds (drawing, 1 um units, 1 nm grid, ports as labels), .s2p, .s4p, ... (Touchstone) "
            "or .dat (INTERCONNECT)."
        ),
    ],
    overrides: Annotated[
        list[str],
        typer.Option("--set", metavar="NAME=VALUE", help="Replace a parameter, or say at which value S is taken."),
    ] = [],  # noqa: B006 - typer reads it, nothing changes it
    fidelity: Fidelity = "standard",
    dimensions: Dimensions = None,
    plane: InPlane = None,
    store: StoreFolder = None,
    workers: Workers = None,
    json: Json = False,
) -> None:
    """Write the drawing of a device or of a layout's meshes, or a model's S-parameters; compute what is missing."""
    require_one_process("export")
    make_folder_of(out)
    with bars(quiet=json) as shown:

        def compile_one(device: AnyDevice) -> AnyModel:
            return compile_devices({"": device}, fidelity, _store(store), workers, shown.on_fullwave)[1][""]

        file = export_to(source, out, overrides, dimensions, plane, compile_one)
    summaries.show({"source": source, "file": str(file)}, json)


@app.command()
def process(
    device: DeviceFile,
    out: Annotated[Path, typer.Option(help="PNG to draw the spread into.")],
    overrides: Overrides = [],  # noqa: B006 - typer reads it, nothing changes it
    fidelity: Fidelity = "standard",
    dimensions: Dimensions = None,
    plane: InPlane = None,
    store: StoreFolder = None,
    workers: Workers = None,
    json: Json = False,
) -> None:
    """What fabrication makes of a device: sensitivities, spread and corners of the variations under [[process]]."""
    require_one_process("process")
    subject = load_one(device, overrides, dimensions, plane)
    make_folder_of(out)
    if not json:
        say_cost(process_cost(subject, fidelity, _store(store)), workers)
    with bars(quiet=json) as shown:
        spread = process_spread(subject, fidelity, _store(store), workers, shown.on_fullwave)
    write_process(spread, out)
    for concern in process_concerns(spread):
        print(f"warning: {concern}", file=sys.stderr)
    summaries.show(summaries.of_process(spread), json)


@app.command(name="train")
def train_(
    layout: LayoutFile,
    models: Annotated[Path | None, typer.Option(help="Folder of compiled models; with it Meep is not needed.")] = None,
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
        network = load_network(layout, models, _store(store), workers, shown.on_fullwave)
        runs = train_all(network, experiment.model_copy(update=chosen), shown.on_training, checkpoint)
    summaries.show([summaries.of_training(run) for run in runs], json)


@app.command()
def compare(
    layout: LayoutFile,
    out: Annotated[Path, typer.Option(help="Folder for the table, its figure and its numbers.")],
    rules: Annotated[str | None, typer.Option(help="Instead of the layout's, with commas between.")] = None,
    seeds: Annotated[str | None, typer.Option(help="Instead of the layout's: 0,1,2 or 0:9.")] = None,
    models: Annotated[Path | None, typer.Option(help="Folder of compiled models; with it Meep is not needed.")] = None,
    store: StoreFolder = None,
    workers: Workers = None,
    json: Json = False,
) -> None:
    """Training rules side by side: accuracy with confidence, and what a training takes in light, readings and time."""
    require_one_process("compare")
    require_free(out)
    experiment = experiment_with(load_layout(layout).experiment, rules, seeds)
    with bars(quiet=json) as shown:
        network = load_network(layout, models, _store(store), workers, shown.on_fullwave)
        comparison = compare_rules(network, experiment, workers, shown.on_training)
    file = write_comparison(comparison, out)
    if json:
        summaries.show(as_plain(comparison, comparison_rows(comparison)), as_json=True)
    else:
        print(file.read_text(encoding="utf-8"), end="")


@app.command()
def fidelity(
    layout: LayoutFile,
    out: Annotated[Path, typer.Option(help="Folder for the table, its figure and its numbers.")],
    rules: Annotated[str | None, typer.Option(help="With commas between; without it, those that measure.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the data, the phases and the noise.")] = 0,
    models: Annotated[Path | None, typer.Option(help="Folder of compiled models; with it Meep is not needed.")] = None,
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


@app.command()
def report(
    sources: Annotated[list[str], typer.Argument(help="Devices and compiled models (.h5).")],
    out: Annotated[Path, typer.Option(help="Folder for the pages, their figures, numbers and models.")],
    fidelity: Fidelity = "standard",
    dimensions: Dimensions = None,
    plane: InPlane = None,
    check_inferred: CheckInferred = False,
    check_margins: CheckMargins = False,
    check_spectrum: CheckSpectrum = False,
    check_recovery: CheckRecovery = False,
    store: StoreFolder = None,
    workers: Workers = None,
    json: Json = False,
) -> None:
    """A page per device: numbers, errors, figures, provenance; characterise and compile what is missing."""
    require_one_process("report")
    require_free(out)
    devices, models = load_sources(sources, dimensions, plane)
    with bars(quiet=json) as shown:
        checks = _checks(check_inferred, check_margins, check_spectrum, check_recovery)
        study = study_devices(devices, fidelity, _store(store), workers, shown.on_fullwave, checks)
    page = write_device_pages(study, models, out)
    summaries.show({"report": str(page), "devices": [*devices, *models]}, json)


@app.command()
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
        experiment = run_layout(layout, _store(store), workers, shown.on_fullwave, shown.on_training)
    page = write_report(experiment, out)
    rows = [summaries.of_training(run) for run in experiment.runs]
    if json:
        summaries.show({"report": str(page), "trainings": rows}, as_json=True)
    else:
        summaries.show(rows, as_json=False)
        print(f"report: {page}")


def _checks(inferred: bool, margins: bool, spectrum: bool, recovery: bool) -> Checks:
    wanted: dict[Check, bool] = {
        "inferred": inferred,
        "margins": margins,
        "spectrum": spectrum,
        "recovery": recovery,
    }
    return frozenset(check for check, on in wanted.items() if on)


def _check_drawable(device: AnyDevice, swept: tuple[str, ...]) -> None:
    """A heater has a figure of its own; of other devices only a sweep of a linear one can be drawn."""
    sweep = len(swept) == 1 and not isinstance(device, Absorber | Heater)
    if not (sweep or (isinstance(device, Heater) and not swept)):
        expected, got = "a sweep of one parameter of a linear device, or one heater", ", ".join(swept) or "no sweep"
        raise BadInput("--figure", expected, got, "Sweep one parameter with --set NAME=START:STOP:STEP.")


def _check_free(device: AnyDevice, overrides: list[str]) -> None:
    """A compiled model runs through all values of its tunable parameter: a single one would be ignored."""
    names = [text.partition("=")[0] for text in overrides]
    if device.tunable is not None and device.tunable.parameter in names:
        expected = f"other parameters than {device.tunable.parameter}, which the model keeps tunable"
        raise BadInput("--set", expected, device.tunable.parameter, "Change tunable.values in the device's file.")


def _store(folder: Path | None) -> Store:
    return Store(default_root() if folder is None else folder)


def main() -> None:
    """Entry point: errors made by the user or the machine become one message and an exit code, never a traceback."""
    warnings.showwarning = lambda message, *_args, **_kwargs: print(f"warning: {message}", file=sys.stderr)
    code = _run()
    if code != 0:
        if not is_first_rank():
            time.sleep(2.0)  # all ranks often fail alike: the first shall have the time to say why
        end_all_ranks(code)
    sys.exit(code)


def _run() -> int:
    try:
        app()
    except SystemExit as ended:  # typer has printed what there was to say
        return ended.code if isinstance(ended.code, int) else 0
    except Stopped:
        print("stopped: what had finished and the state of long runs are kept; run it again to go on", file=sys.stderr)
        return STOPPED
    except Interrupted:
        print("interrupted: what had finished is kept, and will not be run again", file=sys.stderr)
        return 130
    except RunStopped as error:
        if is_first_rank():
            print(error, file=sys.stderr)
        return STOPPED
    except FdtdOnnError as error:
        if is_first_rank() or not isinstance(error, BadInput):  # all ranks read the same bad input
            Console(stderr=True, highlight=False, markup=False).print(f"error: {error}", soft_wrap=True)
        return 2 if isinstance(error, BadInput | OutOfRange) else 1
    return 0
