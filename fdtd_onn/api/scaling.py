"""What a command takes on more and more ranks, foretold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fdtd_onn.api.campaigns import Subject, scaling_of, wanted
from fdtd_onn.api.characterize import runs_behind
from fdtd_onn.cluster.jobs import Wanted
from fdtd_onn.cluster.scaling import Scaling, all_done, ranks_each
from fdtd_onn.store import Store


@dataclass(frozen=True)
class OnRanks:
    """On so many ranks: the longest run alone on all of them, its parallel efficiency, and all runs together.

    each: ranks per run with which they all end soonest.
    """

    ranks: int
    longest_s: float
    efficiency: float
    all_s: float
    each: int


@dataclass(frozen=True)
class Outlook:
    """What is to be run, what the model says of it, and where more ranks stop to pay for the longest run.

    done: how many of the runs the store has; the others are in `runs`. pays_to: the most ranks at an efficiency of a
    half or more, up to the most that were asked for.
    """

    runs: tuple[Wanted, ...]
    done: int
    scaling: Scaling
    table: tuple[OnRanks, ...]
    pays_to: int


def outlook(subject: Subject, store: Store, ranks: Sequence[int]) -> Outlook:
    """Foretell a subject's missing runs on so many ranks. Raises as `runs_behind`."""
    behind = runs_behind(subject.devices, subject.fidelity, subject.checks)
    runs = tuple(wanted(key, run) for key, run in behind.items() if not store.has(key))
    scaling = scaling_of(store)
    if not runs:
        return Outlook(runs, len(behind), scaling, (), 1)
    longest = max((run.work for run in runs), key=lambda work: work.seconds)
    table = tuple(_on(count, runs, scaling) for count in ranks)
    return Outlook(runs, len(behind) - len(runs), scaling, table, scaling.most_ranks(longest, max(ranks)))


def _on(ranks: int, runs: Sequence[Wanted], scaling: Scaling) -> OnRanks:
    works = [run.work for run in runs]
    longest = max(works, key=lambda work: work.seconds)
    each = ranks_each(works, scaling, ranks)
    return OnRanks(
        ranks,
        scaling.seconds(longest, ranks),
        scaling.efficiency(longest, ranks),
        all_done(works, scaling, ranks, each),
        each,
    )
