"""Print how fast and how exact the full-wave engine is, figure by figure: `fullwave.py [--json] [--only NAME]`.

Runs against each other are timed by the processor's time, which other work on the machine does not stretch as much as
the clock's; parts of one run, and ranks against each other, by the clock. Reflections come from the store when it has
them.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

import fdtd_onn as fo
from fdtd_onn.cluster.local import cores, run_side_by_side
from fdtd_onn.cluster.world import without_launcher
from fdtd_onn.errors import BadInput, FdtdOnnError
from fdtd_onn.fullwave.cell import Cell, build_cell
from fdtd_onn.fullwave.continuum import continuum_betas
from fdtd_onn.fullwave.cost import estimated_cost
from fdtd_onn.fullwave.execute import column_from
from fdtd_onn.fullwave.meep import meep
from fdtd_onn.fullwave.scattering import Column, prepare, run_scattering, wavelengths
from fdtd_onn.fullwave.stamp import engine_stamp
from fdtd_onn.specs.device import AnyDevice, device_adapter
from fdtd_onn.specs.fidelity import FidelityName, settings_of
from fdtd_onn.specs.load import in_dimensions
from fdtd_onn.specs.runs import ScatteringRun, run_key
from fdtd_onn.store import Store

HERE = Path(__file__).parent
# A small coupler, which scripts bring to 1e-3 in |S|² within minutes. Its straight edges lie on grid lines at multiples
# of 8 px/µm, so that errors fall smoothly and Richardson's extrapolation holds. Its bends radiate little: flux monitors
# count what is radiated into them, and would converge to something else.
SHORT_COUPLER = {"gap_um": 0.25, "length_um": 1.5, "bend_length_um": 5.0, "pitch_um": 1.75}
SWEEP, REFERENCE = (16, 24, 32, 40), (32, 40)
TOLERANCE = 1e-3


@dataclass(frozen=True)
class Row:
    """One figure, what was measured, and what it should be."""

    figure: str
    measured: str
    target: str


class _Enough(Exception):
    """Ends a run that has been watched for long enough."""


def setup_2d() -> Iterator[Row]:
    """All that a run does beside stepping."""
    run = one_column(fo.load_device("coupler_50"), "standard")
    meep()
    started = time.perf_counter()
    column = run_scattering(run, quiet)
    ratio = (time.perf_counter() - started) / column.stepping_seconds - 1.0
    yield Row("set-up over time stepping: coupler, 2D, standard", f"{ratio:.1%}", "<= 10 %")


def setup_3d() -> Iterator[Row]:
    """Set up for real, watch the first steps, and take their number from the estimate: stepping to the end takes hours.

    The run is left after the second report of its progress; reports come once per µm/c.
    """
    run = one_column(in_dimensions(fo.load_device("coupler_50"), 3, "xy"), "standard")
    reports: list[tuple[float, float]] = []

    def watch(done: float, of: float) -> None:
        reports.append((done, time.process_time()))
        if len(reports) == 2:
            raise _Enough

    meep()
    started = time.process_time()
    with contextlib.suppress(_Enough):
        run_scattering(run, watch)
    (t0, clock0), (t1, clock1) = reports
    speed = (clock1 - clock0) / (t1 - t0)
    until_stepping = clock0 - t0 * speed - started
    extrapolation = continuum_seconds(run)
    cost = estimated_cost(run)
    stepping = speed * cost.steps * 0.5 / run.resolution
    share = (until_stepping + extrapolation) / stepping
    parts = f"{until_stepping:.0f} s before, {extrapolation:.0f} s after, {stepping / 3600:.1f} h of stepping"
    work = f"{cost.pixels / 1e6:.1f} M pixels, {cost.steps} steps by estimate, speed from {t1:.0f} µm/c"
    yield Row(f"the same in 3D: {work}", f"{share:.1%} ({parts})", "<= 10 %")


def continuum_seconds(run: ScatteringRun) -> float:
    """What a run does after stepping: the propagation constants without the grid."""
    cell = cell_of(run)
    return timed(lambda: continuum_betas(cell.ports, cell.at))[1]


def overhead() -> Iterator[Row]:
    """All of a run over the bare stepping of its cell, taken in turns."""
    run = one_column(with_points(fo.load_device("coupler_50"), 21), "standard")
    ratios = []
    for _ in range(3):
        column, seconds = timed(lambda: run_scattering(run, quiet))
        ratios.append(seconds / bare_stepping(run, column))
    text = f"{np.median(ratios):.2f} ({', '.join(f'{r:.2f}' for r in ratios)})"
    yield Row("all over bare Meep stepping of the same cell, 21 wavelengths", text, "<= 1.3")


def bare_stepping(run: ScatteringRun, column: Column) -> float:
    """Seconds to step the same cell with the same currents and nothing else."""
    cell = cell_of(run)
    sim, _ = prepare(cell, run.fidelity, run.port)
    sim.init_sim()
    return timed(lambda: [sim.fields.step() for _ in range(round(column.cell_updates / cell.grid.cells))])[1]


def scaling() -> Iterator[Row]:
    """One and two ranks in turns, the best of each."""
    if cores() < 2:
        yield Row("strong scaling from 1 to 2 ranks, 3D", "this machine has one core", ">= 1.7")
        return
    seconds: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(4):
        for count, kept in seconds.items():
            report = on_ranks(count, "20")
            kept.append(report["seconds_per_step"])
    best = min(seconds[1]) / min(seconds[2])
    load = os.getloadavg()[0]
    yield Row(
        f"strong scaling from 1 to 2 ranks, 3D, {report['pixels'] / 1e6:.1f} M pixels, best of 4",
        f"{best:.2f} (load {load:.1f} on {cores()} cores)",
        ">= 1.7",
    )


def on_ranks(count: int, steps: str) -> dict[str, float]:
    """What the stepping program says on this many ranks."""
    launch = ["mpirun", "-np", str(count), "--bind-to", "none", "--mca", "mpi_yield_when_idle", "1"]
    if os.geteuid() == 0:
        launch.append("--allow-run-as-root")
    return last_json([*launch, sys.executable, "-m", "mpi4py", str(HERE / "ranks_stepping.py"), steps])


def plain_meep() -> Iterator[Row]:
    """Time to a given error of the coupler's powers, here and in a plain Meep script."""
    device = with_points(fo.load_device("coupler_50", **SHORT_COUPLER), 11)
    coarse, fine = (ours(device, resolution)[0] for resolution in REFERENCE)
    exact = fine + (fine - coarse) / ((REFERENCE[1] / REFERENCE[0]) ** 2 - 1)
    last = {}
    for name, measure in (("this package", ours), ("plain Meep", plain)):
        for resolution in SWEEP:
            powers, seconds = measure(device, resolution)
            error = float(np.abs(powers - exact).max())
            figure = f"coupler, {name}, {resolution} px/µm: largest error of |S|²"
            yield Row(figure, f"{error:.1e} in {seconds:.0f} s", "-")
            last[name] = (error, seconds)
            if error <= TOLERANCE:
                break
    (our_error, our_seconds), (plain_error, plain_seconds) = last.values()
    bound = "" if plain_error <= TOLERANCE else f"more than (plain Meep still errs by {plain_error:.1e}) "
    text = f"{bound}{plain_seconds / our_seconds:.1f}" if our_error <= TOLERANCE else "not reached here"
    yield Row(f"time of plain Meep over this package's, to {TOLERANCE:g} in |S|²", text, "> 1")


def ours(device: AnyDevice, resolution: int) -> tuple[NDArray[np.float64], float]:
    """(2, n_wl) through and cross power, and seconds."""
    fidelity = settings_of(device, "standard")
    run = ScatteringRun(device=device, fidelity=fidelity, resolution=resolution, port="o1")
    column, seconds = timed(lambda: run_scattering(run, quiet))
    return np.abs(column.s[[3, 2]]) ** 2, seconds


def plain(device: AnyDevice, resolution: int) -> tuple[NDArray[np.float64], float]:
    """The same from the plain script, which is for this device's guides."""
    shape = [str(value) for value in SHORT_COUPLER.values()]
    report = last_json([sys.executable, str(HERE / "plain_meep_coupler.py"), str(resolution), *shape])
    return np.array([report["through"], report["cross"]]), report["seconds"]


def reflection_2d() -> Iterator[Row]:
    """|S11| of a straight guide in a plane."""
    for fidelity, target in (("standard", -75), ("reference", -80)):
        yield reflection(fo.load_device("straight"), fidelity, target)


def reflection_3d() -> Iterator[Row]:
    """|S11| of a short strip."""
    yield reflection(short_strip(), "standard", -65)


def reflection_3d_reference() -> Iterator[Row]:
    """The same at reference."""
    yield reflection(short_strip(), "reference", -75)


def short_strip() -> AnyDevice:
    """1 µm of the strip in space, at three wavelengths."""
    return in_dimensions(with_points(fo.load_device("straight", length_um=1.0), 3), 3, "xy")


def reflection(device: AnyDevice, fidelity: FidelityName, target_db: int) -> Row:
    """Largest |S11| over the band, with what the run had settled to, below which nothing can be read."""
    column = stored_column(one_column(device, fidelity))
    level = 20 * np.log10(np.abs(column.s[0]).max())
    text = f"{level:.1f} dB (settled to {20 * np.log10(column.settled_to):.0f} dB, {column.stepping_seconds:.0f} s)"
    return Row(f"straight guide, {device.dimensions}D, {fidelity}: largest |S11|", text, f"<= {target_db} dB")


def one_column(device: AnyDevice, fidelity: FidelityName) -> ScatteringRun:
    """Light into o1, at the finer resolution."""
    settings = settings_of(device, fidelity)
    return ScatteringRun(device=device, fidelity=settings, resolution=settings.resolution, port="o1")


def with_points(device: AnyDevice, points: int) -> AnyDevice:
    """The device at another number of wavelengths."""
    data = device.model_dump(mode="json")
    data["wavelengths"]["points"] = points
    return device_adapter.validate_python(data)


def cell_of(run: ScatteringRun) -> Cell:
    """The cell that a run would step."""
    return build_cell(run.device, run.fidelity, run.resolution, wavelengths(run))


def stored_column(run: ScatteringRun) -> Column:
    """The column from the store, computed in a worker process if it is not there."""
    store, key = Store(), run_key(run, engine_stamp())
    if not store.has(key):
        for _ in run_side_by_side([run], store.root, 1):
            pass
    record = store.read(key)
    assert record is not None
    return column_from(record)


def timed(work: Callable[[], object]) -> tuple:
    """What the work gives, and the processor's seconds for it."""
    meep()
    started = time.process_time()
    result = work()
    return result, time.process_time() - started


def quiet(done: float, of: float) -> None:
    """Progress that nobody reads."""


def last_json(command: list[str]) -> dict:
    """The JSON object that a program prints on a line of its own. Raises FdtdOnnError with what it said if it fails."""
    environment = without_launcher(os.environ) | {"OMP_NUM_THREADS": "1"}
    process = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    lines = [line for line in process.stdout.splitlines() if line.startswith("{")]
    if process.returncode != 0 or not lines:
        raise FdtdOnnError(f"{' '.join(command)} failed:\n{process.stderr}")
    return json.loads(lines[-1])


#: By name: what gives the rows, about how long it takes on one core, and whether it runs unless asked for.
BENCHMARKS: dict[str, tuple[Callable[[], Iterator[Row]], str, bool]] = {
    "setup-2d": (setup_2d, "20 s", True),
    "setup-3d": (setup_3d, "3 min and 6 GB", True),
    "overhead": (overhead, "90 s", True),
    "scaling": (scaling, "60 s", True),
    "plain-meep": (plain_meep, "4 min", True),
    "reflection-2d": (reflection_2d, "40 s", True),
    "reflection-3d": (reflection_3d, "7 min", True),
    "reflection-3d-reference": (reflection_3d_reference, "20 min and more", False),
}


def chosen(words: list[str]) -> list[str]:
    """Names of the benchmarks to run. Raises BadInput for a word that is not understood."""
    if not words:
        return [name for name, (_, _, by_default) in BENCHMARKS.items() if by_default]
    if len(words) == 2 and words[0] == "--only" and words[1] in BENCHMARKS:
        return [words[1]]
    expected = f"nothing, or --only with one of {', '.join(BENCHMARKS)}"
    raise BadInput("fullwave.py", expected, " ".join(words), "Choose one of these.")


def main(words: list[str]) -> None:
    """Every row as soon as it is there, in words or, with --json, as one object per line."""
    as_json, out, notes = "--json" in words, Console(width=150), Console(stderr=True)
    for name in chosen([word for word in words if word != "--json"]):
        measure, cost, _ = BENCHMARKS[name]
        notes.print(f"{name}: about {cost} …", style="dim", highlight=False)
        for row in measure():
            if as_json:
                print(json.dumps({"name": name, **asdict(row)}), flush=True)
            else:
                out.print(f"{row.figure:88s} {row.measured}   [target {row.target}]", markup=False, highlight=False)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except FdtdOnnError as problem:
        sys.exit(str(problem))
