"""How long a run takes on so many ranks: a model with three numbers, fitted to what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

#: Parallel efficiency below which more ranks do not pay.
LEAST_EFFICIENCY = 0.5
# How much an assumed number weighs against a measured run: many runs overrule it, none leave it as it is.
_WEIGHT_OF_ASSUMED = 0.01


@dataclass(frozen=True)
class Work:
    """What one run has to do.

    seconds: that one process is estimated to take. shared: whether ranks can divide it; an absorber's run has one.
    """

    pixels: int
    steps: int
    dimensions: int
    seconds: float
    shared: bool = True

    def ranks(self, offered: int) -> int:
        """How many of those offered it can use."""
        return offered if self.shared else 1


@dataclass(frozen=True)
class Measured:
    """A run that was done: its work, on how many ranks, and the seconds that stepping took."""

    work: Work
    ranks: int
    seconds: float


@dataclass(frozen=True)
class Scaling:
    """t(P) = slowness·t(1)/P + steps·(face_pixel_s·faces(pixels/P) + latency_s), the bracket for P > 1 only.

    Ranks divide the cell into equal boxes and exchange the faces of theirs in every step: 4 n^½ of n pixels in a
    plane, 6 n^⅔ in space. slowness: of this machine, against the speeds behind the estimate. The numbers assumed where
    nothing was measured: 96 bytes per pixel of a face at 2 GB/s, and some messages of a few microseconds per step.
    measured: how many runs are behind the numbers.
    """

    slowness: float = 1.0
    face_pixel_s: float = 5e-8
    latency_s: float = 2e-5
    measured: int = 0

    def seconds(self, work: Work, ranks: int) -> float:
        """Time that a run takes on so many ranks, or on those of them that it can use."""
        numbers = np.array([self.slowness, self.face_pixel_s, self.latency_s])
        return float(_terms(work, work.ranks(ranks)) @ numbers)

    def efficiency(self, work: Work, ranks: int) -> float:
        """Share of the ranks' time that goes into stepping pixels, 0 … 1."""
        return self.seconds(work, 1) / (ranks * self.seconds(work, ranks))

    def most_ranks(self, work: Work, limit: int) -> int:
        """The largest power of two up to a limit whose efficiency is a half or more."""
        return max(n for n in powers_of_two(work.ranks(limit)) if self.efficiency(work, n) >= LEAST_EFFICIENCY)

    def fewest_ranks(self, work: Work, limit: int, within_s: float) -> int:
        """The smallest power of two that brings a run below a time, as far as more ranks pay."""
        paying = powers_of_two(self.most_ranks(work, limit))
        return next((n for n in paying if self.seconds(work, n) <= within_s), paying[-1])


def fitted(runs: Sequence[Measured]) -> Scaling:
    """The model that fits runs best, by least squares of relative errors, no number below zero."""
    assumed = Scaling()
    start = np.array([assumed.slowness, assumed.face_pixel_s, assumed.latency_s])
    rows = [_terms(run.work, run.ranks) * start / run.seconds for run in runs]
    held = _WEIGHT_OF_ASSUMED * np.eye(start.size)
    matrix = np.vstack([*rows, held])
    goal = np.concatenate([np.ones(len(rows)), held.sum(axis=1)])
    slowness, face, latency = (nnls(matrix, goal)[0] * start).tolist()
    return Scaling(slowness, face, latency, len(runs))


def makespan(needs: Sequence[tuple[int, float]], cores: int) -> float:
    """Seconds until all are done that need so many cores for so long, the longest started first (Graham's rule)."""
    free_at = np.zeros(min(cores, sum(taken for taken, _ in needs)))  # more would only be sorted
    for taken, seconds in sorted(needs, key=lambda need: -need[1]):
        chosen = np.argsort(free_at, kind="stable")[:taken]
        free_at[chosen] = free_at[chosen].max() + seconds
    return float(free_at.max(initial=0.0))


def all_done(works: Sequence[Work], scaling: Scaling, cores: int, each: int) -> float:
    """Seconds until all are done on so many cores, `each` of them, or as many as pay, for every run."""
    needs = [(scaling.most_ranks(work, each), work) for work in works]
    return makespan([(ranks, scaling.seconds(work, ranks)) for ranks, work in needs], cores)


def ranks_each(works: Sequence[Work], scaling: Scaling, cores: int) -> int:
    """Ranks for each run with which all end soonest: from one each, side by side, to all cores for one at a time."""
    return min(powers_of_two(cores), key=lambda each: all_done(works, scaling, cores, each))


def powers_of_two(limit: int) -> list[int]:
    """1, 2, 4 … up to a limit."""
    return [1 << k for k in range(limit.bit_length())]


def _terms(work: Work, ranks: int) -> NDArray[np.float64]:
    """What multiplies the model's three numbers."""
    share = work.pixels / ranks
    faces = 4.0 * share**0.5 if work.dimensions == 2 else 6.0 * share ** (2.0 / 3.0)
    shared = work.steps * (ranks > 1)
    return np.array([work.seconds / ranks, shared * faces, float(shared)])
