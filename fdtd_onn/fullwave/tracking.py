"""Which mode is which: named at the middle of the band, and followed from there to its ends.

A name counts modes by falling effective index at the middle wavelength. At the next wavelength it belongs to the mode
that overlaps most with the one before, so that modes whose indices cross keep their names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import FdtdOnnError
from fdtd_onn.fullwave.modes import Mode, overlap, turned

#: The modes of one guide by name, (names, frequencies).
Modes: TypeAlias = tuple[tuple[Mode, ...], ...]

# Least overlap of a mode with itself at the next wavelength: more than the 1/√2 that two may have with the same one.
_SAME = 0.8
# Modes looked at when the first one found is another: its index has crossed that of the wanted one.
_CROSSING = 4


@dataclass(frozen=True)
class Solver:
    """A guide that is asked for its modes.

    named: from a frequency to those of the wanted modes that are guided there, by name.
    near: from a frequency, a mode at a neighbouring one and a number to that many guided modes, or more, among which
    its continuation is likely to be.
    """

    named: Callable[[float], Mapping[str, Mode]]
    near: Callable[[float, Mode, int], Sequence[Mode]]


def followed(port: str, names: Sequence[str], frequencies: NDArray[np.float64], solver: Solver) -> Modes:
    """The named modes at all frequencies (1/µm, in the order of the band), the sign of each kept along it.

    Raises FdtdOnnError, with wavelengths, when a mode is not guided in all of the band, or when it mixes with another
    one so much between two wavelengths that neither continues it.
    """
    middle = len(frequencies) // 2
    start = solver.named(float(frequencies[middle]))
    tracks = []
    for name in names:
        if name not in start:
            raise _not_guided(port, name, frequencies, solver)
        below = _continuation(port, name, start[name], frequencies[:middle][::-1], frequencies, solver)
        above = _continuation(port, name, start[name], frequencies[middle + 1 :], frequencies, solver)
        tracks.append((*below[::-1], start[name], *above))
    return tuple(tracks)


def _continuation(
    port: str, name: str, mode: Mode, onward: Iterable[float], band: NDArray[np.float64], solver: Solver
) -> list[Mode]:
    """The mode at frequencies that lead away from its own."""
    track = [mode]
    for frequency in map(float, onward):
        best, following = _most_alike(track[-1], solver.near(frequency, track[-1], 1))
        if abs(best) < _SAME:
            best, following = _most_alike(track[-1], solver.near(frequency, track[-1], _CROSSING))
        if abs(best) < _SAME:
            if name not in solver.named(frequency):
                raise _not_guided(port, name, band, solver)
            raise FdtdOnnError(
                f"port {port}: expected {name} to go on from {1 / track[-1].frequency:.4f} to {1 / frequency:.4f} µm, "
                f"found no mode there that shares more than {abs(best):.2f} of its field (least: {_SAME}): it mixes "
                "with another mode. Take more wavelengths, a narrower band, or another width"
            )
        track.append(turned(following) if best < 0.0 else following)
    return track[1:]


def _most_alike(mode: Mode, others: Sequence[Mode]) -> tuple[float, Mode]:
    """The largest overlap, and the mode that has it; without any others none, and the mode itself."""
    overlaps = [(overlap(mode, other), other) for other in others]
    return max(overlaps, key=lambda pair: abs(pair[0]), default=(0.0, mode))


def _not_guided(port: str, name: str, band: NDArray[np.float64], solver: Solver) -> FdtdOnnError:
    guided = [1 / f for f in map(float, band) if name in solver.named(f)]
    found = f"from {min(guided):.4f} to {max(guided):.4f} µm" if guided else "at none of its wavelengths"
    return FdtdOnnError(
        f"port {port}: expected {name} to be guided from {1 / band.max():.4f} to {1 / band.min():.4f} µm, found it "
        f"guided {found}. Widen the guide, raise its index, shorten the band, or leave the mode out of [modes]"
    )
