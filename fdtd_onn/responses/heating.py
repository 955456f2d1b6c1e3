"""What a heater does to its own guide and to others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import FdtdOnnError
from fdtd_onn.responses.frozen import frozen
from fdtd_onn.responses.provenance import Provenance
from fdtd_onn.responses.steps import StepResponse
from fdtd_onn.specs.device import Heater

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class HeatMap:
    """Temperature rise around guide and heater, K per mW of the whole heater, on the half y ≥ 0 of the cross-section.

    y_edges_um (ny + 1,), z_edges_um (nz + 1,): of the cells; z = 0 is the guide's lower face. values: (ny, nz).
    """

    y_edges_um: Real
    z_edges_um: Real
    values: Real

    def __post_init__(self) -> None:
        """Freeze the arrays and refuse shapes that do not belong together."""
        for name in ("y_edges_um", "z_edges_um", "values"):
            object.__setattr__(self, name, frozen(getattr(self, name), np.float64))
        if self.values.shape != (self.y_edges_um.size - 1, self.z_edges_um.size - 1):
            raise FdtdOnnError(f"a map of shape {self.values.shape} does not fit its edges")


@dataclass(frozen=True, eq=False)
class HeaterResponse:
    """Phase, crosstalk and step response per mW of electrical power, all linear in the power.

    wavelengths_um, phase_rad_per_mw: (n_wl,), the whole phase of a guide that runs on straight at both ends.
    core_k_per_mw, heater_k_per_mw: mean rise of the core under a long heater, and of the heater itself.
    along_um (n_x,), aside_um (n_d,), crosstalk (n_x, n_d): phase in the section of another heater, displaced along and
    across the guides, over that in the heated one's own; 1 at no displacement.
    times_us, weights: (n_t,) of the step response Σ weights·(1 − exp(−t/times)), Σ weights = 1.
    energy_at_heater: at most this share of the mode's electric energy is as high as the heater or higher.
    phase_error, time_error: relative; crosstalk_error: absolute; all from two grids.
    """

    device: Heater
    wavelengths_um: Real
    phase_rad_per_mw: Real
    core_k_per_mw: float
    heater_k_per_mw: float
    along_um: Real
    aside_um: Real
    crosstalk: Real
    times_us: Real
    weights: Real
    energy_at_heater: float
    phase_error: float
    crosstalk_error: float
    time_error: float
    map: HeatMap
    provenance: Provenance

    @property
    def step(self) -> StepResponse:
        """Growth of the phase after the power is switched on, 1 in the end."""
        return StepResponse(self.times_us, self.weights)

    def __post_init__(self) -> None:
        """Freeze the arrays and refuse shapes that do not belong together."""
        for name in ("wavelengths_um", "phase_rad_per_mw", "along_um", "aside_um", "crosstalk", "times_us", "weights"):
            object.__setattr__(self, name, frozen(getattr(self, name), np.float64))
        if self.phase_rad_per_mw.shape != self.wavelengths_um.shape or self.times_us.shape != self.weights.shape:
            raise FdtdOnnError("phases must match the wavelengths, and weights the times")
        if self.crosstalk.shape != (self.along_um.size, self.aside_um.size):
            raise FdtdOnnError(f"crosstalk of shape {self.crosstalk.shape} does not fit its displacements")
