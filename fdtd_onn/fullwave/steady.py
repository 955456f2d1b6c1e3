"""Continuous light through a cell, in steady state."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import RunFailed
from fdtd_onn.fullwave.cell import Cell
from fdtd_onn.fullwave.meep import meep
from fdtd_onn.fullwave.ports import Reading, Waveform, add_readings, currents, read

RAMP_PERIODS = 5.0
#: From Meep's Fourier sum over some time to the amplitude A of Re(A e^{-iωt}): this over that time.
AMPLITUDE_OF_SUM = 2 * np.sqrt(2 * np.pi)


@dataclass(frozen=True, eq=False)
class Steady:
    """Amplitudes in and out of both ports (2,) in √(engine power per µm), and what the run cost."""

    inward: NDArray[np.complex128]
    outward: NDArray[np.complex128]
    stepping_seconds: float
    settled_to: float
    steps: int


def light_up(
    sim: Any, cell: Cell, lead_um: float, amplitudes: tuple[complex, complex], ends: Sequence[float] = (np.inf, np.inf)
) -> tuple[Reading, ...]:
    """Continuous light into both ports, of these amplitudes and until these times; readings at both."""
    mp = meep()
    sources = []
    for port, amplitude, end in zip(cell.ports, amplitudes, ends, strict=True):
        if amplitude != 0.0:
            frequency = float(port.frequencies[0])
            wave = mp.ContinuousSource(frequency, width=RAMP_PERIODS / frequency, end_time=min(end, 1e20))
            sources += currents(port, 0.5 * lead_um, [Waveform(wave, np.array([complex(amplitude)]))])
    sim.change_sources(sources)
    readings = add_readings(sim, cell.ports)
    sim.init_sim()
    return readings


def rest_steps(cell: Cell, memory_periods: float) -> int:
    """Steps after which a look for the steady state pays, in matter with so long a memory."""
    frequency = float(cell.ports[0].frequencies[0])
    rest = (3 * RAMP_PERIODS + 3 * memory_periods) / frequency + 4 * cell.grid.size_um[0]
    return round(rest / cell.grid.dt)


def window_steps(dt: float, frequency: float, fewest: int = 6, most: int = 24) -> int:
    """Steps in so many periods, whichever is nearest to a whole number, so that harmonics cancel in a Fourier sum."""
    steps = np.arange(fewest, most + 1) / (frequency * dt)
    return int(np.round(steps[np.argmin(np.abs(steps - np.round(steps)))]))


def advance(sim: Any, steps: int) -> None:
    """Exactly that many steps: Meep stops at the first step that reaches `until`, so half a step is held back."""
    sim.run(until=(steps - 0.5) * sim.fields.dt)


def sums(sim: Any, readings: tuple[Reading, ...]) -> NDArray[np.complex128]:
    """(2 ports, in and out): Fourier sums since the start."""
    return np.stack(read(sim, readings), axis=1)[..., 0]


def settle(
    sim: Any,
    readings: tuple[Reading, ...],
    cell: Cell,
    rest: int,
    steps: int | None,
    tolerance: float,
    progress: Callable[[float, float], None],
) -> Steady:
    """Step until amplitudes repeat from window to window, or for a given number of steps."""
    dt, started = cell.grid.dt, time.perf_counter()
    window = window_steps(dt, float(cell.ports[0].frequencies[0]))
    before = rest if steps is None else steps - 2 * window
    expected = before + 4.0 * window
    waves, change, done = _until_repeating(
        sim, readings, window, before, steps, tolerance, lambda now: progress(min(now, expected), expected)
    )
    scale = AMPLITUDE_OF_SUM / (window * dt)
    return Steady(
        inward=waves[:, 0] * scale,
        outward=waves[:, 1] * scale,
        stepping_seconds=time.perf_counter() - started,
        settled_to=change,
        steps=done,
    )


def _until_repeating(
    sim: Any,
    readings: tuple[Reading, ...],
    window: int,
    before: int,
    steps: int | None,
    tolerance: float,
    progress: Callable[[float], None],
) -> tuple[NDArray[np.complex128], float, int]:
    """Fourier sums of the last window, (2 ports, in and out), their relative change from the one before, steps done."""
    advance(sim, before)
    done, total, previous = before, sums(sim, readings), None
    while True:
        advance(sim, window)
        done += window
        now = sums(sim, readings)
        latest, total = now - total, now
        progress(done)
        if not np.all(np.isfinite(latest)):
            raise RunFailed("fields diverged in the absorber: its population inverted, or its time step is too long")
        if previous is not None:
            change = float(np.abs(latest - previous).max() / np.abs(latest).max())
            if done == steps or (steps is None and change < tolerance):
                return latest, change, done
            if done > 20 * before:
                raise RunFailed(f"the absorber has not come to rest: amplitudes still change by {change:.1e} a window")
        previous = latest
