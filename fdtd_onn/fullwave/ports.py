"""A port's modes on the grid: planes, modes at every frequency, currents, and the reading of their amplitudes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import FdtdOnnError
from fdtd_onn.fullwave.channels import Channel
from fdtd_onn.fullwave.dispersion import Dispersion, dispersed
from fdtd_onn.fullwave.frames import Frame, Pair, frame_of
from fdtd_onn.fullwave.grid import Grid
from fdtd_onn.fullwave.meep import meep
from fdtd_onn.fullwave.modes import Mode, Section, decompose, guided_modes
from fdtd_onn.fullwave.permittivity import Permittivity
from fdtd_onn.fullwave.tracking import Modes, Solver, followed
from fdtd_onn.fullwave.vector_modes import CrossSection, modes_near, named_vector_modes
from fdtd_onn.fullwave.yee_block import YeeBlock

Complex = NDArray[np.complex128]
#: A guide's section at every frequency: the same one unless its indices change over the band.
Cuts = tuple[Section | CrossSection, ...]


@dataclass(frozen=True)
class Window:
    """Where a port's mode is resolved, in pixels: an integer plane across its axis, and a range on it.

    first, points: lower corner across the axis in the plane, and pixels from there. bottom, height: the same upwards;
    height 0 in two dimensions.
    """

    plane: int
    first: int
    points: int
    bottom: int = 0
    height: int = 0


@dataclass(frozen=True, eq=False)
class GridPort:
    """One mode of a port, whose fields are read on its window's plane and, for H, half a pixel further along the axis.

    name: of its channel.  mode: the mode's, such as "te1".  modes: it at every frequency.
    reference_um: distance from the plane to the reference plane, inwards.
    """

    name: str
    mode: str
    outward: int
    frame: Frame
    window: Window
    grid: Grid
    modes: tuple[Mode, ...]
    reference_um: float

    @property
    def frequencies(self) -> NDArray[np.float64]:
        """(n_f,) in 1/µm."""
        return np.array([mode.frequency for mode in self.modes])

    @property
    def to_reference(self) -> Complex:
        """(n_f,) factor that a wave gains from the reading plane to the reference plane."""
        return np.exp(1j * np.array([mode.beta for mode in self.modes]) * self.reference_um)

    def source_plane(self, distance_um: float) -> int:
        """The integer plane `distance_um` outside the reading plane, where the port's light is launched."""
        return self.window.plane + self.outward * round(distance_um * self.grid.resolution)


def grid_ports(
    channels: Sequence[Channel],
    range_um: tuple[float, float],
    polarization: str,
    offset_um: float,
    frequencies: NDArray[np.float64],
    grid: Grid,
    chi: Permittivity,
    dispersion: Dispersion | None = None,
    heights_um: tuple[float, float] = (-np.inf, np.inf),
) -> tuple[GridPort, ...]:
    """Solve the modes of a port's channels on the grid.

    range_um: (lowest, highest) coordinate of the window across the axis.
    heights_um: the same upwards in three dimensions, where it reaches to the absorbing layers at most.
    offset_um: how far outside the reference plane the fields are read.
    Raises FdtdOnnError when a mode is not guided over the band, is mixed up with another or does not fit its window.
    """
    placement, names = channels[0].placement, tuple(channel.mode for channel in channels)
    frame = frame_of(placement.axis, polarization, grid.dimensions)
    plane = grid.nearest(placement.along_um + placement.outward * offset_um)
    first, last = (grid.nearest(edge) for edge in range_um)
    window = Window(plane, first, last - first, *(_upwards(heights_um, grid) if grid.nz else (0, 0)))
    reference = placement.outward * (plane * grid.pitch - placement.along_um)
    cuts = _cuts(frame, window, grid, chi, dispersion, frequencies)
    modes = port_modes(placement.name, names, cuts, frequencies)
    for channel, found in zip(channels, modes, strict=True):
        _check_fits(channel.name, found)
    return tuple(
        GridPort(channel.name, channel.mode, placement.outward, frame, window, grid, found, reference)
        for channel, found in zip(channels, modes, strict=True)
    )


def _upwards(heights_um: tuple[float, float], grid: Grid) -> tuple[int, int]:
    """Bottom and height of a window in pixels."""
    half = grid.nz // 2 - grid.pml
    low, high = (grid.nearest(float(np.clip(edge, -half * grid.pitch, half * grid.pitch))) for edge in heights_um)
    return low, high - low


def section_of(frame: Frame, window: Window, grid: Grid, chi: Permittivity) -> Section | CrossSection:
    """The guide that crosses a window: a line in two dimensions, an area in three."""
    return _cross_section(frame, window, grid, chi) if grid.nz else _section(frame, window, grid, chi)


def _cuts(
    frame: Frame,
    window: Window,
    grid: Grid,
    chi: Permittivity,
    dispersion: Dispersion | None,
    frequencies: NDArray[np.float64],
) -> Cuts:
    """The guide that crosses a window, with χ at each frequency."""
    centre: Any = section_of(frame, window, grid, chi)
    if dispersion is None:
        return (centre,) * len(frequencies)
    slope: Any = section_of(frame, window, grid, dispersion.slope)
    return tuple(dispersed(dispersion, centre, slope, float(f)) for f in frequencies)


def port_modes(port: str, names: Sequence[str], cuts: Cuts, frequencies: NDArray[np.float64]) -> Modes:
    """The named modes of a guide, each at every frequency, from its cut at each; `port` is named in errors."""
    sections = dict(zip(frequencies.tolist(), cuts, strict=True))
    solver = _volume_solver if isinstance(cuts[0], CrossSection) else _plane_solver
    return followed(port, names, frequencies, solver(sections, names))


def _volume_solver(sections: Mapping[float, Any], names: Sequence[str]) -> Solver:
    return Solver(
        named=lambda frequency: named_vector_modes(sections[frequency], frequency, names),
        near=lambda frequency, mode, count: modes_near(sections[frequency], frequency, mode, count),
    )


def _plane_solver(sections: Mapping[float, Any], names: Sequence[str]) -> Solver:
    """Modes of a line have distinct indices, in the same order at every frequency: names are places in it."""
    orders = {name: int(name[2:]) for name in names}
    count = 1 + max(orders.values())

    def named(frequency: float) -> dict[str, Mode]:
        modes = guided_modes(sections[frequency], frequency, count)
        return {name: modes[order] for name, order in orders.items() if order < len(modes)}

    def near(frequency: float, _mode: Mode, _count: int) -> tuple[Mode, ...]:
        return guided_modes(sections[frequency], frequency, count)

    return Solver(named=named, near=near)


def _turned(values: NDArray[np.float64], frame: Frame) -> NDArray[np.float64]:
    """The array with its first index along the axis of propagation and its second across it."""
    return values if frame.axis == "x" else np.swapaxes(values, 0, 1)


def _corner(frame: Frame, window: Window, grid: Grid) -> tuple[int, int, int]:
    """Array indices of the window's lower corner: along, across, up."""
    along, across = (grid.nx, grid.ny) if frame.axis == "x" else (grid.ny, grid.nx)
    return window.plane + along // 2, window.first + across // 2, window.bottom + grid.nz // 2


def _section(frame: Frame, window: Window, grid: Grid, chi: Permittivity) -> Section:
    """χ along the line of a port in two dimensions."""
    i, j, _ = _corner(frame, window, grid)
    along, across = (chi.xx, chi.yy) if frame.axis == "x" else (chi.yy, chi.xx)
    te = frame.polarization == "te"
    start, count = (j, window.points) if te else (j + 1, window.points - 1)
    return Section(
        polarization=frame.polarization,
        pitch=grid.pitch,
        dt=grid.dt,
        along=_turned(along, frame)[i, j : j + count + 1],
        across=_turned(across if te else chi.zz, frame)[i, start : start + count],
        handedness=frame.pairs[0].sign,
    )


def _cross_section(frame: Frame, window: Window, grid: Grid, chi: Permittivity) -> CrossSection:
    """χ over the window of a port in three dimensions."""
    i, j, k = _corner(frame, window, grid)
    along, across = (chi.xx, chi.yy) if frame.axis == "x" else (chi.yy, chi.xx)
    all_j, inner_j = slice(j, j + window.points), slice(j + 1, j + window.points)
    all_k, inner_k = slice(k, k + window.height), slice(k + 1, k + window.height)
    return CrossSection(
        pitch=grid.pitch,
        dt=grid.dt,
        along=_turned(along, frame)[i, inner_j, inner_k],
        across=_turned(across, frame)[i, all_j, inner_k],
        up=_turned(chi.zz, frame)[i, inner_j, all_k],
        handedness=frame.pairs[0].sign,
    )


def _check_fits(name: str, modes: tuple[Mode, ...]) -> None:
    """A mode that is not small at the window's rim is cut, and its S-parameters would be wrong by that much."""
    for mode in modes:
        main = max(mode.parts, key=lambda part: part.flux)
        strength = np.abs(main.h)
        rims = [np.take(strength, end, axis=axis).max() for axis in range(strength.ndim) for end in (0, -1)]
        rim = max(rims) / strength.max()
        if rim > 0.02:
            raise FdtdOnnError(
                f"port {name}: expected a mode that decays within its window, got {rim:.1%} of its peak at the rim "
                f"({1 / mode.frequency:.3f} µm). Give the guide more room: a larger margin or a larger pitch"
            )


def _block(port: GridPort, component: str, pair: Pair, along: float) -> YeeBlock:
    """The points of one of a pair's components across the port, `along` its axis in pixels."""
    pitch, window, order = port.grid.pitch, port.window, port.frame.in_order
    part = port.modes[0].parts[port.frame.pairs.index(pair)]
    rows, columns = (*part.e.shape, 1)[:2]
    up = (window.bottom + pair.up) * pitch if port.grid.nz else 0.0
    first = order(along * pitch, (window.first + pair.across) * pitch, up)
    return YeeBlock(component, first, order(1, rows, columns), pitch)


@dataclass(frozen=True, eq=False)
class Waveform:
    """A signal in time (Meep source time), and how the current that it drives depends on the place.

    weights: (n_f,), of the port's mode at each of its frequencies; their sum is the current's profile.
    """

    signal: Any
    weights: Complex


def currents(port: GridPort, distance_um: float, waveforms: Sequence[Waveform]) -> list[Any]:
    """Equivalent currents that send the port's mode into the device from a plane `distance_um` further out.

    Total and scattered fields meet between the E plane and the H plane behind it, so J = n̂ × H and K = −n̂ × E of the
    mode there, and nothing goes backwards as far as the waveforms together have the mode's profile at each frequency.
    """
    mp = meep()
    plane = port.source_plane(distance_um)
    behind = plane if port.outward > 0 else plane - 1
    sources = []
    for k, pair in enumerate(port.frame.pairs):
        parts = [mode.parts[k] for mode in port.modes]
        half_steps = [mode.half_step for mode in port.modes]
        e, h = np.array([part.e for part in parts]), np.array([p.h / q for p, q in zip(parts, half_steps, strict=True)])
        sources += [
            mp.Source(
                waveform.signal,
                component=getattr(mp, block.component),
                center=block.centre,
                size=block.size,
                amp_func=_on_points(np.tensordot(waveform.weights, values, 1), port),
            )
            for waveform in waveforms
            for block, values in (
                (_block(port, pair.electric, pair, plane), -pair.sign * h),
                (_block(port, pair.magnetic, pair, behind + 0.5), pair.sign * port.outward * e),
            )
        ]
    return sources


def _on_points(values: NDArray[Any], port: GridPort) -> Any:
    """Meep asks for the profile at positions relative to the centre; each is one of the points."""
    grid = values.reshape(len(values), -1)
    resolution, rows, columns = port.grid.resolution, *(0.5 * (n - 1) for n in grid.shape)

    def profile(position: Any) -> complex:
        j = round(port.frame.across(position) * resolution + rows)
        k = round(position.z * resolution + columns)
        return complex(grid[min(max(j, 0), grid.shape[0] - 1), min(max(k, 0), grid.shape[1] - 1)])

    return profile


@dataclass(frozen=True, eq=False)
class Reading:
    """Fourier sums of the raw Yee fields on one port's planes: all its modes are read from it.

    ports: the modes, which share window, frame and frequencies. blocks, sums: of (E, H) for every pair.
    """

    ports: tuple[GridPort, ...]
    blocks: tuple[tuple[YeeBlock, YeeBlock], ...]
    sums: tuple[tuple[Any, Any], ...]


def add_readings(sim: Any, ports: Sequence[GridPort]) -> tuple[Reading, ...]:
    """Start the Fourier sums of all ports, one set for the modes of each; these must follow one another."""
    groups = (tuple(group) for _, group in groupby(ports, key=lambda port: (port.frame, port.window)))
    return tuple(_reading(sim, group) for group in groups)


def _reading(sim: Any, modes: tuple[GridPort, ...]) -> Reading:
    port = modes[0]
    plane, frequencies = port.window.plane, port.frequencies.tolist()
    blocks = tuple(
        (_block(port, pair.electric, pair, plane), _block(port, pair.magnetic, pair, plane + 0.5))
        for pair in port.frame.pairs
    )
    sums = tuple((e.add_sum(sim, frequencies), h.add_sum(sim, frequencies)) for e, h in blocks)
    return Reading(modes, blocks, sums)


def read(sim: Any, readings: Sequence[Reading]) -> tuple[Complex, Complex]:
    """Amplitudes (n_ports, n_f) of the waves into and out of the device, in √power, at the ports' planes, collectively.

    The ports are those of the readings, in their order.
    """
    waves = np.concatenate([_waves(sim, reading) for reading in readings])
    return waves[..., 0], waves[..., 1]


def _waves(sim: Any, reading: Reading) -> Complex:
    """(n_ports, n_f, 2): into and out of the device, for every mode of one port."""
    first, where = reading.ports[0], f"port {reading.ports[0].name}"
    waves = np.empty((len(reading.ports), len(first.modes), 2), dtype=complex)
    for k in range(len(first.modes)):
        fields = [
            (e.read(sim, electric, k, where), h.read(sim, magnetic, k, where))
            for (e, h), (electric, magnetic) in zip(reading.blocks, reading.sums, strict=True)
        ]
        waves[:, k] = [decompose(port.modes[k], fields) for port in reading.ports]
    return waves if first.outward < 0 else waves[..., ::-1]
