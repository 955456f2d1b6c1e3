"""What every compiled model has."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import OutOfRange
from fdtd_onn.reduce.record import Record, write_record

ROUNDING = 1e-9  # relative; an end of a range may come back from a unit conversion a few ulp off


@dataclass(frozen=True, eq=False)
class ReducedModel(ABC):
    """A compiled device: its name, its ports in the order of S, and the runs that it stands on.

    fidelity, run_keys: of the full-wave runs, from their provenance.
    """

    name: str
    ports: tuple[str, ...]
    fidelity: str
    run_keys: tuple[str, ...]

    @property
    @abstractmethod
    def wavelength_range_um(self) -> tuple[float, float]:
        """Shortest and longest wavelength at which the model may be asked."""

    @abstractmethod
    def record(self) -> Record:
        """Everything the model is made of, for its file."""

    def save(self, path: str | Path) -> None:
        """Write the model to one HDF5 file, whole or not at all; BadInput if the file cannot be written."""
        write_record(Path(path), self.record())


def require_in_range(model: str, quantity: str, values: NDArray[np.float64], low: float, high: float) -> None:
    """Raise OutOfRange, with the offending value and the range, unless all values lie in it."""
    slack = ROUNDING * max(abs(low), abs(high))
    outside = values[~((values >= low - slack) & (values <= high + slack))]
    if outside.size:
        raise OutOfRange(
            f"model {model!r}: expected {quantity} from {low:.9g} to {high:.9g}, got {outside.flat[0]:.9g}. "
            "A compiled model does not extrapolate: characterise the device over a wider range and compile again."
        )
