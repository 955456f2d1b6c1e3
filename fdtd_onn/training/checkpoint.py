"""Trainings that survive their process: the state in a file, from which the same training goes on bit by bit."""

from __future__ import annotations

import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fdtd_onn.atomic import whole_file
from fdtd_onn.errors import BadInput
from fdtd_onn.store.encoding import Damaged, decode, encode
from fdtd_onn.store.record import Record
from fdtd_onn.training.adam import Adam
from fdtd_onn.training.state import PARTS, State, arrays_of, generator_at

KIND = "training"
EVERY_S = 10.0
LARGEST_BYTES = 2**28
CURE = "Name another file, or delete this one to start anew."


@dataclass(frozen=True)
class Checkpoint:
    """The file of one training; `every_s` is the time between two writes, at the ends of epochs.

    `subject` below is what makes the training the one it is: texts and numbers by name, the same when it is resumed.
    """

    path: Path
    every_s: float = EVERY_S

    def read(self, subject: dict[str, Any]) -> State | None:
        """The state that was kept, or None if there is no file.

        Raises BadInput if it cannot be read, is damaged, or is of another training.
        """
        try:
            status = self.path.stat()
            if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST_BYTES:
                raise BadInput(str(self.path), "a checkpoint", f"no file, or one of {status.st_size} bytes", CURE)
            record = decode(self.path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise BadInput(str(self.path), "a file that can be read", error, CURE) from error
        except Damaged as error:
            raise BadInput(str(self.path), "a whole checkpoint", error, CURE) from error
        self._check_subject(record, subject)
        try:
            return _state(record)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise BadInput(str(self.path), "a checkpoint's state", f"{type(error).__name__}: {error}", CURE) from error

    def kept(self, states: Iterator[State], subject: dict[str, Any]) -> Iterator[State]:
        """Pass the states on and write one every so often: the first, to find out that it can be done, and the last.

        The last is also written when it is an error or Ctrl-C that ends them. Raises BadInput if it cannot be written.
        """
        state, due = None, time.monotonic()
        try:
            for state in states:
                if time.monotonic() >= due:
                    self._write(state, subject)
                    due = time.monotonic() + self.every_s
                yield state
        finally:
            if state is not None:
                self._write(state, subject)

    def _write(self, state: State, subject: dict[str, Any]) -> None:
        record = Record(KIND, subject, arrays_of(state), {"order": dict(state.order), "noise": dict(state.noise)})
        try:
            with whole_file(self.path) as part:
                part.write_bytes(encode(record))
        except OSError as error:
            raise BadInput(str(self.path), "a file that can be written", error, "Name another file.") from error

    def _check_subject(self, record: Record, subject: dict[str, Any]) -> None:
        """Refuse to go on with what another training began."""
        wanted = Record(KIND, subject, {}, {}).spec
        if record.kind != KIND or record.spec.keys() != wanted.keys():
            raise BadInput(str(self.path), "a checkpoint of this program", "another kind of file", CURE)
        others = [
            _difference(name, record.spec[name], wanted[name]) for name in wanted if record.spec[name] != wanted[name]
        ]
        if others:
            got = f"one with other values: {', '.join(others)}"
            raise BadInput(str(self.path), "a checkpoint of this training", got, CURE)


def _difference(name: str, kept: object, wanted: object) -> str:
    """What is not the same, in words; of a hash or a table its name alone says as much."""
    return f"{name} ({kept}, not {wanted})" if isinstance(wanted, int | float) or name in ("rule", "dataset") else name


def _state(record: Record) -> State:
    """The state in a record. Raises KeyError, TypeError, ValueError or OverflowError if it is none."""
    arrays = record.arrays
    values, loss, cosines = arrays["values"], arrays["loss"], arrays["cosines"]
    shapes = {"values": (values.size,), "adam_mean": (values.size,), "adam_square": (values.size,), "adam_steps": ()}
    shapes |= {"loss": (len(loss), PARTS), "accuracy": (len(loss), PARTS), "cosines": (len(cosines), cosines.shape[-1])}
    for name, shape in shapes.items():
        if arrays[name].shape != shape or (arrays[name].dtype != np.float64 and name != "adam_steps"):
            raise ValueError(f"{name} is {arrays[name].dtype} of shape {arrays[name].shape}, not of {shape}")
    if len(loss) == 0 or not all(np.isfinite(arrays[name]).all() for name in shapes):
        raise ValueError("a history, and numbers, are missing")
    for name in ("order", "noise"):
        generator_at(record.attributes[name])
    return State(
        values=values,
        adam=Adam(int(arrays["adam_steps"]), arrays["adam_mean"], arrays["adam_square"]),
        order=record.attributes["order"],
        noise=record.attributes["noise"],
        loss=loss,
        accuracy=arrays["accuracy"],
        cosines=cosines,
    )
