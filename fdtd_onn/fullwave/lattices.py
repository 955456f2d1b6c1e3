"""Lattices for devices that differ by nanometres: all in one cell, and at several positions in their pixels.

On one lattice an edge that moves through its pixel changes the grid's error by far more than a nanometre is worth:
the error is of second order in the pitch, but of period one pixel in the edge's place, so that its slope is of first
order. Over positions evenly spaced in a pixel its mean is smooth, and their scatter says how large it was.
A coordinate that has to be on a line of the grid, such as that of a tap's grooves, stays there and is left out of it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fdtd_onn.fullwave.cell import lines_on_grid
from fdtd_onn.fullwave.grid import extent_um
from fdtd_onn.geometry.scene import draw
from fdtd_onn.specs.device import AnyDevice
from fdtd_onn.specs.fidelity import Fidelity
from fdtd_onn.specs.runs import Lattice


def shared_lattices(devices: Sequence[AnyDevice], fidelity: Fidelity, count: int) -> tuple[Lattice, ...]:
    """So many positions of the grid, evenly over a pixel, in a cell that holds every device, the first the nominal."""
    extents = np.array([extent_um(draw(device, extension_um=0.0), fidelity) for device in devices])
    pixel = 1.0 / fidelity.resolution  # room for the shift
    lows, highs = extents[..., 0].min(axis=0) - pixel, extents[..., 1].max(axis=0) + pixel
    held = tuple(zip(lows.tolist(), highs.tolist(), strict=True))
    lines = lines_on_grid(devices[0])
    return tuple(Lattice(extent_um=held, shift=k / count, lines_um=lines) for k in range(count))
