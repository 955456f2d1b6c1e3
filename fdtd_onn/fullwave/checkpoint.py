"""The state of a run in plain dielectrics, kept while it steps: another process goes on where one was ended.

A checkpoint is a folder `<store>/checkpoints/<key of the run>/<steps done>`, made under another name and then renamed.
In it every rank has its fields as the engine writes them, and a record of its Fourier sums (which the engine does not
bring back) and of the stop rule's state. It is used by the same run, code, engine and number of ranks only. Dispersive
and resonant matter has a state that the engine cannot write: such runs start anew.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import shutil
import signal
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import BadInput, RunStopped
from fdtd_onn.fullwave.meep import meep
from fdtd_onn.store import Record
from fdtd_onn.store.encoding import Damaged, decode, encode

MINUTES = "FDTD_ONN_CHECKPOINT_MINUTES"
DEFAULT_MINUTES = 15.0
_SIGNALS = (signal.SIGTERM, signal.SIGUSR1)  # a batch system's before the time is up, and what mpirun passes on
_WORTH_S = 10.0  # a run that is ended before starts anew
_ASK_EVERY = 20  # steps between two questions to all ranks
_BYTES_PER_CELL = 200  # E, D, H, B and what the absorbing layers add; more than most cells have

Sums = dict[str, NDArray[np.complex128]]


@dataclass(frozen=True, eq=False)
class Course:
    """How far the stop rule is: the step up to which to go next, and S at the last ends of such stretches."""

    stretch_end: int
    history: tuple[NDArray[np.complex128], ...] = ()


@dataclass(frozen=True)
class Checkpoint:
    """Where a run's state is kept (its own folder), and after how many seconds of stepping anew."""

    folder: Path
    every_s: float

    def remove(self) -> None:
        """Once the result is kept."""
        shutil.rmtree(self.folder, ignore_errors=True)


def checkpoint_of(root: Path, key: str) -> Checkpoint:
    """That of a run in a store, as often as the environment says. Raises BadInput."""
    text = os.environ.get(MINUTES, str(DEFAULT_MINUTES))
    try:
        minutes = float(text)
    except ValueError:
        minutes = np.nan
    if not minutes > 0.0:
        raise BadInput(MINUTES, "minutes, more than 0 (inf: never)", repr(text), "Leave it out for 15.")
    return Checkpoint(root / "checkpoints" / key, 60.0 * minutes)


@dataclass
class Keeper:
    """Keeps the state of one simulation while it steps; every method is collective.

    earlier_s: seconds of stepping that other processes did, up to the state from which this one went on.
    """

    checkpoint: Checkpoint
    sim: Any
    cells: int
    earlier_s: float = 0.0
    _begun: float = field(default_factory=time.monotonic)
    _useless: bool = False
    _last: float = field(default_factory=time.monotonic)
    _signalled: bool = False
    _kept: bool = False

    def resumed(self) -> Course | None:
        """Go on from the latest checkpoint that all ranks can use; None if there is none."""
        world = _world()
        for folder in world.bcast(_newest_first(self.checkpoint.folder)):
            state = self._readable(folder)
            if not self._any(state is None) and state is not None:
                self.sim.load(str(folder), load_structure=False, single_parallel_file=False)
                _put_sums(self.sim, state.arrays)
                self._kept, self.earlier_s = True, state.spec["seconds"]
                return Course(state.spec["stretch_end"], tuple(state.arrays["history"]))
            if world.rank == 0:
                warnings.warn(f"checkpoint {folder} is damaged or of another run: it is not used", stacklevel=2)
        return None

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Note the signals that ask to stop, instead of ending at once; in its last steps a run is let finish."""

        def note(_number: int, _frame: object) -> None:
            self._signalled = True

        try:
            before = {number: signal.signal(number, note) for number in _SIGNALS}
        except ValueError:  # not the main thread: signals are for whoever has that
            before = {}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def wanted(self) -> bool:
        """Whether it is time to save, for any rank."""
        if self.sim.fields.t % _ASK_EVERY:
            return False
        due = not self._useless and time.monotonic() - self._last > self.checkpoint.every_s
        return self._any(self._signalled or due)

    def save(self, course: Course) -> None:
        """Keep the state. Raises RunStopped afterwards if a signal has asked to stop."""
        stopping = self._any(self._signalled)
        if not stopping or self._any(time.monotonic() - self._last > min(_WORTH_S, self.checkpoint.every_s)):
            self._kept = self._save(course)
            self._last = time.monotonic()
        if stopping:
            state = "its state is kept, and it goes on from there" if self._kept else "it will start anew"
            raise RunStopped(f"stopped by a signal after {self.sim.fields.t} steps: {state}")

    def _save(self, course: Course) -> bool:
        folder, steps, world = self.checkpoint.folder, self.sim.fields.t, _world()
        part = world.bcast(folder / f".{steps}.{secrets.token_hex(8)}.part")
        failures = _failures(lambda: self._write(part, course))
        if not failures:
            failures = _failures(lambda: _put_in_place(part, folder / str(steps)) if world.rank == 0 else None)
        if failures and world.rank == 0:
            shutil.rmtree(part, ignore_errors=True)
            warnings.warn(f"no checkpoint can be kept in {folder}: {failures[0]}", stacklevel=2)
        self._useless = bool(failures)  # not again: every failure costs time, and the engine a file that stays open
        return not failures

    def _write(self, folder: Path, course: Course) -> None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(folder.parent).free < _BYTES_PER_CELL * self.cells:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.sim.dump(str(folder), dump_structure=False, single_parallel_file=False)
        own = _own(folder)
        said = {
            "steps": self.sim.fields.t,
            "seconds": self.earlier_s + time.monotonic() - self._begun,
            "stretch_end": course.stretch_end,
            "fields": _digest(own / "fields.h5"),
        }
        arrays = {**_sums(self.sim), "history": np.array(course.history)}
        (own / "state.h5").write_bytes(encode(Record("checkpoint", self._subject() | said, arrays, {})))

    def _readable(self, folder: Path) -> Record | None:
        """The part of this rank, if it is whole and of this run."""
        try:
            state = decode((_own(folder) / "state.h5").read_bytes())
            said = self._subject() | {"fields": _digest(_own(folder) / "fields.h5")}
        except (OSError, Damaged):
            return None
        shapes = {name: values.shape for name, values in _sums(self.sim).items()}
        fits = all(state.spec.get(name) == value for name, value in said.items())
        return state if fits and {k: v.shape for k, v in state.arrays.items() if k in shapes} == shapes else None

    def _subject(self) -> dict[str, Any]:
        return {"run": self.checkpoint.folder.name, "rank": meep().my_rank(), "ranks": meep().count_processors()}

    def _any(self, mine: bool) -> bool:
        world = _world()
        return mine if world.size == 1 else bool(world.allreduce(int(mine)))


def _world() -> Any:
    """All ranks; imported late, because who reads results needs neither MPI nor the engine."""
    from mpi4py import MPI

    return MPI.COMM_WORLD


def _failures(step: Callable[[], None]) -> list[str]:
    """What kept any rank from a step that all take: a full disk above all, or another process in the same folder."""
    try:
        step()
        mine = None
    except (OSError, RuntimeError) as error:  # the engine has an error of its own
        mine = str(error)
    return [text for text in _world().allgather(mine) if text is not None]


def _own(folder: Path) -> Path:
    """Where the engine writes the files of this rank."""
    return folder / f"rank{meep().my_rank():02d}"


def _newest_first(folder: Path) -> list[Path]:
    found = [path for path in folder.glob("[0-9]*") if path.name.isdecimal()]
    return sorted(found, key=lambda path: -int(path.name))


def _put_in_place(part: Path, target: Path) -> None:
    """The new one whole, then the older ones away; what is newer or half-written is another process's."""
    shutil.rmtree(target, ignore_errors=True)
    part.rename(target)
    for path in _newest_first(target.parent):
        if int(path.name) < int(target.name):
            shutil.rmtree(path, ignore_errors=True)


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _chunks(sim: Any) -> Sequence[Any]:
    return [sums.swigobj_attr("chunks") for sums in sim.dft_objects]


def _sums(sim: Any) -> Sums:
    return {f"sum_{number}": sim.get_dft_data(chunk) for number, chunk in enumerate(_chunks(sim))}


def _put_sums(sim: Any, arrays: dict[str, Any]) -> None:
    for number, chunk in enumerate(_chunks(sim)):
        meep()._load_dft_data(chunk, np.array(arrays[f"sum_{number}"]))
