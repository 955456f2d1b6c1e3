"""S as the grid has it, run in this process at one resolution, for tests that need no error estimate."""

from __future__ import annotations

import numpy as np

from fdtd_onn.fullwave.scattering import run_scattering
from fdtd_onn.geometry import scene
from fdtd_onn.specs.runs import ScatteringRun


def column_of(device, settings, resolution, port="o1"):
    """What a run gives."""
    run = ScatteringRun(device=device, fidelity=settings, resolution=resolution, port=port)
    return run_scattering(run, lambda done, of: None)


def s_on_grid(device, settings, resolution):
    """(n_wl, n, n) S with the grid's dispersion."""
    ports = scene.geometry(device, 0.0).ports
    return np.stack([column_of(device, settings, resolution, port.name).s.T for port in ports], axis=2)


def without_dispersion(device, column):
    """(n_wl, n) outgoing waves for light into the first port, less the grid's dispersion from there to the others."""
    undo = np.exp(-1j * column.lag)
    return (undo * column.s * undo[0]).T
