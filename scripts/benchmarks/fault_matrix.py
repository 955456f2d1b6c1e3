#!/usr/bin/env python3
"""What is lost when something is killed in the middle of a characterisation: python scripts/benchmarks/fault_matrix.py.

    --case NAME      one case of the matrix; may be repeated (default: all)
    --seconds S      between two states that a run keeps (default: 0.2)

Four small runs (some seconds each), a blow once the first result and the state of the next run are kept, and the same
command again. Printed are the exit code, how long processes outlived the blow, what was kept, and what the second call
had to do. The full disk is a file system of its own, which only root can make.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
RUNS = 4
_PATIENCE_S = 600.0  # on a machine that is busy with other work
DEVICE = """
kind = "s_bend"
name = "short"
source = "the fault matrix"
polarization = "te"
[materials]
core = {index = 2.85, basis = "effective"}
cladding = {index = 1.444, basis = "bulk"}
[wavelengths]
start_um = 1.5
stop_um = 1.6
points = 3
[parameters]
width_um = 0.5
length_um = 3.0
offset_um = 0.6
"""
COMMAND = ("-c", "from fdtd_onn.cli.main import main; main()")
OPEN_MPI = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_mpi_yield_when_idle": "1",
    "OMPI_MCA_hwloc_base_binding_policy": "none",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
}


@dataclass(frozen=True)
class Case:
    """A blow: the signal that one process gets. ranks: of mpirun; 1 for a driver with a worker process."""

    victim: str
    blow: signal.Signals
    ranks: int = 1


CASES = {
    "worker killed": Case("worker", signal.SIGKILL),
    "driver killed": Case("driver", signal.SIGKILL),
    "driver, Ctrl-C": Case("driver", signal.SIGINT),
    "driver, SIGTERM": Case("driver", signal.SIGTERM),
    "driver, SIGUSR1": Case("driver", signal.SIGUSR1),
    "rank killed": Case("rank", signal.SIGKILL, ranks=2),
    "mpirun killed": Case("driver", signal.SIGKILL, ranks=2),
    "mpirun, SIGTERM": Case("driver", signal.SIGTERM, ranks=2),
    "mpirun, SIGUSR1": Case("driver", signal.SIGUSR1, ranks=2),
}


@dataclass(frozen=True)
class Outcome:
    """What a blow did.

    code: the command's exit code. outlived_s: how long any process outlived the command. kept, states: results and
    states of runs that were there after it. rewritten: of those results, how many the second call touched. after: what
    the second call left: its exit code, results, states. again_s: how long it took.
    """

    code: int
    outlived_s: float
    kept: int
    states: int
    rewritten: int
    after: tuple[int, int, int]
    again_s: float


def play(case: Case, folder: Path, every_s: float) -> Outcome:
    """Strike once, and run the command again."""
    store, begun = folder / "store", start(case, folder, every_s)
    wait_for(lambda: (results(store) and states(store)) or begun.poll() is not None)
    os.kill(victim(case, begun.pid, store), case.blow)
    code = begun.wait(_PATIENCE_S)
    ended = time.monotonic()
    wait_for(lambda: not at_work(store))
    outlived, kept, left = time.monotonic() - ended, results(store), len(states(store))
    again = time.monotonic()
    second = start(case, folder, every_s).wait(_PATIENCE_S)
    took, after = time.monotonic() - again, results(store)
    rewritten = sum(after.get(name) != stamp for name, stamp in kept.items())
    return Outcome(code, outlived, len(kept), left, rewritten, (second, len(after), len(states(store))), took)


def fill_disk(folder: Path, every_s: float) -> Outcome:
    """The same with a store on a file system that is full after the first result, and has room the second time."""
    store = folder / "store"
    store.mkdir()
    with mounted(store, "60k"):
        code = start(Case("driver", signal.SIGTERM), folder, every_s).wait(_PATIENCE_S)
        kept, left = results(store), len(states(store))
        subprocess.run(["mount", "-o", "remount,size=64m", str(store)], check=True)
        again = time.monotonic()
        second = start(Case("driver", signal.SIGTERM), folder, every_s).wait(_PATIENCE_S)
        took, after = time.monotonic() - again, results(store)
        rewritten = sum(after.get(name) != stamp for name, stamp in kept.items())
        return Outcome(code, 0.0, len(kept), left, rewritten, (second, len(after), len(states(store))), took)


@contextmanager
def mounted(folder: Path, size: str) -> Iterator[None]:
    """A file system in memory."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def start(case: Case, folder: Path, every_s: float) -> subprocess.Popen[bytes]:
    """The command, whose messages go to a file in the folder."""
    device, store = folder / "short.toml", folder / "store"
    device.write_text(DEVICE)
    words = ["characterize", str(device), "--fidelity", "draft", "--store", str(store)]
    own = [sys.executable, *COMMAND, *words, *(["--workers", "1"] if case.ranks == 1 else [])]
    launched = own if case.ranks == 1 else ["mpirun", "-np", str(case.ranks), sys.executable, "-m", "mpi4py", *own[1:]]
    environment = os.environ | OPEN_MPI | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    environment["FDTD_ONN_CHECKPOINT_MINUTES"] = str(every_s / 60.0)
    with (folder / "messages").open("ab") as messages:
        return subprocess.Popen(launched, stdout=messages, stderr=messages, env=environment)


def results(store: Path) -> dict[str, tuple[int, int]]:
    """By name, which file each is and when it was written."""
    files = {path.name: path.stat() for path in store.glob("[0-9a-f][0-9a-f]/*.h5")}
    return {name: (found.st_ino, found.st_mtime_ns) for name, found in files.items()}


def states(store: Path) -> list[Path]:
    """Whole states of runs that have no result yet."""
    done = {name.removesuffix(".h5") for name in results(store)}
    return [path for path in store.glob("checkpoints/*/[0-9]*") if path.parent.name not in done]


def at_work(store: Path) -> dict[int, list[str]]:
    """Processes that have the store among their words, by number, without this one and mpirun."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
            zombie = (process / "stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
        except (FileNotFoundError, ProcessLookupError):
            continue
        if str(store) in words and words[0] != "mpirun" and not zombie:
            found[int(process.name)] = words
    return found


def victim(case: Case, driver: int, store: Path) -> int:
    """Whom the blow hits."""
    if case.victim == "driver":
        return driver
    others = [number for number in at_work(store) if number != driver]
    return max(others)


def wait_for(condition: Callable[[], object]) -> None:
    """Look often; TimeoutError if it never comes."""
    end = time.monotonic() + _PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("waited in vain")
        time.sleep(0.02)


def main() -> None:
    """Print the matrix."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", action="append", choices=[*CASES, "full disk"])
    parser.add_argument("--seconds", type=float, default=0.2)
    arguments = parser.parse_args()
    names = [*CASES, *(["full disk"] if os.geteuid() == 0 else [])] if arguments.case is None else arguments.case
    print(f"{'':18}{'exit':>5}{'outlived':>10}{'kept':>6}{'states':>8}{'rewritten':>11}{'then':>14}{'again':>9}")
    for name in names:
        with tempfile.TemporaryDirectory(prefix="fault-matrix-") as place, nullcontext(Path(place)) as folder:
            seconds = arguments.seconds
            got = fill_disk(folder, seconds) if name == "full disk" else play(CASES[name], folder, seconds)
        code, count, left = got.after
        then = f"{code}: {count}/{RUNS}, {left}"
        print(
            f"{name:18}{got.code:5}{got.outlived_s:8.1f} s{got.kept:6}{got.states:8}{got.rewritten:11}{then:>14}"
            f"{got.again_s:7.1f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
