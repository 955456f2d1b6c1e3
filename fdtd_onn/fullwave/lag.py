"""The phase that the grid's dispersion adds between a port and the middle of its device.

On the grid a wave runs at a discrete β, which errs by parts in a thousand, and by how much depends on where in their
pixels the guide's edges lie: at 20 px/µm the two ends of that range differ by 0.02 rad per µm. The route from port to
middle says where the guide runs. A stretch along the port's axis has edges at one place; on a slanted one they sweep
over all places in a pixel, and the mean counts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.fullwave.cell import Cell
from fdtd_onn.fullwave.continuum import (
    betas,
    by_port,
    continuum_betas,
    fingerprint,
    heated_limit,
    over_the_band,
    sections,
)
from fdtd_onn.fullwave.ports import Cuts, GridPort
from fdtd_onn.geometry.shapes import Route, Stretch

Floats = NDArray[np.float64]

# Places in a pixel whose mean stands for all of them; the lag is a smooth periodic function of the place.
_PLACES = {2: 12, 3: 4}


def dispersion_of_ports(cell: Cell) -> tuple[Floats, Floats]:
    """(n_ports, n_f) each: β of the ports' modes without the grid (rad/µm), and their lag on the way in (rad)."""
    limits = continuum_betas(cell.ports, cell.at)
    on_grid = np.array([[mode.beta for mode in port.modes] for port in cell.ports])
    known: dict[tuple[bytes, float | None, float], Floats] = {}
    further = []
    for placement, modes in zip(cell.geometry.ports, by_port(cell.ports), strict=True):
        here = sections(modes[0], cell.at, 1)
        lag = np.zeros((len(modes), len(modes[0].modes)))
        for stretch in placement.route:
            shift, step = stretch.shift_um, stretch.index_step
            # A mirror image's guide is shifted the other way.
            key = (fingerprint(modes, here), None if shift is None else abs(shift), step)
            if key not in known:
                known[key] = _elsewhere(cell, modes, here, stretch)
            lag += stretch.length_um * known[key]
        further.append(lag)
    guides = np.array([[sum(s.length_um for s in route)] for route in _routes(cell)])
    return limits, guides * (on_grid - limits) + np.concatenate(further)


def _routes(cell: Cell) -> list[Route]:
    """Of every mode of every port."""
    groups = zip(cell.geometry.ports, by_port(cell.ports), strict=True)
    return [placement.route for placement, modes in groups for _ in modes]


def _elsewhere(cell: Cell, modes: Sequence[GridPort], here: Cuts, stretch: Stretch) -> Floats:
    """(n_modes, n_f) by how much β errs more on a stretch than at the port itself."""
    port, step = modes[0], stretch.index_step
    if stretch.shift_um == 0.0 and step == 0.0:
        return np.zeros((len(modes), len(port.modes)))
    places = _PLACES[port.grid.dimensions]
    moves = [stretch.shift_um] if stretch.shift_um is not None else np.arange(places) * port.grid.pitch / places
    # By whole pixels nothing changes, and the guide stays in its window.
    there = [betas(modes, sections(port, cell.at, 1, float(move) % port.grid.pitch, step)) for move in moves]
    more = over_the_band(port, np.mean(there, axis=0) - betas(modes, here))
    return more if step == 0.0 else more - heated_limit(modes, cell.at, step)
