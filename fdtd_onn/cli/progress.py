"""Progress on standard error, so that standard output stays clean for results."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from fdtd_onn.api import Cost, cores
from fdtd_onn.api import Progress as FullWaveProgress
from fdtd_onn.api.ranks import is_alone

#: Between two lines of progress where there is no terminal to draw a bar on (a job's log), in seconds.
LINE_EVERY_S = 15.0

#: (name of the work, what of it is done, share of it all) to wherever it is shown.
Show = Callable[[str, str, float], None]


class Interrupted(Exception):
    """Ctrl-C during the work; typer would turn a KeyboardInterrupt into an exit code of its own."""


class Stopped(Interrupted):
    """A signal of the system's that asks to stop: a batch system's before the time is up, or an administrator's."""


@dataclass(frozen=True)
class Bars:
    """What the stations of the work report to."""

    show: Show

    def on_fullwave(self, state: FullWaveProgress) -> None:
        """Runs finished, what runs now, and the share of all their work that is done."""
        text = f"{state.finished} of {state.runs} runs done"
        now = "" if not state.running else f"; now {', '.join(state.running)}"
        self.show("full wave", text + now, state.share)

    def on_training(self, finished: int, trainings: int, share: float) -> None:
        """Trainings finished, and the share of the current one."""
        self.show("training", f"{finished} of {trainings} runs done", (finished + share) / trainings)


def say_cost(runs: Sequence[Cost], workers: int | None) -> None:
    """What is about to be computed and about how long it will take; nothing if everything is there."""
    if not runs:
        return
    side_by_side = min(len(runs), cores() if workers is None else workers)
    largest = max(runs, key=lambda cost: cost.seconds)
    seconds = max(largest.seconds, sum(cost.seconds for cost in runs) / side_by_side)
    memory = side_by_side * largest.memory_bytes / 2**30
    Console(stderr=True, highlight=False).print(
        f"{len(runs)} full-wave runs, the largest of {largest.pixels:.2g} pixels and {largest.steps} steps: about "
        f"{duration(seconds)} and {memory:.1f} GiB with {side_by_side} side by side",
        soft_wrap=True,
    )


def duration(seconds: float) -> str:
    """For people, in the unit that suits."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def stop_on_signals() -> None:
    """From now on SIGTERM and SIGUSR1 raise Stopped, once; ranks of one launch have to agree on it by themselves."""
    for number in (signal.SIGTERM, signal.SIGUSR1) if is_alone() else ():
        signal.signal(number, _stop)


def _stop(_number: int, _frame: FrameType | None) -> None:
    for number in (signal.SIGTERM, signal.SIGUSR1):
        signal.signal(number, signal.SIG_IGN)  # the workers have to be ended in peace
    raise Stopped


@contextmanager
def bars(quiet: bool) -> Iterator[Bars]:
    """Bars on a terminal, lines now and then elsewhere, nothing if quiet. Raises Interrupted on Ctrl-C."""
    console = Console(stderr=True, quiet=quiet, highlight=False)
    stop_on_signals()
    try:
        if console.is_terminal:
            with _bars(console) as show:
                yield Bars(show)
        else:
            yield Bars(_lines(console))
    except KeyboardInterrupt as interrupt:
        raise Interrupted from interrupt


@contextmanager
def _bars(console: Console) -> Iterator[Show]:
    """A bar for each kind of work, which appears when the work begins."""
    columns = (
        BarColumn(bar_width=24),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(elapsed_when_finished=False),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console) as shown:
        tasks = {name: shown.add_task(name, total=1.0, visible=False) for name in ("full wave", "training")}
        yield lambda name, text, share: shown.update(
            tasks[name], completed=share, description=f"{name}: {text}", visible=True
        )


def _lines(console: Console) -> Show:
    """A line at the start, at the end, and at most every so often in between."""
    begun: dict[str, float] = {}
    printed: dict[str, float] = {}

    def show(name: str, text: str, share: float) -> None:
        now = time.monotonic()
        begun.setdefault(name, now)
        if share < 1.0 and now - printed.get(name, -LINE_EVERY_S) < LINE_EVERY_S:
            return
        printed[name] = now
        elapsed = now - begun[name]
        left = "" if share in (0.0, 1.0) or elapsed < 1.0 else f", about {elapsed * (1 - share) / share:.0f} s left"
        console.print(f"{name}: {share:4.0%} after {elapsed:.0f} s{left}; {text}", soft_wrap=True)

    return show
