"""One column of S: excite one mode of a port with a pulse, step until S has settled, read all ports."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import RunFailed
from fdtd_onn.fullwave.cell import Cell, build_cell
from fdtd_onn.fullwave.checkpoint import Checkpoint, Course, Keeper
from fdtd_onn.fullwave.lag import dispersion_of_ports
from fdtd_onn.fullwave.meep import meep
from fdtd_onn.fullwave.ports import Waveform, add_readings, currents, read
from fdtd_onn.fullwave.radiation import Radiated, add_rim
from fdtd_onn.fullwave.structure import simulation
from fdtd_onn.specs.device import GratingTap
from fdtd_onn.specs.fidelity import Fidelity
from fdtd_onn.specs.runs import ScatteringRun, SpectrumRun

#: (done, total) in the same unit of time; the total is an estimate until the run has settled.
Progress = Callable[[float, float], None]

_CUTOFF = 4.0  # in widths of the pulse's Gaussian: it starts and ends at exp(-8) of its peak amplitude
_LARGEST = 1e3  # no |S| of a device that settles comes near it, even while light is still on its way
_PULSES = 5  # copies of it: 3 leave -78 dB of the wrong modes at a wide guide's ends of the band, 5 leave -148 dB
_FIELD_PIXELS = 600_000  # no more than this many pixels of a field map are kept


@dataclass(frozen=True, eq=False)
class Column:
    """What one run gives.

    s: (n_ports, n_f) amplitudes out of every port over the one into the excited port, at the reference planes; here
    and in what follows, a port is one mode of one.
    beta_continuum: (n_ports, n_f) rad/µm, in the limit of a fine grid.
    lag: (n_ports, n_f) rad, what the grid's dispersion adds to the phase between each port and the device's middle.
    field, field_extent_um: map of |H| (te: Hz) or |E| (tm: Ez) at the middle wavelength, (nx, ny), (x0, x1, y0, y1).
    radiated: of a tap, None for other devices.
    inner: (n_monitors, n_f, 2) waves to the right and to the left at the device's monitors, over the one into the
    excited port; None without monitors.
    """

    s: NDArray[np.complex128]
    beta_continuum: NDArray[np.float64]
    lag: NDArray[np.float64]
    field: NDArray[np.float32]
    field_extent_um: tuple[float, float, float, float]
    setup_seconds: float
    stepping_seconds: float
    cell_updates: float
    settled_to: float
    radiated: Radiated | None = None
    inner: NDArray[np.complex128] | None = None


def wavelengths(run: ScatteringRun | SpectrumRun) -> NDArray[np.float64]:
    """(n_wl,) in µm."""
    grid = run.device.wavelengths
    return np.linspace(grid.start_um, grid.stop_um, grid.points)


def run_scattering(run: ScatteringRun, progress: Progress, checkpoint: Checkpoint | None = None) -> Column:
    """Run it, collectively on all ranks of the world. Raises RunFailed when fields diverge or do not settle.

    checkpoint: to go on from, and to keep the state in; not used for dispersive matter.
    """
    meep()  # importing it takes half a second and is not part of the set-up
    started = time.perf_counter()
    cell = build_cell(run.device, run.fidelity, run.resolution, wavelengths(run), lattice=run.lattice)
    kept = checkpoint if cell.dispersion is None else None
    return column_of(cell, run.fidelity, run.port, progress, started, checkpoint=kept)


def column_of(
    cell: Cell,
    fidelity: Fidelity,
    port: str,
    progress: Progress,
    started: float,
    matter: tuple[Any, ...] = (),
    checkpoint: Checkpoint | None = None,
) -> Column:
    """The column of one port of a cell, with further blocks of matter if any; started: when work on the cell began."""
    excited = cell.ports.index(cell.port(port))
    sim, duration = prepare(cell, fidelity, port, matter)
    readings = add_readings(sim, cell.ports)
    rim = add_rim(sim, cell) if isinstance(cell.drawing.device, GratingTap) else None
    within = add_readings(sim, cell.monitors)
    to_reference = np.array([port.to_reference for port in cell.ports])
    field_map = _add_field_map(sim, cell, float(np.median(cell.ports[excited].frequencies)))
    sim.init_sim()
    stepping_from = time.perf_counter()

    def measure() -> NDArray[np.complex128]:
        inward, outward = read(sim, readings)
        return outward / to_reference / (inward * to_reference)[excited]

    keeper = None if checkpoint is None else Keeper(checkpoint, sim, cell.grid.cells)
    with nullcontext() if keeper is None else keeper.listening():
        s, change = _step_until_settled(sim, cell, measure, duration, fidelity.settle_tolerance, progress, keeper)
    stepped = time.perf_counter()
    incident = (read(sim, readings)[0] * to_reference)[excited]
    inner = np.stack(read(sim, within), axis=-1) / incident[:, None] if within else None
    limits, lags = dispersion_of_ports(cell)
    return Column(
        s=s,
        beta_continuum=limits,
        lag=lags,
        field=_thin(np.abs(sim.get_dft_array(field_map, _mapped_component(cell), 0))),
        field_extent_um=_interior_of_device(cell),
        setup_seconds=stepping_from - started,
        stepping_seconds=stepped - stepping_from + (0.0 if keeper is None else keeper.earlier_s),
        cell_updates=float(sim.fields.t) * cell.grid.cells,
        settled_to=change,
        radiated=None if rim is None else rim.radiated(s, incident, excited),
        inner=inner,
    )


def prepare(cell: Cell, fidelity: Fidelity, port_name: str, matter: tuple[Any, ...] = ()) -> tuple[Any, float]:
    """A cell's simulation with the source of one port, ready to step, and how long its light lasts in µm/c."""
    mp = meep()
    sim = simulation(cell.grid, cell.chi, matter, cell.dispersion)
    port = cell.port(port_name)
    f = port.frequencies
    centre = 0.5 * (f.min() + f.max())
    # Twice the wanted band keeps the pulse short; what lies outside the band is never read.
    width = 2.0 * max(f.max() - f.min(), 0.02 * centre)
    # A mode's profile changes over the band. Copies of the pulse, one after the other, interfere differently at every
    # frequency: with the right profile each they add up to the mode there, and send no other light along.
    delays = np.arange(_PULSES) / width
    weights = np.linalg.pinv(np.exp(2j * np.pi * np.outer(f, delays)))
    pulses = [
        mp.GaussianSource(float(centre), fwidth=float(width), start_time=float(d), cutoff=_CUTOFF) for d in delays
    ]
    waveforms = [Waveform(pulse, row) for pulse, row in zip(pulses, weights, strict=True)]
    sim.change_sources(currents(port, 0.5 * fidelity.lead_um, waveforms))
    return sim, 2.0 * _CUTOFF / width + delays[-1]


def _step_until_settled(
    sim: Any,
    cell: Cell,
    measure: Callable[[], NDArray[np.complex128]],
    pulse_duration: float,
    tolerance: float,
    progress: Progress,
    keeper: Keeper | None,
) -> tuple[NDArray[np.complex128], float]:
    """Step in stretches of half a transit until S changes by less than the tolerance over a whole round trip."""
    transit = _transit_time(cell)
    stretch = round(0.5 * transit / cell.grid.dt)
    expected = pulse_duration + 3.0 * transit
    kept = None if keeper is None else keeper.resumed()
    course = Course(stretch) if kept is None else kept
    report = _reporting(expected, progress)
    while True:
        _advance(sim, course, report, keeper)
        latest, arrived = measure(), sim.meep_time() >= pulse_duration + transit
        _require_finite(latest, sim.meep_time(), _LARGEST if arrived else np.inf)
        history = (*course.history[-4:], latest) if arrived else ()
        change = max((float(np.abs(latest - past).max()) for past in history[:-1]), default=np.inf)
        if len(history) == 5 and change < tolerance:
            return latest, change
        if sim.meep_time() > pulse_duration + 100.0 * transit:
            raise RunFailed(
                f"S has not settled to {tolerance:g} after 100 transits of the cell (last change {change:.2g}): the "
                "device holds light far longer than its length suggests (a resonance?)"
            )
        course = Course(course.stretch_end + stretch, history)


def _require_finite(s: NDArray[np.complex128], time_um: float, largest: float) -> None:
    reached = float(np.abs(s).max())
    if not reached <= largest:
        raise _diverged(time_um, f"|S| of {reached:.2g}")


def _diverged(time_um: float, reached: str) -> RunFailed:
    return RunFailed(
        f"fields diverged before time {time_um:.0f} µm/c, where they gave {reached}. Likely causes: a gain medium, a "
        "time step too long for the material, or matter that varies inside the absorbing layer"
    )


def _advance(sim: Any, course: Course, report: Callable[[Any], None], keeper: Keeper | None) -> None:
    """Step to the end of a stretch, saving the state on the way where it is kept."""
    while sim.fields.t < course.stretch_end:
        _step(sim, course.stretch_end, report, keeper)
        if keeper is not None and sim.fields.t < course.stretch_end:
            keeper.save(course)


def _step(sim: Any, end: int, report: Callable[[Any], None], keeper: Keeper | None) -> None:
    """At least one step, and on until that of the stretch's end or until the state is to be saved."""
    begin = sim.fields.t

    def enough(simulation: Any) -> bool:
        now = simulation.fields.t
        return now >= end or (keeper is not None and now > begin and keeper.wanted())

    try:
        sim.run(meep().at_every(1.0, report), until=enough)
    except RuntimeError as error:
        if "NaN" not in str(error):
            raise
        raise _diverged(sim.meep_time(), "no finite number") from error


def _reporting(expected: float, progress: Progress) -> Callable[[Any], None]:
    """A step function that reports a few times a second at most."""
    last = time.perf_counter()

    def report(simulation: Any) -> None:
        nonlocal last
        now = time.perf_counter()
        if now - last > 0.5:
            last = now
            progress(simulation.meep_time(), max(expected, simulation.meep_time()))

    return report


def _transit_time(cell: Cell) -> float:
    """Time through the cell along the longest guide, at the highest group index of its modes, in µm/c."""
    beta = np.array([[m.beta for m in port.modes] for port in cell.ports])
    group_index = float(np.max(np.gradient(beta, 2 * np.pi * cell.ports[0].frequencies, axis=1)))
    axes = {port.axis for port in cell.geometry.ports}
    return group_index * sum(size for axis, size in zip("xy", cell.grid.size_um, strict=False) if axis in axes)


def _mapped_component(cell: Cell) -> Any:
    mp = meep()
    return mp.Hz if cell.ports[0].frame.polarization == "te" else mp.Ez


def _interior(cell: Cell) -> tuple[float, float, float, float]:
    grid = cell.grid
    x, y = ((n // 2 - grid.pml) * grid.pitch for n in (grid.nx, grid.ny))
    return -x, x, -y, y


def _interior_of_device(cell: Cell) -> tuple[float, float, float, float]:
    """The same in the device's own coordinates."""
    x0, x1, y0, y1 = _interior(cell)
    dx, dy = cell.offset_um[:2]
    return x0 - dx, x1 - dx, y0 - dy, y1 - dy


def _add_field_map(sim: Any, cell: Cell, frequency: float) -> Any:
    mp = meep()
    x0, x1, y0, y1 = _interior(cell)
    return sim.add_dft_fields(
        [_mapped_component(cell)],
        [frequency],
        center=mp.Vector3(),
        size=mp.Vector3(x1 - x0, y1 - y0),
        decimation_factor=8,
    )


def _thin(field: NDArray[np.float64]) -> NDArray[np.float32]:
    """Every second pixel (or fewer) of a large map: it is for the eye only."""
    every = max(1, int(np.ceil(np.sqrt(field.size / _FIELD_PIXELS))))
    return field[::every, ::every].astype(np.float32)
