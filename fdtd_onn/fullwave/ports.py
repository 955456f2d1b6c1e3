"""A port on the grid: its planes, its modes at every frequency, its currents, and the reading of its amplitudes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import FdtdOnnError
from fdtd_onn.fullwave.frames import Frame, frame_of
from fdtd_onn.fullwave.grid import Grid
from fdtd_onn.fullwave.meep import meep
from fdtd_onn.fullwave.modes import Mode, Section, decompose, guided_modes
from fdtd_onn.fullwave.permittivity import Permittivity
from fdtd_onn.geometry.shapes import PortPlacement


@dataclass(frozen=True, eq=False)
class GridPort:
    """A port whose fields are read on integer plane `plane` and, for H, half a pixel further along the axis.

    first, points: window across the guide, as index of its lowest transverse point and their number.
    modes: the port's mode at every frequency.  reference_um: distance from the plane to the reference plane, inwards.
    """

    name: str
    outward: int
    frame: Frame
    plane: int
    first: int
    points: int
    grid: Grid
    modes: tuple[Mode, ...]
    reference_um: float

    @property
    def frequencies(self) -> NDArray[np.float64]:
        """(n_f,) in 1/µm."""
        return np.array([mode.frequency for mode in self.modes])

    @property
    def to_reference(self) -> NDArray[np.complex128]:
        """(n_f,) factor that a wave gains from the reading plane to the reference plane."""
        return np.exp(1j * np.array([mode.beta for mode in self.modes]) * self.reference_um)


def grid_port(
    placement: PortPlacement,
    window_um: tuple[float, float],
    polarization: str,
    offset_um: float,
    frequencies: NDArray[np.float64],
    grid: Grid,
    chi: Permittivity,
) -> GridPort:
    """Solve a port's modes on the grid.

    window_um: (lowest, highest) coordinate of the window across the axis.
    offset_um: how far outside the reference plane the fields are read.
    Raises FdtdOnnError when the mode is not guided or does not fit its window.
    """
    frame = frame_of(placement.axis, polarization)
    plane = grid.nearest(placement.along_um + placement.outward * offset_um)
    first, last = (grid.nearest(edge) for edge in window_um)
    points = last - first
    modes = port_modes(frame, plane, first, points, grid, chi, frequencies)
    _check_fits(placement.name, modes)
    reference = placement.outward * (plane * grid.pitch - placement.along_um)
    return GridPort(placement.name, placement.outward, frame, plane, first, points, grid, modes, reference)


def port_modes(
    frame: Frame,
    plane: int,
    first: int,
    points: int,
    grid: Grid,
    chi: Permittivity,
    frequencies: NDArray[np.float64],
) -> tuple[Mode, ...]:
    """The fundamental mode at every frequency of the guide that crosses a window of an integer plane."""
    section = _section(frame, plane, first, points, grid, chi)
    return tuple(guided_modes(section, float(f))[0] for f in frequencies)


def _section(frame: Frame, plane: int, first: int, points: int, grid: Grid, chi: Permittivity) -> Section:
    """χ along the window; arrays are turned so that the first index runs along the axis of propagation."""
    if frame.axis == "x":
        along, across, out, half_cell = chi.xx, chi.yy, chi.zz, (grid.nx // 2, grid.ny // 2)
    else:
        along, across, out, half_cell = chi.yy.T, chi.xx.T, chi.zz.T, (grid.ny // 2, grid.nx // 2)
    i, j = plane + half_cell[0], first + half_cell[1]
    start, count = (j, points) if frame.polarization == "te" else (j + 1, points - 1)
    return Section(
        polarization=frame.polarization,
        pitch=grid.pitch,
        dt=grid.dt,
        along=along[i, j : j + count + 1],
        across=(across if frame.polarization == "te" else out)[i, start : start + count],
        handedness=frame.handedness,
    )


def _check_fits(name: str, modes: tuple[Mode, ...]) -> None:
    """A mode that is not small at the window's rim is cut, and its S-parameters would be wrong by that much."""
    for mode in modes:
        rim = max(abs(mode.h[0]), abs(mode.h[-1])) / np.abs(mode.h).max()
        if rim > 0.02:
            raise FdtdOnnError(
                f"port {name}: expected a mode that decays within its window, got {rim:.1%} of its peak at the rim "
                f"({1 / mode.frequency:.3f} µm). Give the guide more room: a larger margin or a larger pitch"
            )


def _lines(port: GridPort, plane: int) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """(centre, size) of the lines of E points on `plane` and of H points half a pixel further along the axis."""
    pitch, n, vector = port.grid.pitch, len(port.modes[0].e), port.frame.vector
    lowest = port.first + (0.5 if port.frame.polarization == "te" else 1.0)
    middle = (lowest + 0.5 * (n - 1)) * pitch
    # Meep takes every point up to the next one beyond the line's ends: half a pixel less absorbs rounding.
    size = vector(0.0, (n - 1.5) * pitch)
    return (vector(plane * pitch, middle), size), (vector((plane + 0.5) * pitch, middle), size)


def currents(port: GridPort, distance_um: float, amplitude: complex, pulse: Any) -> list[Any]:
    """Equivalent currents that send the port's mode into the device from a plane `distance_um` further out.

    Total and scattered fields meet between the E plane and the H plane behind it, so J = n̂ × H and K = −n̂ × E of the
    mode there, and nothing but what the pulse's other frequencies lack in profile goes backwards. The profile is that
    of the pulse's centre frequency; `amplitude` (√power) multiplies it.
    """
    mp = meep()
    mode = min(port.modes, key=lambda m: abs(m.frequency - pulse.frequency))
    shift = round(distance_um * port.grid.resolution)
    plane = port.plane + port.outward * shift
    behind = plane if port.outward > 0 else plane - 1
    (centre_e, size), _ = _lines(port, plane)
    _, (centre_h, _) = _lines(port, behind)
    frame, inward = port.frame, -port.outward
    profiles = (
        (getattr(mp, frame.electric), centre_e, -frame.handedness * mode.h / mode.half_step),
        (getattr(mp, frame.magnetic), centre_h, -frame.handedness * inward * mode.e),
    )
    return [
        mp.Source(pulse, component=c, center=centre, size=size, amplitude=amplitude, amp_func=_on_points(values, port))
        for c, centre, values in profiles
    ]


def _on_points(values: NDArray[Any], port: GridPort) -> Any:
    """Meep asks for the profile at positions relative to the line's centre; each is one of the points."""
    middle = 0.5 * (len(values) - 1)

    def profile(position: Any) -> complex:
        k = round(port.frame.across(position) * port.grid.resolution + middle)
        return complex(values[min(max(k, 0), len(values) - 1)])

    return profile


def add_reading(sim: Any, port: GridPort) -> tuple[Any, Any]:
    """Start Fourier sums of the raw Yee fields on the port's two planes, at all its frequencies."""
    mp = meep()
    electric, magnetic = (
        sim.add_dft_fields(
            [getattr(mp, c)],
            list(port.frequencies),
            center=centre,
            size=size,
            yee_grid=True,
            decimation_factor=1,  # Meep's own choice aliases the pulse and costs 2e-4 in |S|²
        )
        for c, (centre, size) in zip((port.frame.electric, port.frame.magnetic), _lines(port, port.plane), strict=True)
    )
    return electric, magnetic


def read(sim: Any, port: GridPort, sums: tuple[Any, Any]) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """Amplitudes (n_f,) of the waves into and out of the device at the port's plane, in √power, collectively."""
    mp = meep()
    components = [getattr(mp, c) for c in (port.frame.electric, port.frame.magnetic)]
    waves = np.empty((len(port.modes), 2), dtype=complex)
    for k, mode in enumerate(port.modes):
        e, h = (np.asarray(sim.get_dft_array(s, c, k)) for s, c in zip(sums, components, strict=True))
        if e.shape != mode.e.shape or h.shape != mode.h.shape:
            raise FdtdOnnError(f"port {port.name}: the engine read {e.shape} and {h.shape} points for {mode.e.shape}")
        waves[k] = decompose(mode, e, h)
    upward, downward = waves.T
    return (upward, downward) if port.outward < 0 else (downward, upward)
