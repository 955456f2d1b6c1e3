"""A training on its way: all that the rest of it depends on, and its history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.training.adam import Adam

Real: TypeAlias = NDArray[np.float64]
#: Of a random generator, as NumPy gives it: texts and whole numbers in dictionaries.
GeneratorState: TypeAlias = Mapping[str, Any]

PARTS = 3  # of a data set, in the history


@dataclass(frozen=True, eq=False)
class State:
    """A training after `epoch` epochs.

    values: (V,) everything trained. adam: the optimiser's. order, noise: of the generators that order the samples and
    disturb the readings.
    loss, accuracy: (epoch + 1, 3). cosines: (m, meshes) of the comparisons so far.
    """

    values: Real
    adam: Adam
    order: GeneratorState
    noise: GeneratorState
    loss: Real
    accuracy: Real
    cosines: Real

    @property
    def epoch(self) -> int:
        """Epochs done."""
        return len(self.loss) - 1


def arrays_of(state: State) -> dict[str, NDArray[Any]]:
    """Its arrays by name."""
    adam = {f"adam_{field.name}": np.asarray(getattr(state.adam, field.name)) for field in fields(Adam)}
    return {name: getattr(state, name) for name in ("values", "loss", "accuracy", "cosines")} | adam


def generator_at(state: GeneratorState) -> np.random.Generator:
    """A generator that goes on from a state. Raises ValueError, TypeError or KeyError for what is none."""
    generator = np.random.default_rng()
    generator.bit_generator.state = state
    return generator
