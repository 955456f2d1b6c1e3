"""The response of a saturable-absorber section to pump and probe."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import FdtdOnnError
from fdtd_onn.responses.frozen import frozen
from fdtd_onn.responses.provenance import Provenance
from fdtd_onn.specs.device import Absorber


@dataclass(frozen=True, eq=False)
class ModeProfile:
    """Energy weights of the guided mode over the absorbing core, per transverse grid point.

    transverse, longitudinal: |e_t|² and |e_l|² (m,) in units in which a mode of unit power (1 W in the guide) has
    the local intensity they give (mW/µm² of a plane wave in the core with the same |E|², over 1 mW of guided power).
    weight: (m,) quadrature weights.
    """

    transverse: NDArray[np.float64]
    longitudinal: NDArray[np.float64]
    weight: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SaturationResponse:
    """Steady-state amplitudes through an absorber, forward pump from o1 and a weak backward probe from o2.

    pump_mw: (n,) incident pump power.
    pump_transmission: (n,) complex amplitude ratio of the pump, o1 to o2, at the section's reference planes.
    pump_reflection: (n,) complex amplitude ratio at o1.
    probe_transmission: (n,) complex amplitude ratio of the coherent probe, o2 to o1, under the pump, by difference.
    error: (n, 2) absolute error estimate of |pump_transmission|² and |probe_transmission|².
    """

    device: Absorber
    wavelength_um: float
    ports: tuple[str, ...]
    pump_mw: NDArray[np.float64]
    pump_transmission: NDArray[np.complex128]
    pump_reflection: NDArray[np.complex128]
    probe_transmission: NDArray[np.complex128]
    error: NDArray[np.float64]
    profile: ModeProfile
    provenance: Provenance

    def __post_init__(self) -> None:
        """Freeze the arrays and refuse lengths that differ."""
        for name, dtype in (
            ("pump_mw", np.float64),
            ("pump_transmission", np.complex128),
            ("pump_reflection", np.complex128),
            ("probe_transmission", np.complex128),
            ("error", np.float64),
        ):
            object.__setattr__(self, name, frozen(getattr(self, name), dtype))
        n = self.pump_mw.size
        for name in ("pump_transmission", "pump_reflection", "probe_transmission"):
            if getattr(self, name).shape != (n,):
                raise FdtdOnnError(f"{name} must have shape ({n},), got {getattr(self, name).shape}")
