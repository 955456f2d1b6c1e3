"""One pump power through a saturable absorber, with and without a weak probe the other way, in steady state."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import RunFailed
from fdtd_onn.fullwave.absorbing import absorbing_blocks, aligned_resolution, overlap, two_level
from fdtd_onn.fullwave.cell import Cell, build_cell
from fdtd_onn.fullwave.meep import meep
from fdtd_onn.fullwave.ports import Reading, Waveform, add_readings, currents, read
from fdtd_onn.fullwave.structure import simulation
from fdtd_onn.responses.saturation import ModeProfile
from fdtd_onn.specs.runs import SaturationRun

Progress = Callable[[float, float], None]

_RAMP_PERIODS = 5.0


@dataclass(frozen=True, eq=False)
class PumpPoint:
    """Amplitude ratios at the section's reference planes (its two ends), and the incident pump power."""

    pump_over_saturation: float
    pump_mw: float
    pump_transmission: complex
    pump_reflection: complex
    probe_transmission: complex
    saturation_power_mw: float
    profile: ModeProfile
    setup_seconds: float
    stepping_seconds: float
    cell_updates: float
    settled_to: float


@dataclass(frozen=True, eq=False)
class _Steady:
    """Amplitudes in and out of both ports (2,) in √(engine power per µm), and what the run cost."""

    inward: NDArray[np.complex128]
    outward: NDArray[np.complex128]
    setup_seconds: float
    stepping_seconds: float
    settled_to: float
    steps: int


def run_saturation(run: SaturationRun, progress: Progress) -> PumpPoint:
    """Pump alone, then pump and probe for exactly as long: their difference is the probe's, slow drifts cancel."""
    device = run.device
    if meep().count_processors() > 1:
        raise RunFailed(
            "expected one rank for a saturable absorber, got "
            f"{meep().count_processors()}: the engine's multilevel media depend on how the cell is divided. Run such "
            "devices without mpirun; their powers are then spread over the cores, one process each"
        )
    resolution = aligned_resolution(device, run.resolution)
    cell = build_cell(device, run.fidelity, resolution, np.array([device.saturation.wavelength_um]))
    atom = two_level(device, run.pump_over_saturation)
    core = overlap(device, atom, cell)
    pump = np.sqrt(run.pump_over_saturation * core.engine_saturation_power)
    probe = np.sqrt(device.saturation.probe_over_saturation * core.engine_saturation_power)
    matter = absorbing_blocks(device, atom, cell)
    alone = _steady_state(run, cell, matter, (pump, 0.0), None, lambda done, of: progress(done, 2 * of))
    both = _steady_state(run, cell, matter, (pump, probe), alone.steps, lambda done, of: progress(of + done, 2 * of))
    o1, o2 = (port.to_reference[0] for port in cell.ports)
    incident = abs(alone.inward[0]) ** 2 / core.engine_saturation_power
    return PumpPoint(
        pump_over_saturation=float(incident),
        pump_mw=float(incident * core.saturation_power_mw),
        pump_transmission=complex(alone.outward[1] / alone.inward[0] / (o1 * o2)),
        pump_reflection=complex(alone.outward[0] / alone.inward[0] / o1**2),
        probe_transmission=complex(
            (both.outward[0] - alone.outward[0]) / (both.inward[1] - alone.inward[1]) / (o1 * o2)
        ),
        saturation_power_mw=core.saturation_power_mw,
        profile=core.profile,
        setup_seconds=alone.setup_seconds + both.setup_seconds,
        stepping_seconds=alone.stepping_seconds + both.stepping_seconds,
        cell_updates=float(alone.steps + both.steps) * cell.grid.cells,
        settled_to=alone.settled_to,
    )


def _steady_state(
    run: SaturationRun,
    cell: Cell,
    matter: tuple[Any, ...],
    amplitudes: tuple[float, float],
    steps: int | None,
    progress: Progress,
) -> _Steady:
    """Step a continuous excitation until amplitudes repeat from window to window, or for a given number of steps."""
    started = time.perf_counter()
    mp = meep()
    sim = simulation(cell.grid, cell.chi, matter)
    frequency = 1.0 / run.device.saturation.wavelength_um
    wave = mp.ContinuousSource(frequency, width=_RAMP_PERIODS / frequency)
    sources = [
        source
        for port, amplitude in zip(cell.ports, amplitudes, strict=True)
        if amplitude != 0.0
        for source in currents(port, 0.5 * run.fidelity.lead_um, [Waveform(wave, np.array([amplitude + 0j]))])
    ]
    sim.change_sources(sources)
    readings = add_readings(sim, cell.ports)
    sim.init_sim()
    stepping_from = time.perf_counter()
    dt = cell.grid.dt
    window = _window(dt, frequency)
    rest = (3 * _RAMP_PERIODS + 3 * run.device.parameters.relaxation_periods) / frequency + 4 * cell.grid.size_um[0]
    settle = round(rest / dt) if steps is None else steps - 2 * window
    expected = settle + 4.0 * window
    waves, change, done = _until_repeating(
        sim,
        readings,
        window,
        settle,
        steps,
        0.1 * run.fidelity.settle_tolerance,
        lambda now: progress(min(now, expected), expected),
    )
    # From Meep's Fourier sum over the window to the amplitude A of Re(A e^{-iωt}).
    scale = 2 * np.sqrt(2 * np.pi) / (window * dt)
    return _Steady(
        inward=waves[:, 0] * scale,
        outward=waves[:, 1] * scale,
        setup_seconds=stepping_from - started,
        stepping_seconds=time.perf_counter() - stepping_from,
        settled_to=change,
        steps=done,
    )


def _window(dt: float, frequency: float) -> int:
    """Steps in 6 to 24 periods, whichever is nearest to a whole number, so that harmonics cancel in a Fourier sum."""
    steps = np.arange(6, 25) / (frequency * dt)
    return int(np.round(steps[np.argmin(np.abs(steps - np.round(steps)))]))


def _advance(sim: Any, steps: int) -> None:
    """Exactly that many steps: Meep stops at the first step that reaches `until`, so half a step is held back."""
    sim.run(until=(steps - 0.5) * sim.fields.dt)


def _until_repeating(
    sim: Any,
    readings: tuple[Reading, ...],
    window: int,
    settle: int,
    steps: int | None,
    tolerance: float,
    progress: Callable[[float], None],
) -> tuple[NDArray[np.complex128], float, int]:
    """Fourier sums of the last window, (2 ports, in and out), their relative change from the one before, steps done."""

    def sums() -> NDArray[np.complex128]:
        return np.stack(read(sim, readings), axis=1)[..., 0]

    _advance(sim, settle)
    done, total, previous = settle, sums(), None
    while True:
        _advance(sim, window)
        done += window
        now = sums()
        latest, total = now - total, now
        progress(done)
        if not np.all(np.isfinite(latest)):
            raise RunFailed("fields diverged in the absorber: its population inverted, or its time step is too long")
        if previous is not None:
            change = float(np.abs(latest - previous).max() / np.abs(latest).max())
            if done == steps or (steps is None and change < tolerance):
                return latest, change, done
            if done > 20 * settle:
                raise RunFailed(f"the absorber has not come to rest: amplitudes still change by {change:.1e} a window")
        previous = latest
