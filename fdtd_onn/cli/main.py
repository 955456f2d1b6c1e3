"""The command `fdtd-onn`. Exit codes: 0 done, 1 failed, 2 bad input, 75 stopped by a signal, 130 interrupted."""

from __future__ import annotations

import sys
import time
import warnings
from importlib.metadata import version
from typing import Annotated

import typer
from rich.console import Console

from fdtd_onn.api.ranks import end_all_ranks, is_first_rank
from fdtd_onn.cli import cluster_commands as of_clusters
from fdtd_onn.cli import design, summaries
from fdtd_onn.cli import device_commands as of_devices
from fdtd_onn.cli import doctor as doctor_checks
from fdtd_onn.cli import network_commands as of_networks
from fdtd_onn.cli import store as store_commands
from fdtd_onn.cli.options import Json
from fdtd_onn.cli.phases import phases
from fdtd_onn.cli.progress import Interrupted, Stopped
from fdtd_onn.errors import BadInput, FdtdOnnError, OutOfRange, RunStopped
from fdtd_onn.library import design_names
from fdtd_onn.specs.load import load_device, load_layout

#: Exit code: run it again, and it goes on.
STOPPED = 75

app = typer.Typer(
    help="From Maxwell's equations to a trained optical neural network.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


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


app.command()(of_devices.characterize)
app.command(name="compile")(of_devices.compile_)
app.command()(of_devices.export)
app.command()(of_devices.process)
app.add_typer(design.app, name="design")
app.command()(of_devices.report)
app.command(name="train")(of_networks.train_)
app.command()(of_networks.compare)
app.command()(of_networks.fidelity)
app.command()(of_networks.run)
app.command()(phases)
app.command()(of_clusters.plan)
app.command(context_settings=of_clusters.AS_GIVEN)(of_clusters.submit)
app.command()(of_clusters.status)
app.command()(of_clusters.cancel)
app.command()(of_clusters.resume)
app.add_typer(store_commands.app, name="store")


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
