"""A port on the grid: its planes, its modes at every frequency, its currents, and the reading of its amplitudes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import FdtdOnnError
from fdtd_onn.fullwave.dispersion import Cut, Dispersion, dispersed
from fdtd_onn.fullwave.frames import Frame, Pair, frame_of
from fdtd_onn.fullwave.grid import Grid
from fdtd_onn.fullwave.meep import meep
from fdtd_onn.fullwave.modes import Mode, Part, Section, decompose, guided_modes
from fdtd_onn.fullwave.permittivity import Permittivity
from fdtd_onn.fullwave.vector_modes import CrossSection, te_fraction, vector_modes
from fdtd_onn.geometry.shapes import PortPlacement

Complex = NDArray[np.complex128]

# Modes sought in a cross-section to find the wanted one among.
_CANDIDATES = 4


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
    """A port whose fields are read on its window's plane and, for H, half a pixel further along the axis.

    modes: the port's mode at every frequency.  reference_um: distance from the plane to the reference plane, inwards.
    """

    name: str
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


def grid_port(
    placement: PortPlacement,
    range_um: tuple[float, float],
    polarization: str,
    offset_um: float,
    frequencies: NDArray[np.float64],
    grid: Grid,
    chi: Permittivity,
    dispersion: Dispersion | None = None,
) -> GridPort:
    """Solve a port's modes on the grid.

    range_um: (lowest, highest) coordinate of the window across the axis; upwards it reaches to the absorbing layers.
    offset_um: how far outside the reference plane the fields are read.
    Raises FdtdOnnError when the mode is not guided or does not fit its window.
    """
    frame = frame_of(placement.axis, polarization, grid.dimensions)
    plane = grid.nearest(placement.along_um + placement.outward * offset_um)
    first, last = (grid.nearest(edge) for edge in range_um)
    half = grid.nz // 2 - grid.pml
    upwards = (-half, 2 * half) if grid.nz else (0, 0)
    window = Window(plane, first, last - first, *upwards)
    modes = port_modes(frame, window, grid, chi, frequencies, dispersion)
    _check_fits(placement.name, modes)
    reference = placement.outward * (plane * grid.pitch - placement.along_um)
    return GridPort(placement.name, placement.outward, frame, window, grid, modes, reference)


def port_modes(
    frame: Frame,
    window: Window,
    grid: Grid,
    chi: Permittivity,
    frequencies: NDArray[np.float64],
    dispersion: Dispersion | None = None,
) -> tuple[Mode, ...]:
    """The fundamental mode of the frame's polarisation, at every frequency, of the guide that crosses a window."""
    if grid.nz:
        sections = _at_frequencies(_cross_section, frame, window, grid, chi, frequencies, dispersion)
        return tuple(
            _fundamental(section, frame.polarization, float(f))
            for section, f in zip(sections, frequencies, strict=True)
        )
    lines = _at_frequencies(_section, frame, window, grid, chi, frequencies, dispersion)
    return tuple(guided_modes(line, float(f))[0] for line, f in zip(lines, frequencies, strict=True))


def _at_frequencies(
    cut: Callable[[Frame, Window, Grid, Permittivity], Cut],
    frame: Frame,
    window: Window,
    grid: Grid,
    chi: Permittivity,
    frequencies: NDArray[np.float64],
    dispersion: Dispersion | None,
) -> list[Cut]:
    """The cut through the structure that a mode solver takes, with χ at each frequency."""
    centre = cut(frame, window, grid, chi)
    if dispersion is None:
        return [centre] * len(frequencies)
    return [dispersed(dispersion, centre, cut(frame, window, grid, dispersion.slope), float(f)) for f in frequencies]


def _fundamental(section: CrossSection, polarization: str, frequency: float) -> Mode:
    modes = vector_modes(section, frequency, _CANDIDATES)
    wanted = [mode for mode in modes if (te_fraction(mode) > 0.5) == (polarization == "te")]
    if not wanted:
        raise FdtdOnnError(f"expected a guided {polarization}-like mode at {1 / frequency:.4f} µm, found none")
    return wanted[0]


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


def _places(port: GridPort, pair: Pair, part: Part, plane: int) -> tuple[Any, Any, Any]:
    """(centre of the E points on `plane`, centre of the H points half a pixel further, size) of a pair's points."""
    pitch, window, vector = port.grid.pitch, port.window, port.frame.vector
    counts = (*part.e.shape, 1)[:2]
    across = (window.first + pair.across + 0.5 * (counts[0] - 1)) * pitch
    up = (window.bottom + pair.up + 0.5 * (counts[1] - 1)) * pitch if port.grid.nz else 0.0
    # Meep takes every point up to the next one beyond the ends: half a pixel less absorbs rounding.
    size = vector(0.0, (counts[0] - 1.5) * pitch, (counts[1] - 1.5) * pitch if port.grid.nz else 0.0)
    return vector(plane * pitch, across, up), vector((plane + 0.5) * pitch, across, up), size


def currents(port: GridPort, distance_um: float, amplitude: complex, pulse: Any) -> list[Any]:
    """Equivalent currents that send the port's mode into the device from a plane `distance_um` further out.

    Total and scattered fields meet between the E plane and the H plane behind it, so J = n̂ × H and K = −n̂ × E of the
    mode there, and nothing but what the pulse's other frequencies lack in profile goes backwards. The profile is that
    of the pulse's centre frequency; `amplitude` (√power) multiplies it.
    """
    mp = meep()
    mode = min(port.modes, key=lambda m: abs(m.frequency - pulse.frequency))
    plane = port.window.plane + port.outward * round(distance_um * port.grid.resolution)
    behind = plane if port.outward > 0 else plane - 1
    sources = []
    for pair, part in zip(port.frame.pairs, mode.parts, strict=True):
        centre_e, _, size = _places(port, pair, part, plane)
        _, centre_h, _ = _places(port, pair, part, behind)
        for name, centre, values in (
            (pair.electric, centre_e, -pair.sign * part.h / mode.half_step),
            (pair.magnetic, centre_h, pair.sign * port.outward * part.e),
        ):
            sources.append(
                mp.Source(
                    pulse,
                    component=getattr(mp, name),
                    center=centre,
                    size=size,
                    amplitude=amplitude,
                    amp_func=_on_points(values, port),
                )
            )
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


def add_reading(sim: Any, port: GridPort) -> tuple[tuple[Any, Any], ...]:
    """Start Fourier sums of the raw Yee fields on the port's planes, at all its frequencies: (E, H) for every pair."""
    mp = meep()
    sums = []
    for pair, part in zip(port.frame.pairs, port.modes[0].parts, strict=True):
        centre_e, centre_h, size = _places(port, pair, part, port.window.plane)
        electric, magnetic = (
            sim.add_dft_fields(
                [getattr(mp, name)],
                list(port.frequencies),
                center=centre,
                size=size,
                yee_grid=True,
                decimation_factor=1,  # Meep's own choice aliases the pulse and costs 2e-4 in |S|²
            )
            for name, centre in ((pair.electric, centre_e), (pair.magnetic, centre_h))
        )
        sums.append((electric, magnetic))
    return tuple(sums)


def read(sim: Any, port: GridPort, sums: Sequence[tuple[Any, Any]]) -> tuple[Complex, Complex]:
    """Amplitudes (n_f,) of the waves into and out of the device at the port's plane, in √power, collectively."""
    mp = meep()
    waves = np.empty((len(port.modes), 2), dtype=complex)
    for k, mode in enumerate(port.modes):
        fields = [
            (
                _points(sim.get_dft_array(electric, getattr(mp, pair.electric), k), part, port.name),
                _points(sim.get_dft_array(magnetic, getattr(mp, pair.magnetic), k), part, port.name),
            )
            for pair, part, (electric, magnetic) in zip(port.frame.pairs, mode.parts, sums, strict=True)
        ]
        waves[k] = decompose(mode, fields)
    upward, downward = waves.T
    return (upward, downward) if port.outward < 0 else (downward, upward)


def _points(values: Any, part: Part, name: str) -> Complex:
    array = np.asarray(values)
    if array.shape != part.e.shape:
        raise FdtdOnnError(f"port {name}: the engine read {array.shape} points for {part.e.shape}")
    return array
