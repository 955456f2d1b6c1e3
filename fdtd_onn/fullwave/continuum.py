"""Propagation constants of the ports' modes in the limit of a fine grid, to take the grid's dispersion out of S.

A wave on the grid runs at the discrete β, which errs by parts in a thousand: after 20 µm the phase is off by radians,
although everything else is right. The same mode solver on finer and finer grids costs little next to a run, and
Richardson's extrapolation of its second-order error gives β of the true guide.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple, replace
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
    for modes in by_port(ports):
        cuts = [sections(modes[0], drawn_at, factor) for factor in _REFINEMENTS[modes[0].grid.dimensions]]
        guide = fingerprint(modes, cuts[-1])
        if guide not in known:
            known[guide] = _limit(modes, cuts)
        rows.append(known[guide])
    return np.concatenate(rows)


def by_port(ports: Sequence[GridPort]) -> list[tuple[GridPort, ...]]:
    """The modes of every port, one port after the other."""
    return [tuple(group) for _, group in groupby(ports, key=lambda port: (port.frame, port.window))]


def heated_limit(ports: Sequence[GridPort], drawn_at: Callable[[float], Geometry], index_step: float) -> Floats:
    """(n_modes, n_f) by how much β of a port's modes rises, in the limit, when its core's index rises by so much."""
    factors = _REFINEMENTS[ports[0].grid.dimensions]
    warm, cold = ([sections(ports[0], drawn_at, n, index_step=step) for n in factors] for step in (index_step, 0.0))
    return _limit(ports, warm) - _limit(ports, cold)


def _limit(ports: Sequence[GridPort], cuts: Sequence[Cuts]) -> Floats:
    """(n_modes, n_f) β of one port's modes, from two finer sections of its guide."""
    on_grid = np.array([[mode.beta for mode in port.modes] for port in ports])
    chosen, ratio = chosen_frequencies(ports[0]), np.divide(*_REFINEMENTS[ports[0].grid.dimensions])
    coarse, fine = (betas(ports, cut) for cut in cuts)
    errors = fine + (fine - coarse) / (ratio**-2 - 1) - on_grid[:, chosen]
    return on_grid + over_the_band(ports[0], errors)


def chosen_frequencies(port: GridPort) -> NDArray[np.int_]:
    """Those to solve at: the grid's error is a smooth function of frequency, in three dimensions three are enough."""
    count = len(port.modes)
    return np.arange(count) if port.grid.dimensions == 2 else np.unique([0, count // 2, count - 1])


def over_the_band(port: GridPort, values: Floats) -> Floats:
    """(n_modes, n_f) from values at the chosen frequencies."""
    chosen, f = chosen_frequencies(port), port.frequencies
    if len(chosen) == len(f):
        return values
    return np.array([np.polynomial.Polynomial.fit(f[chosen], row, len(chosen) - 1)(f) for row in values])


def betas(ports: Sequence[GridPort], cuts: Cuts) -> Floats:
    """(n_modes, n_chosen) β of the modes that a port has, in other sections of its guide."""
    names, frequencies = [port.mode for port in ports], ports[0].frequencies[chosen_frequencies(ports[0])]
    tracks = port_modes(ports[0].name, names, cuts, frequencies)
    return np.array([[mode.beta for mode in track] for track in tracks])


def sections(
    port: GridPort, drawn_at: Callable[[float], Geometry], factor: int, across_um: float = 0.0, index_step: float = 0.0
) -> Cuts:
    """The guide at the chosen frequencies on a grid `factor` times finer, one for all unless its indices change.

    across_um, index_step: how far it is moved across its axis, and what is added to its core's index.
    """
    cut = cache(lambda drawn: _section(port, drawn, factor, across_um, index_step))
    return tuple(cut(drawn_at(1.0 / frequency)) for frequency in port.frequencies[chosen_frequencies(port)])


def _section(
    port: GridPort, drawn: Geometry, factor: int, across_um: float, index_step: float
) -> Section | CrossSection:
    """Drawn as a thin slice around the port's plane."""
    window, here = port.window, port.window.plane * port.grid.pitch
    fine, nz = port.grid.resolution * factor, port.grid.nz * factor
    regions = tuple(replace(region, index=region.index + index_step) for region in drawn.regions)
    if port.frame.axis == "x":
        grid, move = Grid(fine, 4, port.grid.ny * factor, 0, nz), (-here, across_um)
    else:
        grid, move = Grid(fine, port.grid.nx * factor, 4, 0, nz), (across_um, -here)
    slice_ = replace(drawn, regions=regions).shifted(*move)
    finer = Window(0, *(factor * n for n in (window.first, window.points, window.bottom, window.height)))
    return section_of(port.frame, finer, grid, permittivity(slice_, grid))


def fingerprint(ports: Sequence[GridPort], cuts: Cuts) -> bytes:
    """The same for modes that have the same β: of the same guide, but for rounding, or of its mirror image."""
    ends = (cuts[0], cuts[-1])
    arrays = [np.round(values, 12) for cut in ends for values in astuple(cut) if isinstance(values, np.ndarray)]
    as_is, mirrored = (b"".join(a[::step].tobytes() for a in arrays) for step in (1, -1))
    names = " ".join(port.mode for port in ports)
    return names.encode() + min(as_is, mirrored)
