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
    """How the guided mode's electric energy is spread over the absorbing core, so that saturation can be averaged.

    transverse, longitudinal: (m,) dimensionless t_k and l_k at each point, |E|² across and along the direction of
    travel, in units of the core's mean |E|². weight: (m,) w_k, the share of the core that each point stands for.
    Σ w = 1 and Σ w (t + l) = 1, both to 1e-9. The saturation power P_sat that goes with them is the guided power at
    which the core's mean intensity is the material's saturation intensity: at the guided power P the point k is
    saturated by (P/P_sat)(t_k + l_k). A uniform plane wave has t = 1, l = 0.
    """

    transverse: NDArray[np.float64]
    longitudinal: NDArray[np.float64]
    weight: NDArray[np.float64]

    def __post_init__(self) -> None:
        """Freeze the arrays and refuse a profile that is not normalised."""
        for name in ("transverse", "longitudinal", "weight"):
            object.__setattr__(self, name, frozen(getattr(self, name), np.float64))
        across, along, weight = self.transverse, self.longitudinal, self.weight
        if not (across.ndim == 1 and across.shape == along.shape == weight.shape):
            raise FdtdOnnError(
                f"profile arrays must share a shape (m,), got {across.shape}, {along.shape}, {weight.shape}"
            )
        if not all(np.all(np.isfinite(values) & (values >= 0.0)) for values in (across, along, weight)):
            raise FdtdOnnError("profile values must be finite and not negative")
        total, energy = float(np.sum(weight)), float(np.sum(weight * (across + along)))
        if abs(total - 1.0) > 1e-9 or abs(energy - 1.0) > 1e-9:
            raise FdtdOnnError(f"a profile must have Σw = 1 and Σw(t + l) = 1, got {total!r} and {energy!r}")


@dataclass(frozen=True, eq=False)
class AbsorptionSpectrum:
    """An absorber in weak light, (n_wl,) each.

    transmission: complex amplitude, o1 to o2, over that of the same section without absorption; so its phase is that of
    the line alone. reflection: complex amplitude ratio at o1.
    """

    wavelengths_um: NDArray[np.float64]
    transmission: NDArray[np.complex128]
    reflection: NDArray[np.complex128]

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        object.__setattr__(self, "wavelengths_um", frozen(self.wavelengths_um, np.float64))
        for name in ("transmission", "reflection"):
            object.__setattr__(self, name, frozen(getattr(self, name), np.complex128))


@dataclass(frozen=True, eq=False)
class Recovery:
    """Complex amplitude transmission (m,) of a weak probe, o2 to o1, at delays (m,) after the pump's end.

    delay_periods: in optical periods. lifetime_periods: of the upper level in the run, shortened so that it can be run.
    """

    delay_periods: NDArray[np.float64]
    transmission: NDArray[np.complex128]
    lifetime_periods: float

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        object.__setattr__(self, "delay_periods", frozen(self.delay_periods, np.float64))
        object.__setattr__(self, "transmission", frozen(self.transmission, np.complex128))


@dataclass(frozen=True, eq=False)
class SaturationResponse:
    """Steady-state amplitudes through an absorber, forward pump from o1 and a weak backward probe from o2.

    pump_mw: (n,) incident pump power.
    pump_transmission: (n,) complex amplitude ratio of the pump, o1 to o2, at the section's reference planes.
    pump_reflection: (n,) complex amplitude ratio at o1.
    probe_transmission: (n,) complex amplitude ratio of the coherent probe, o2 to o1, under the pump, by difference.
    gated_transmission: (n,) the same of the time-gated probe, through the populations that the pump left.
    error: (n, 3) absolute error estimate of |pump_transmission|², |probe_transmission|² and |gated_transmission|².
    scale_error: relative error estimate of pump_mw, and so of the saturation power: the same ratio to it is run on both
        grids, which may see it at other powers.
    spectrum, recovery: of the same section, where they were asked for.
    """

    device: Absorber
    wavelength_um: float
    ports: tuple[str, ...]
    pump_mw: NDArray[np.float64]
    pump_transmission: NDArray[np.complex128]
    pump_reflection: NDArray[np.complex128]
    probe_transmission: NDArray[np.complex128]
    gated_transmission: NDArray[np.complex128]
    error: NDArray[np.float64]
    scale_error: float
    profile: ModeProfile
    provenance: Provenance
    spectrum: AbsorptionSpectrum | None = None
    recovery: Recovery | None = None

    def __post_init__(self) -> None:
        """Freeze the arrays and refuse lengths that differ."""
        for name, dtype in (
            ("pump_mw", np.float64),
            ("pump_transmission", np.complex128),
            ("pump_reflection", np.complex128),
            ("probe_transmission", np.complex128),
            ("gated_transmission", np.complex128),
            ("error", np.float64),
        ):
            object.__setattr__(self, name, frozen(getattr(self, name), dtype))
        n = self.pump_mw.size
        for name in ("pump_transmission", "pump_reflection", "probe_transmission", "gated_transmission"):
            if getattr(self, name).shape != (n,):
                raise FdtdOnnError(f"{name} must have shape ({n},), got {getattr(self, name).shape}")
