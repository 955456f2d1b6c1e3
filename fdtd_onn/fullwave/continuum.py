"""Propagation constants of the ports' guides in the limit of a fine grid, to take the grid's dispersion out of S.

A wave on the grid runs at the discrete β, which errs by parts in a thousand: after 20 µm the phase is off by radians,
although everything else is right. The same mode solver on finer and finer grids costs little next to a run, and
Richardson's extrapolation of its second-order error gives β of the true guide.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.fullwave.grid import Grid
from fdtd_onn.fullwave.permittivity import permittivity
from fdtd_onn.fullwave.ports import GridPort, Window, port_modes
from fdtd_onn.geometry.shapes import Geometry

# Of the grid; a cross-section in three dimensions costs more than a line.
_REFINEMENTS = {2: (16, 32), 3: (2, 3)}


def continuum_beta(port: GridPort, drawn_at: Callable[[float], Geometry]) -> NDArray[np.float64]:
    """(n_f,) β in rad/µm of the port's mode, extrapolated to a vanishing pitch.

    drawn_at: the geometry with the indices of a wavelength in µm.
    """
    on_grid, f = np.array([mode.beta for mode in port.modes]), port.frequencies
    # The grid's error is a smooth function of frequency: in three dimensions three points of it are enough.
    chosen = np.arange(len(f)) if port.grid.dimensions == 2 else np.unique([0, len(f) // 2, len(f) - 1])
    factors = _REFINEMENTS[port.grid.dimensions]
    coarse, fine = (_beta_at(port, drawn_at, factor, f[chosen]) for factor in factors)
    extrapolated = fine + (fine - coarse) / ((factors[1] / factors[0]) ** 2 - 1)
    if len(chosen) == len(f):
        return extrapolated
    error = np.polynomial.Polynomial.fit(f[chosen], extrapolated - on_grid[chosen], len(chosen) - 1)
    return on_grid + error(f)


def _beta_at(
    port: GridPort, drawn_at: Callable[[float], Geometry], factor: int, frequencies: NDArray[np.float64]
) -> NDArray[np.float64]:
    """β of the same guide on a grid `factor` times finer."""
    pieces = [(drawn_at(1.0 / f), [float(f)]) for f in frequencies]
    if all(drawn is pieces[0][0] for drawn, _ in pieces):
        pieces = [(pieces[0][0], list(frequencies))]
    return np.concatenate([_beta_of(port, drawn, factor, np.array(at)) for drawn, at in pieces])


def _beta_of(port: GridPort, drawn: Geometry, factor: int, frequencies: NDArray[np.float64]) -> NDArray[np.float64]:
    """β of one geometry, drawn as a thin slice around the port's plane."""
    window, here = port.window, port.window.plane * port.grid.pitch
    fine, nz = port.grid.resolution * factor, port.grid.nz * factor
    if port.frame.axis == "x":
        grid, slice_ = Grid(fine, 4, port.grid.ny * factor, 0, nz), drawn.shifted(-here, 0.0)
    else:
        grid, slice_ = Grid(fine, port.grid.nx * factor, 4, 0, nz), drawn.shifted(0.0, -here)
    finer = Window(0, *(factor * n for n in (window.first, window.points, window.bottom, window.height)))
    modes = port_modes(port.frame, finer, grid, permittivity(slice_, grid), frequencies)
    return np.array([mode.beta for mode in modes])
