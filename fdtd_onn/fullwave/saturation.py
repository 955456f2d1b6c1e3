"""One pump power through a saturable absorber, with weak probes the other way: with the pump, and after it.

The coherent probe is the difference between runs with and without it. The time-gated one comes after the pump, before
the populations recover: they are found from the pump's light in steady state (see `populations`) and the probe runs
through them as they stand. That medium is linear and reciprocal, so that if the populations are right the probe's |t|
is the pump's; the difference between the two is the error of the reconstruction.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fdtd_onn.errors import RunFailed
from fdtd_onn.fullwave.absorbing import Blocks, TwoLevel, absorbing_blocks, overlap, two_level
from fdtd_onn.fullwave.cell import Cell, build_cell
from fdtd_onn.fullwave.density import Density, density
from fdtd_onn.fullwave.frozen import frozen_matter
from fdtd_onn.fullwave.meep import meep
from fdtd_onn.fullwave.patch import aligned_resolution, patch_of
from fdtd_onn.fullwave.populations import Real, box_around, fields_inside, inversion
from fdtd_onn.fullwave.steady import Steady, light_up, rest_steps, settle, window_steps
from fdtd_onn.fullwave.structure import simulation
from fdtd_onn.responses.saturation import ModeProfile
from fdtd_onn.specs.device import Absorber
from fdtd_onn.specs.fidelity import Fidelity
from fdtd_onn.specs.runs import SaturationRun

Progress = Callable[[float, float], None]


@dataclass(frozen=True, eq=False)
class PumpPoint:
    """Amplitude ratios at the section's reference planes (its two ends), and the incident pump power."""

    pump_over_saturation: float
    pump_mw: float
    pump_transmission: complex
    pump_reflection: complex
    probe_transmission: complex
    gated_transmission: complex
    saturation_power_mw: float
    profile: ModeProfile
    setup_seconds: float
    stepping_seconds: float
    cell_updates: float
    settled_to: float


def run_saturation(run: SaturationRun, progress: Progress) -> PumpPoint:
    """Pump alone, then pump and probe for exactly as long: their difference is the probe's, slow drifts cancel."""
    require_one_rank()
    device, started = run.device, time.perf_counter()
    cell = absorber_cell(device, run.fidelity, run.resolution, np.array([device.saturation.wavelength_um]))
    atom, atoms = two_level(device, run.pump_over_saturation), density(device, cell)
    core = overlap(device, atom, cell, atoms)
    pump = np.sqrt(run.pump_over_saturation * core.engine_saturation_power)
    probe = np.sqrt(device.saturation.probe_over_saturation * core.engine_saturation_power)
    blocks = absorbing_blocks(device, atom, cell, atoms)
    alone, populations = _pumped(run, cell, atom, atoms, blocks, pump, lambda done, of: progress(done, 2.2 * of))
    both = _both(run, cell, blocks, (pump, probe), alone.steps, lambda done, of: progress(of + done, 2.2 * of))
    gated = _gated(run, cell, atom, atoms, populations, probe)
    o1, o2 = (port.to_reference[0] for port in cell.ports)
    incident = abs(alone.inward[0]) ** 2 / core.engine_saturation_power
    stepping = alone.stepping_seconds + both.stepping_seconds + gated.stepping_seconds
    return PumpPoint(
        pump_over_saturation=float(incident),
        pump_mw=float(incident * core.saturation_power_mw),
        pump_transmission=complex(alone.outward[1] / alone.inward[0] / (o1 * o2)),
        pump_reflection=complex(alone.outward[0] / alone.inward[0] / o1**2),
        probe_transmission=complex(
            (both.outward[0] - alone.outward[0]) / (both.inward[1] - alone.inward[1]) / (o1 * o2)
        ),
        gated_transmission=complex(gated.outward[0] / gated.inward[1] / (o1 * o2)),
        saturation_power_mw=core.saturation_power_mw,
        profile=core.profile,
        setup_seconds=time.perf_counter() - started - stepping,
        stepping_seconds=stepping,
        cell_updates=float(alone.steps + both.steps + gated.steps) * cell.grid.cells,
        settled_to=alone.settled_to,
    )


def require_one_rank() -> None:
    """Raise RunFailed where two-level matter would be divided among ranks."""
    if meep().count_processors() > 1:
        raise RunFailed(
            "expected one rank for a saturable absorber, got "
            f"{meep().count_processors()}: the engine's multilevel media depend on how the cell is divided. Run such "
            "devices without mpirun; their powers are then spread over the cores, one process each"
        )


def absorber_cell(device: Absorber, fidelity: Fidelity, wanted: float, wavelengths_um: Real) -> Cell:
    """The cell of a section, its matter's edges on lines of the grid."""
    return build_cell(device, fidelity, aligned_resolution(device, wanted), wavelengths_um, patch_of(device).lows_um)


def _pumped(
    run: SaturationRun, cell: Cell, atom: TwoLevel, atoms: Density, blocks: Blocks, pump: float, progress: Progress
) -> tuple[Steady, Real]:
    """The pump alone, and the populations that it leaves."""
    sim = simulation(cell.grid, cell.chi, blocks)
    readings = light_up(sim, cell, run.fidelity.lead_um, (pump, 0.0))
    rest = rest_steps(cell, run.device.parameters.relaxation_periods)
    alone = settle(sim, readings, cell, rest, None, 0.1 * run.fidelity.settle_tolerance, progress)
    frequency, box = float(cell.ports[0].frequencies[0]), box_around(atoms, cell.grid)
    light = fields_inside(sim, cell, box, frequency, window_steps(cell.grid.dt, frequency))
    return alone, inversion(light, atom, atoms, cell, box, run.device.detuning(frequency), frequency)


def _both(
    run: SaturationRun,
    cell: Cell,
    blocks: Blocks,
    amplitudes: tuple[float, float],
    steps: int,
    progress: Progress,
) -> Steady:
    sim = simulation(cell.grid, cell.chi, blocks)
    readings = light_up(sim, cell, run.fidelity.lead_um, amplitudes)
    return settle(sim, readings, cell, 0, steps, 0.0, progress)


def _gated(run: SaturationRun, cell: Cell, atom: TwoLevel, atoms: Density, populations: Real, probe: float) -> Steady:
    """The probe after the pump, through populations that stand still."""
    matter = frozen_matter(populations, atom, atoms, cell, box_around(atoms, cell.grid))
    loss = absorbing_blocks(run.device, atom, cell, atoms, absorbs=False)
    sim = simulation(cell.grid, cell.chi, loss, matter)
    readings = light_up(sim, cell, run.fidelity.lead_um, (0.0, probe))
    return settle(sim, readings, cell, rest_steps(cell, 0.0), None, 0.1 * run.fidelity.settle_tolerance, _unheard)


def _unheard(_done: float, _of: float) -> None:
    """Of a run that takes no time next to the others."""
