"""How a heater's effect grows after its power is switched on: a sum of a few exponentials.

The resolvents (A + sC)⁻¹ b of the conduction operator A, the capacities C and the power b, at s from the slowest to the
fastest rate of interest, span a small space; in it A and C have eigenvalues that give the step response to many digits,
because a symmetric projection meets the response and its derivative at every s.
Source: A. C. Antoulas, Approximation of Large-Scale Dynamical Systems (2005), section 11.3 (rational interpolation).
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.linalg import eigh

from fdtd_onn.responses.steps import StepResponse
from fdtd_onn.thermal.conduction import HeatSection, solver

Real = NDArray[np.float64]

# Rates in 1/µs: from a wafer's (milliseconds) to those of a film (nanoseconds), four per decade.
_RATES = np.concatenate([[0.0], np.geomspace(1e-4, 1e3, 22)])


def step_response(section: HeatSection, power: Real, reading: Real) -> StepResponse:
    """The response of reading·T to a step of the power, both (ny·nz,)."""
    conduction, capacity = section.operator(), sp.diags(section.capacities)
    snapshots = np.stack([solver((conduction + s * capacity).tocsc())(power) for s in _RATES], axis=1)
    left, size, _ = np.linalg.svd(snapshots / np.linalg.norm(snapshots, axis=0), full_matrices=False)
    basis = left[:, size > 1e-10 * size[0]]
    rates, shapes = eigh(basis.T @ (conduction @ basis), basis.T @ (capacity @ basis))
    return StepResponse(1.0 / rates, (reading @ basis @ shapes) * (power @ basis @ shapes) / rates)
