"""About how much a run takes, before it is started: pixels, steps, memory, and time at speeds measured once."""

from __future__ import annotations

from dataclasses import dataclass

from fdtd_onn.fullwave.grid import grid_for
from fdtd_onn.fullwave.patch import aligned_resolution
from fdtd_onn.geometry.scene import draw
from fdtd_onn.specs.runs import AnyRun, RecoveryRun, SaturationRun, ScatteringRun, SpectrumRun

# Pixels updated per second by one process (measured, Meep 1.25 on a shared core): plane, volume, two-level matter in
# either.
_PLANE_SPEED, _VOLUME_SPEED, _ATOMS_SPEED, _ATOMS_VOLUME_SPEED = 1.3e8, 2.2e7, 2.4e7, 8e6
# Bytes held per pixel: fields, their absorbing-layer companions, and the permittivity while it is handed over.
_PLANE_BYTES, _VOLUME_BYTES, _ATOMS_BYTES = 400.0, 500.0, 900.0
# What the two poles of dispersive matter cost: of the speed there is left, and bytes per pixel on top.
_POLES_SPEED, _POLES_BYTES = 0.42, 200.0
_GROUP_INDEX = 4.0


@dataclass(frozen=True)
class Cost:
    """An estimate, good to a factor of two or so: pixels, time steps, memory in bytes, seconds in one process."""

    pixels: int
    steps: int
    memory_bytes: float
    seconds: float


def estimated_cost(run: AnyRun) -> Cost:
    """What a run is likely to take."""
    resolution: float = run.resolution
    if not isinstance(run, ScatteringRun):
        resolution = aligned_resolution(run.device, run.resolution)
    grid = grid_for(draw(run.device, 0.0), run.fidelity, resolution)
    transit, atoms_speed = _GROUP_INDEX * max(grid.size_um[:2]), _ATOMS_VOLUME_SPEED if grid.nz else _ATOMS_SPEED
    if isinstance(run, SaturationRun):
        periods = 45.0 + 3.0 * run.device.parameters.relaxation_periods
        steps = 2.0 * (periods * run.device.saturation.wavelength_um + transit) / grid.dt
        speed, held = atoms_speed, _ATOMS_BYTES
    elif isinstance(run, RecoveryRun):
        lifetime = run.device.parameters.relaxation_periods
        periods = 25.0 + 3.0 * lifetime * (2.0 + run.pump_over_saturation)
        steps = (periods * run.device.saturation.wavelength_um + 2.0 * transit) / grid.dt
        speed, held = atoms_speed, _ATOMS_BYTES
    else:
        wl = run.device.wavelengths
        steps = (6.0 / (1.0 / wl.start_um - 1.0 / wl.stop_um) + 3.0 * transit) / grid.dt
        speed, held = (_VOLUME_SPEED, _VOLUME_BYTES) if grid.nz else (_PLANE_SPEED, _PLANE_BYTES)
    if isinstance(run, SpectrumRun):
        steps *= 2.0
    if run.device.is_dispersive:
        speed, held = _POLES_SPEED * speed, held + _POLES_BYTES
    return Cost(grid.cells, round(steps), held * grid.cells, steps * grid.cells / speed)
