"""One run on more and more ranks, and several runs side by side against one after another on all ranks.

python scripts/benchmarks/scaling.py [--device coupler_50] [--fidelity draft] [--ranks 1,2,4] [--runs 4]

Prints seconds beside what the planner's model says, fitted to the first part, and the number of ranks for each run that
the planner chose beside the one that was fastest.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from fdtd_onn.api import cores
from fdtd_onn.api.campaigns import Subject, measured_runs, missing_runs, wanted
from fdtd_onn.cluster.local import Launch, run_launches
from fdtd_onn.cluster.scaling import Scaling, all_done, fitted, powers_of_two, ranks_each
from fdtd_onn.specs.fidelity import FidelityName
from fdtd_onn.specs.load import load_device
from fdtd_onn.specs.runs import AnyRun
from fdtd_onn.store import Store

_LAUNCHER = ("mpirun", "--bind-to", "none", "--oversubscribe", "--mca", "mpi_yield_when_idle", "1", "-np")


def main() -> None:
    """Measure and print, one line of JSON per measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="coupler_50")
    parser.add_argument("--fidelity", default="draft", choices=("draft", "standard", "reference"))
    parser.add_argument("--ranks", default=f"1,{cores()}")
    parser.add_argument("--runs", type=int, default=4)
    chosen = parser.parse_args()
    runs = _runs(chosen.device, chosen.fidelity, chosen.runs)
    scaling = _one_run(runs[0], [int(word) for word in chosen.ranks.split(",")])
    _many_runs(runs, scaling)


def _runs(name: str, fidelity: FidelityName, count: int) -> list[AnyRun]:
    """So many runs of equal size: of the device at the fidelity's own resolution, its values a little apart."""
    device = load_device(name)
    width = device.parameters.width_um  # type: ignore[union-attr]
    devices = tuple(device.with_parameters(width_um=width + 1e-3 * k) for k in range(count))
    with tempfile.TemporaryDirectory() as empty:
        runs = missing_runs(Subject(devices, fidelity), Store(Path(empty))).values()
    finest = max(run.resolution for run in runs)
    return [run for run in runs if run.resolution == finest][:count]


def _one_run(run: AnyRun, ranks: Sequence[int]) -> Scaling:
    """On each number of ranks; the model that fits."""
    folder = Path(tempfile.mkdtemp())
    try:
        walls = {count: _seconds([run], count, count, folder / str(count)) for count in ranks}
        measured = {count: measured_runs(Store(folder / str(count)))[0] for count in ranks}
    finally:
        shutil.rmtree(folder)
    scaling = fitted(list(measured.values()))
    for count, was in measured.items():
        foretold = scaling.seconds(was.work, count)
        _say(ranks=count, wall_s=walls[count], stepping_s=was.seconds, model_s=foretold)
    return scaling


def _many_runs(runs: Sequence[AnyRun], scaling: Scaling) -> None:
    """All of them on this machine's cores, with each possible number of ranks for every run."""
    works = [wanted("", run).work for run in runs]
    walls = {}
    for each in powers_of_two(cores()):
        with tempfile.TemporaryDirectory() as store:
            walls[each] = _seconds(runs, each, cores(), Path(store))
        _say(runs=len(runs), ranks_each=each, wall_s=walls[each], model_s=all_done(works, scaling, cores(), each))
    _say(planner_chose=ranks_each(works, scaling, cores()), fastest=min(walls, key=lambda each: walls[each]))


def _seconds(runs: Sequence[AnyRun], each: int, together: int, store: Path) -> float:
    """Until all are done, `each` ranks for every run, on so many cores together."""
    words = (*_LAUNCHER, str(each)) if each > 1 else ()
    started = time.perf_counter()
    for _ in run_launches([Launch(run, each, words) for run in runs], store, together):
        pass
    return time.perf_counter() - started


def _say(**numbers: float) -> None:
    print(json.dumps({name: round(value, 3) for name, value in numbers.items()}), flush=True)


if __name__ == "__main__":
    main()
