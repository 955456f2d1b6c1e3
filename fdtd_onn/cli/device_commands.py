"""The commands that work on devices."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from fdtd_onn.api import (
    Check,
    Checks,
    characterize_all,
    compile_devices,
    outstanding,
    process_cost,
    process_spread,
    study_devices,
)
from fdtd_onn.api.ranks import is_first_rank, require_one_process
from fdtd_onn.cli import summaries
from fdtd_onn.cli.export import export_to, is_model_file
from fdtd_onn.cli.library import compile_folder, is_folder
from fdtd_onn.cli.options import (
    CheckInferred,
    CheckMargins,
    CheckRecovery,
    CheckSpectrum,
    DeviceFile,
    Dimensions,
    Fidelity,
    InPlane,
    Json,
    Overrides,
    StoreFolder,
    Sweeps,
    Workers,
    store_at,
)
from fdtd_onn.cli.overrides import load_one, load_swept
from fdtd_onn.cli.progress import bars, say_cost
from fdtd_onn.cli.sources import load_sources
from fdtd_onn.errors import BadInput
from fdtd_onn.reduce import AnyModel
from fdtd_onn.report import (
    make_folder_of,
    require_free,
    write_device_pages,
    write_heater,
    write_process,
    write_sweep,
)
from fdtd_onn.report.concerns import process_concerns
from fdtd_onn.responses.heating import HeaterResponse
from fdtd_onn.responses.scattering import Response
from fdtd_onn.responses.tap import TapResponse
from fdtd_onn.specs.device import Absorber, AnyDevice, Heater
from fdtd_onn.specs.device.base import Plane


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
    subjects, swept = characterize_subjects(device, overrides, dimensions, plane, figure)
    checks = checks_of(check_inferred, check_margins, check_spectrum, check_recovery)
    if is_first_rank() and not json:
        say_cost(outstanding(subjects, fidelity, store_at(store), checks), workers)
    with bars(quiet=json or not is_first_rank()) as shown:
        responses = characterize_all(subjects, fidelity, store_at(store), workers, shown.on_fullwave, checks)
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
    checks, kept = checks_of(check_inferred, check_margins, check_spectrum, check_recovery), store_at(store)
    if is_folder(device):
        folder = Path(device)
        return compile_folder(folder, out, overrides, fidelity, dimensions, plane, checks, kept, workers, json)
    subject = compile_subject(device, overrides, dimensions, plane, out)
    with bars(quiet=json) as shown:
        _, models = compile_devices({"device": subject}, fidelity, kept, workers, shown.on_fullwave, checks)
    models["device"].save(out)
    summaries.show(summaries.of_model(models["device"]) | {"file": str(out)}, json)


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
            return compile_devices({"": device}, fidelity, store_at(store), workers, shown.on_fullwave)[1][""]

        written = export_to(source, out, overrides, dimensions, plane, compile_one)
    summaries.show({"source": source, **written}, json)


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
    """What fabrication makes of a device: sensitivities, spread and corners of the variations that its file lists."""
    require_one_process("process")
    subject = load_one(device, overrides, dimensions, plane)
    make_folder_of(out)
    if not json:
        say_cost(process_cost(subject, fidelity, store_at(store)), workers)
    with bars(quiet=json) as shown:
        spread = process_spread(subject, fidelity, store_at(store), workers, shown.on_fullwave)
    write_process(spread, out)
    for concern in process_concerns(spread):
        print(f"warning: {concern}", file=sys.stderr)
    summaries.show(summaries.of_process(spread), json)


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
        checks = checks_of(check_inferred, check_margins, check_spectrum, check_recovery)
        study = study_devices(devices, fidelity, store_at(store), workers, shown.on_fullwave, checks)
    page = write_device_pages(study, models, out)
    summaries.show({"report": str(page), "devices": [*devices, *models]}, json)


def characterize_subjects(
    device: str, overrides: list[str], dimensions: int | None, plane: Plane | None, figure: Path | None
) -> tuple[list[AnyDevice], tuple[str, ...]]:
    """The devices of `characterize` and the names of what is swept; BadInput for all that it refuses beforehand."""
    subjects, swept = load_swept(device, overrides, dimensions, plane)
    if figure is not None:
        _check_drawable(subjects[0], swept)
        make_folder_of(figure)
    return subjects, swept


def compile_subject(
    device: str, overrides: list[str], dimensions: int | None, plane: Plane | None, out: Path
) -> AnyDevice:
    """The device of `compile`; BadInput for all that it refuses beforehand."""
    subject = load_one(device, overrides, dimensions, plane)
    _check_free(subject, overrides)
    if not is_model_file(str(out)):
        raise BadInput("--out", "a name ending in .h5, by which models are known", str(out), "Name the file so.")
    make_folder_of(out)
    return subject


def checks_of(inferred: bool, margins: bool, spectrum: bool, recovery: bool) -> Checks:
    """What the options ask to be checked."""
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
