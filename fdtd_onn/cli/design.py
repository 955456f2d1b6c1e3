"""The commands under `design`: devices found by full-wave runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fdtd_onn.api.design import Trial, design_tap
from fdtd_onn.api.ranks import require_one_process
from fdtd_onn.cli import summaries
from fdtd_onn.cli.progress import bars
from fdtd_onn.errors import BadInput
from fdtd_onn.report import make_folder_of
from fdtd_onn.specs.device import GratingTap
from fdtd_onn.specs.fidelity import FidelityName
from fdtd_onn.specs.load import load_device
from fdtd_onn.specs.write import write_device
from fdtd_onn.store import Store
from fdtd_onn.store.store import default_root

app = typer.Typer(help="Find a device by full-wave runs.", no_args_is_help=True)


@app.callback()
def options() -> None:
    """Find a device by full-wave runs."""


@app.command()
def tap(
    ratio: Annotated[float, typer.Option(help="Wanted part of the guided light on the camera, at mid-band.")],
    out: Annotated[Path, typer.Option(help="Device file to write (.toml).")],
    template: Annotated[str, typer.Option(help="Tap to start from: a device file, or a library name.")] = "grating_tap",
    fidelity: Annotated[FidelityName, typer.Option(help="Of the full-wave runs.")] = "draft",
    store: Annotated[Path | None, typer.Option("--store", help="Where results are kept.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Runs side by side (default: one per core).")] = None,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable result on standard output.")] = False,
) -> None:
    """A grating tap's etch depth and number of grooves for a wanted tap ratio; hit within 10 %."""
    require_one_process("design tap")
    start = load_device(template)
    if not isinstance(start, GratingTap):
        raise BadInput("--template", "a device of kind grating_tap", start.kind, "Name a tap, such as grating_tap.")
    if out.suffix != ".toml":
        raise BadInput("--out", "a name ending in .toml", out.name, "Name a device file, such as tap.toml.")
    make_folder_of(out)
    kept = Store(default_root() if store is None else store)
    with bars(quiet=json) as shown:
        trials = design_tap(start, ratio, fidelity, kept, workers, shown.on_fullwave)
    final = trials[-1]
    device = final.response.device
    summary = (
        f"Grating tap for {ratio:g} of the light, {device.parameters.grooves} grooves of {final.etch_um * 1e3:g} nm"
    )
    source = f"Design choice: etch depth for a tap ratio of {ratio:g}, by full wave at {fidelity}; else {start.source}"
    write_device(device.model_copy(update={"name": _name_for(out), "summary": summary, "source": source}), out)
    _show(trials, out, json)


def _name_for(out: Path) -> str:
    """The file's name as far as a device's may go."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "_.-") else "_" for c in out.stem)[:64]


def _show(trials: tuple[Trial, ...], out: Path, json: bool) -> None:
    rows = [{"grooves": t.grooves, "etch_um": t.etch_um, "tap_ratio": t.ratio} for t in trials]
    final = summaries.of_response(trials[-1].response)
    if json:
        summaries.show({"trials": rows, "final": final, "file": str(out)}, as_json=True)
        return
    summaries.show(rows, as_json=False)
    print(f"device: {out}")
