"""Phases over frequency and parameter made continuous, or refused where the data do not determine them.

Between neighbouring frequencies f_i the phase of light delayed by τ (in µm of vacuum path) turns by 2π τ Δf_i, known
modulo 2π. Where the grid is even in wavelength the steps Δf_i differ, so a wrong number of turns leaves a phase that
bends over the band by a known amount; the number of turns that leaves the straightest phase is taken, and refused if
the next one is nearly as straight.
"""

from __future__ import annotations

from math import ceil

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import BadInput

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
TWO_PI = 2.0 * np.pi
MORE_WAVELENGTHS = "Raise wavelengths.points in the device file (or widen the band) and characterise again."
TRIALS_PER_PERIOD = 200  # the peak is many trials wide


def delays(s: Complex, frequencies: Real, where: str) -> Real:
    """Group delay in µm, (n, n), of every entry of s (n_q, n_f, n, n).

    The number of turns per step is decided on the entry that stays largest. Any other delay is the one between zero
    and twice that entry's (light to the far end and back) which makes its own steps most alike. Raises BadInput if
    the number of turns is ambiguous.
    """
    steps = np.sum(s[:, 1:] * s[:, :-1].conj(), axis=0)
    df = np.diff(frequencies)
    period = float(1.0 / df.mean())
    n = s.shape[-1]
    i, j = np.unravel_index(np.argmax(np.abs(s).min(axis=(0, 1))), (n, n))
    principal = _best_delay(steps[:, i, j], df, -period / 2, period / 2)
    longest = principal + period * _turns(steps[:, i, j], df, principal, where)
    low, high = sorted((0.0, 2.0 * longest))
    delay = [[_best_delay(steps[:, out, into], df, low, high) for into in range(n)] for out in range(n)]
    delay[i][j] = longest
    return np.array(delay)


def continuous_phase(s: Complex, frequencies: Real, delay: float, where: str) -> Real:
    """Phase of s (n_q, n_f) without the delay's 2π f τ, (n_q, n_f), continuous in both directions.

    Raises BadInput where a step is too near half a turn to know its direction.
    """
    phase = np.unwrap(np.angle(s * np.exp(-1j * TWO_PI * frequencies * delay)), axis=1)
    if phase.shape[1] > 1 and np.abs(np.diff(phase, axis=1)).max() > 0.7 * np.pi:
        expected = "phase steps below 0.7 π between neighbouring wavelengths, group delay removed"
        raise BadInput(where, expected, f"{np.abs(np.diff(phase, axis=1)).max() / np.pi:.2f} π", MORE_WAVELENGTHS)
    middle = frequencies.mean()
    slope, offset = np.polyfit(frequencies - middle, phase.T, 1)
    steps = np.array([_step(w, p, where) for w, p in zip(np.diff(offset), np.diff(slope) * middle, strict=True)])
    shift = np.concatenate([[0.0], np.cumsum(steps)]) - (offset - offset[0])
    return np.asarray(phase + shift[:, None])


def _best_delay(steps: Complex, df: Real, low: float, high: float) -> float:
    """Delay from low to high that best explains the phase steps, (n_f − 1,), each counted by its magnitude."""
    if not np.any(steps):
        return 0.0
    trial = np.linspace(low, high, 1 + ceil(TRIALS_PER_PERIOD * (high - low) * df.mean()))
    best = trial[np.argmax(np.real(np.exp(-1j * TWO_PI * np.outer(trial, df)) @ steps))]
    left = np.angle(steps * np.exp(-1j * TWO_PI * best * df))
    return float(best + np.sum(np.abs(steps) * df * left) / (TWO_PI * np.sum(np.abs(steps) * df**2)))


def _turns(steps: Complex, df: Real, delay: float, where: str) -> int:
    """Whole turns per step to add to the principal delay: the projection of what is left on one turn's bend."""
    bend = TWO_PI * (df / df.mean() - 1.0)
    left = np.angle(steps * np.exp(-1j * TWO_PI * delay * df))
    norm = float(np.sum(bend**2))
    if norm < 1e-12:
        expected = "wavelengths whose frequencies are not evenly spaced"
        raise BadInput(where, expected, "even frequencies, which hide whole turns", "Space the wavelengths evenly.")
    turns = float(np.sum(bend * left) / norm)
    scatter = float(np.sqrt(np.mean((left - turns * bend) ** 2) / norm))
    if abs(turns - round(turns)) + 2.0 * scatter > 0.5:
        got = f"{turns:.2f} ± {scatter:.2f}"
        raise BadInput(where, "a clear number of phase turns between neighbouring wavelengths", got, MORE_WAVELENGTHS)
    return round(turns)


def _step(difference: float, predicted: float, where: str) -> float:
    """Phase step between neighbouring parameter values at mid-band, known modulo 2π.

    `predicted`, 2πf times the change of group delay, is the step itself if the change has no dispersion; real ones
    are let differ by a quarter turn and by 40 %. One candidate alone may be that near, and it must not contradict a
    small step where that is possible.
    """
    wrapped = (difference + np.pi) % TWO_PI - np.pi
    centre = round((predicted - wrapped) / TWO_PI)
    candidates = wrapped + TWO_PI * np.arange(centre - 3, centre + 4)
    near = candidates[np.abs(candidates - predicted) <= np.pi / 2 + 0.4 * np.abs(candidates)]
    if near.size != 1 or (abs(wrapped) <= np.pi / 2 and abs(near[0] - wrapped) > np.pi):
        got = f"{wrapped / np.pi:.2f} π modulo 2π where the group delay suggests {predicted / np.pi:.2f} π"
        cure = "Put more, closer values under tunable.values and characterise again."
        raise BadInput(where, "a clear phase step between neighbouring parameter values", got, cure)
    return float(near[0])
