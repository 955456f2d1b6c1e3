"""The absorption line of a section in weak light, over the device's wavelengths, by one pulse."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.fullwave.absorbing import absorbing_blocks, two_level
from fdtd_onn.fullwave.density import density
from fdtd_onn.fullwave.frozen import dark, frozen_matter
from fdtd_onn.fullwave.meep import meep
from fdtd_onn.fullwave.populations import box_around
from fdtd_onn.fullwave.saturation import absorber_cell
from fdtd_onn.fullwave.scattering import Progress, column_of, wavelengths
from fdtd_onn.specs.runs import SpectrumRun


@dataclass(frozen=True, eq=False)
class SpectrumPoint:
    """transmission: (n_f,) amplitude over that of the same section without absorption. reflection: (n_f,) at o1."""

    transmission: NDArray[np.complex128]
    reflection: NDArray[np.complex128]
    setup_seconds: float
    stepping_seconds: float
    cell_updates: float
    settled_to: float


def run_spectrum(run: SpectrumRun, progress: Progress) -> SpectrumPoint:
    """A weak pulse through the section, with all its atoms in the ground state, and without them and other loss."""
    meep()
    device, started = run.device, time.perf_counter()
    cell = absorber_cell(device, run.fidelity, run.resolution, wavelengths(run))
    atom, atoms = two_level(device, 0.0), density(device, cell)
    box = box_around(atoms, cell.grid)
    with_atoms = replace(cell, dispersion=frozen_matter(dark(box), atom, atoms, cell, box))
    loss, port = absorbing_blocks(device, atom, cell, atoms, absorbs=False), cell.ports[0].name
    absorbed = column_of(with_atoms, run.fidelity, port, lambda done, of: progress(done, 2 * of), started, loss)
    without = column_of(
        cell, run.fidelity, port, lambda done, of: progress(of + done, 2 * of), started + absorbed.setup_seconds
    )
    return SpectrumPoint(
        transmission=absorbed.s[1] / without.s[1],
        reflection=absorbed.s[0],
        setup_seconds=absorbed.setup_seconds + without.setup_seconds,
        stepping_seconds=absorbed.stepping_seconds + without.stepping_seconds,
        cell_updates=absorbed.cell_updates + without.cell_updates,
        settled_to=max(absorbed.settled_to, without.settled_to),
    )
