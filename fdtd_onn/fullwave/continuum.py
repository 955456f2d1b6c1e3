"""Propagation constants of the ports' modes in the limit of a fine grid, to take the grid's dispersion out of S.

A wave on the grid runs at the discrete β, which errs by parts in a thousand: after 20 µm the phase is off by radians,
although everything else is right. The same mode solver on finer and finer grids costs little next to a run, and
Richardson's extrapolation of its second-order error gives β of the true guide.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple
from functools import cache
from itertools import groupby
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.fullwave.grid import Grid
from fdtd_onn.fullwave.modes import Section
from fdtd_onn.fullwave.permittivity import permittivity
from fdtd_onn.fullwave.ports import Cuts, GridPort, Window, port_modes, section_of
from fdtd_onn.fullwave.vector_modes import CrossSection
from fdtd_onn.geometry.shapes import Geometry

Floats: TypeAlias = NDArray[np.float64]

# Of the grid; a cross-section in three dimensions costs more than a line.
_REFINEMENTS = {2: (16, 32), 3: (2, 3)}


def continuum_betas(ports: Sequence[GridPort], drawn_at: Callable[[float], Geometry]) -> Floats:
    """(n_ports, n_f) β in rad/µm of the ports' modes, extrapolated to a vanishing pitch; equal guides are solved once.

    The modes of a port follow one another. drawn_at: the geometry with the indices of a wavelength in µm.
    """
    rows, known = [], dict[bytes, Floats]()
    for _, group in groupby(ports, key=lambda port: (port.frame, port.window)):
        modes = tuple(group)
        cuts = [_finer_sections(modes[0], drawn_at, factor) for factor in _REFINEMENTS[modes[0].grid.dimensions]]
        guide = _fingerprint(modes, cuts[-1])
        if guide not in known:
            known[guide] = _limit(modes, cuts)
        rows.append(known[guide])
    return np.concatenate(rows)


def _limit(ports: Sequence[GridPort], cuts: Sequence[Cuts]) -> Floats:
    """(n_modes, n_f) β of one port's modes, from two finer sections of its guide."""
    on_grid, f = np.array([[mode.beta for mode in port.modes] for port in ports]), ports[0].frequencies
    names, dimensions = [port.mode for port in ports], ports[0].grid.dimensions
    ratio, chosen = np.divide(*_REFINEMENTS[dimensions]), _chosen(f, dimensions)
    coarse, fine = (
        np.array([[mode.beta for mode in track] for track in port_modes(ports[0].name, names, cut, f[chosen])])
        for cut in cuts
    )
    extrapolated = fine + (fine - coarse) / (ratio**-2 - 1)
    if len(chosen) == len(f):
        return extrapolated
    errors = extrapolated - on_grid[:, chosen]
    return on_grid + [np.polynomial.Polynomial.fit(f[chosen], error, len(chosen) - 1)(f) for error in errors]


def _chosen(frequencies: Floats, dimensions: int) -> NDArray[np.int_]:
    """The grid's error is a smooth function of frequency: in three dimensions three points of it are enough."""
    count = len(frequencies)
    return np.arange(count) if dimensions == 2 else np.unique([0, count // 2, count - 1])


def _finer_sections(port: GridPort, drawn_at: Callable[[float], Geometry], factor: int) -> Cuts:
    """The guide at every frequency that is solved; the same one for all unless its indices change."""
    cut = cache(lambda drawn: _finer_section(port, drawn, factor))
    chosen = _chosen(port.frequencies, port.grid.dimensions)
    return tuple(cut(drawn_at(1.0 / frequency)) for frequency in port.frequencies[chosen])


def _finer_section(port: GridPort, drawn: Geometry, factor: int) -> Section | CrossSection:
    """The same guide on a grid `factor` times finer, drawn as a thin slice around the port's plane."""
    window, here = port.window, port.window.plane * port.grid.pitch
    fine, nz = port.grid.resolution * factor, port.grid.nz * factor
    if port.frame.axis == "x":
        grid, slice_ = Grid(fine, 4, port.grid.ny * factor, 0, nz), drawn.shifted(-here, 0.0)
    else:
        grid, slice_ = Grid(fine, port.grid.nx * factor, 4, 0, nz), drawn.shifted(0.0, -here)
    finer = Window(0, *(factor * n for n in (window.first, window.points, window.bottom, window.height)))
    return section_of(port.frame, finer, grid, permittivity(slice_, grid))


def _fingerprint(ports: Sequence[GridPort], cuts: Cuts) -> bytes:
    """The same for modes that have the same β: of the same guide, but for rounding, or of its mirror image."""
    ends = (cuts[0], cuts[-1])
    arrays = [np.round(values, 12) for cut in ends for values in astuple(cut) if isinstance(values, np.ndarray)]
    as_is, mirrored = (b"".join(a[::step].tobytes() for a in arrays) for step in (1, -1))
    names = " ".join(port.mode for port in ports)
    return names.encode() + min(as_is, mirrored)
