"""What a weak probe sees of an absorber that recovers after its pump has ended."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.fullwave.absorbing import absorbing_blocks, overlap, two_level
from fdtd_onn.fullwave.density import density
from fdtd_onn.fullwave.saturation import Progress, absorber_cell, require_one_rank
from fdtd_onn.fullwave.steady import RAMP_PERIODS, advance, light_up, rest_steps, sums, window_steps
from fdtd_onn.fullwave.structure import simulation
from fdtd_onn.specs.runs import RecoveryRun

_LIFETIMES = 3.0  # that the probe watches


@dataclass(frozen=True, eq=False)
class RecoveryPoint:
    """transmission: (m,) amplitude ratio of the probe at delays (m,) after the pump's end, in optical periods.

    lifetime_periods: of the upper level, as the run has it.
    """

    delay_periods: NDArray[np.float64]
    transmission: NDArray[np.complex128]
    lifetime_periods: float
    setup_seconds: float
    stepping_seconds: float
    cell_updates: float
    settled_to: float


def run_recovery(run: RecoveryRun, progress: Progress) -> RecoveryPoint:
    """Pump and probe together until the populations rest, then the probe alone, looked at a few periods at a time.

    The probe is on all the time: it is too weak to matter, and needs no difference once the pump's light has left.
    """
    require_one_rank()
    device, started = run.device, time.perf_counter()
    cell = absorber_cell(device, run.fidelity, run.resolution, np.array([device.saturation.wavelength_um]))
    atom, atoms = two_level(device, run.pump_over_saturation), density(device, cell)
    power = overlap(device, atom, cell, atoms).engine_saturation_power
    powers = (run.pump_over_saturation * power, device.saturation.probe_over_saturation * power)
    frequency, dt = float(cell.ports[0].frequencies[0]), cell.grid.dt
    pumped = rest_steps(cell, device.parameters.relaxation_periods)
    sim = simulation(cell.grid, cell.chi, absorbing_blocks(device, atom, cell, atoms))
    readings = light_up(
        sim, cell, run.fidelity.lead_um, (np.sqrt(powers[0]), np.sqrt(powers[1])), (pumped * dt, np.inf)
    )
    stepping_from = time.perf_counter()
    leaving = round((2 * RAMP_PERIODS / frequency + 4 * cell.grid.size_um[0]) / dt)
    window = window_steps(dt, frequency, 3, 8)
    count = round(_LIFETIMES / (atom.decay * dt) / window)
    steps = pumped + leaving + count * window
    advance(sim, pumped + leaving)
    total, seen = sums(sim, readings), []
    for k in range(count):
        advance(sim, window)
        now = sums(sim, readings)
        waves, total = now - total, now
        seen.append(waves[0, 1] / waves[1, 0])
        progress(pumped + leaving + (k + 1) * window, steps)
    o1, o2 = (port.to_reference[0] for port in cell.ports)
    return RecoveryPoint(
        delay_periods=(leaving + (np.arange(count) + 0.5) * window) * dt * frequency,
        transmission=np.array(seen) / (o1 * o2),
        lifetime_periods=frequency / atom.decay,
        setup_seconds=stepping_from - started,
        stepping_seconds=time.perf_counter() - stepping_from,
        cell_updates=float(steps) * cell.grid.cells,
        settled_to=0.0,
    )
