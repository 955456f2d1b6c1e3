"""Progress on standard error, so that standard output stays clean for results."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from fdtd_onn.api import Progress as FullWaveProgress


class Interrupted(Exception):
    """Ctrl-C during the work; typer would turn a KeyboardInterrupt into an exit code of its own."""


@dataclass(frozen=True)
class Bars:
    """One bar for full-wave work, one for training; each appears when its work begins."""

    shown: Progress
    fullwave: TaskID
    training: TaskID

    def on_fullwave(self, state: FullWaveProgress) -> None:
        """Runs finished, and the share of all their work that is done."""
        self._show(self.fullwave, state.share, f"full wave: {state.finished} of {state.runs} runs done")

    def on_training(self, finished: int, trainings: int, share: float) -> None:
        """Trainings finished, and the share of the current one."""
        done = (finished + share) / trainings
        self._show(self.training, done, f"training: {finished} of {trainings} runs done")

    def _show(self, bar: TaskID, share: float, text: str) -> None:
        self.shown.update(bar, completed=share, description=text, visible=True)


@contextmanager
def bars(quiet: bool) -> Iterator[Bars]:
    """Bars while the block runs; nothing at all if quiet. Raises Interrupted on Ctrl-C."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(elapsed_when_finished=False),
    )
    console = Console(stderr=True, quiet=quiet)
    with Progress(*columns, console=console) as shown:
        fullwave, training = (shown.add_task(name, total=1.0, visible=False) for name in ("full wave", "training"))
        try:
            yield Bars(shown, fullwave, training)
        except KeyboardInterrupt as interrupt:
            raise Interrupted from interrupt
