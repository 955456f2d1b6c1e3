"""Guided modes of the symmetric three-layer slab: the oracle of a grid mode solver.

The slab's plane is normal to y and light travels along x, as in a two-dimensional run. Two textbooks' worth of names
collide here ("TE" of a chip is "TM" of a slab), so a mode is named by the one field component along z:

- field "Hz": (Ex, Ey, Hz). Device polarisation "te" in a two-dimensional run; "TM" in slab textbooks.
- field "Ez": (Hx, Hy, Ez). Device polarisation "tm" in a two-dimensional run; "TE" in slab textbooks. It is also the
  mode of a thin film (its normal then vertical) whose index stands for the film in a "te" run.

Source: A. W. Snyder and J. D. Love, Optical Waveguide Theory (1983), table 12-2, in the form
u = m pi/2 + arctan(rho w/u), with u² + w² = V², V = k (width/2) sqrt(n_core² − n_clad²), and rho = 1 for Ez,
(n_core/n_clad)² for Hz.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, ceil, isfinite, pi, sqrt
from typing import Literal

from scipy.optimize import brentq

from fdtd_onn.errors import BadInput

SlabField = Literal["Hz", "Ez"]


@dataclass(frozen=True)
class Slab:
    """A film of `width_um` and index `core` between two half-spaces of index `cladding`; all without dispersion."""

    width_um: float
    core: float
    cladding: float

    def __post_init__(self) -> None:
        """Refuse a slab that guides nothing."""
        if not (self.width_um > 0 and isfinite(self.width_um)):
            raise BadInput("slab width_um", "a positive length in µm", self.width_um, "Give the film's full thickness.")
        if not (0 < self.cladding < self.core and isfinite(self.core)):
            got = f"core {self.core}, cladding {self.cladding}"
            raise BadInput("slab indices", "0 < cladding < core", got, "Only a film of higher index guides.")


def slab_mode_count(slab: Slab, wavelength_um: float) -> int:
    """Count the guided modes of either field; at least one, because a symmetric slab has no lowest cut-off."""
    return max(1, ceil(_normalized_frequency(slab, wavelength_um) / (pi / 2)))


def slab_index(slab: Slab, wavelength_um: float, field: SlabField, order: int = 0) -> float:
    """Effective index of the mode with `order` zeros of its z component.

    Raises BadInput when the mode is cut off at this wavelength.
    """
    v, u = _solve(slab, wavelength_um, field, order)
    return sqrt(slab.core**2 - (slab.core**2 - slab.cladding**2) * (u / v) ** 2)


def slab_group_index(slab: Slab, wavelength_um: float, field: SlabField, order: int = 0) -> float:
    """Group index n_eff − λ dn_eff/dλ of the same mode, by implicit differentiation of the dispersion relation."""
    v, u = _solve(slab, wavelength_um, field, order)
    rho = _rho(slab, field)
    w = sqrt(v**2 - u**2)
    du_dv = rho * u * v / (w * (u**2 + rho**2 * w**2) + rho * v**2)
    contrast = slab.core**2 - slab.cladding**2
    index = sqrt(slab.core**2 - contrast * (u / v) ** 2)
    return index - contrast * (u / v) * (du_dv - u / v) / index


def _normalized_frequency(slab: Slab, wavelength_um: float) -> float:
    if not (wavelength_um > 0 and isfinite(wavelength_um)):
        raise BadInput("wavelength_um", "a positive length in µm", wavelength_um, "Give the vacuum wavelength.")
    return pi * slab.width_um / wavelength_um * sqrt(slab.core**2 - slab.cladding**2)


def _rho(slab: Slab, field: SlabField) -> float:
    if field not in ("Hz", "Ez"):
        raise BadInput("field", "'Hz' or 'Ez', the component along z", repr(field), "A run's te is Hz, its tm is Ez.")
    return 1.0 if field == "Ez" else (slab.core / slab.cladding) ** 2


def _solve(slab: Slab, wavelength_um: float, field: SlabField, order: int) -> tuple[float, float]:
    """V and the transverse phase u = κ·width/2; the residual grows monotonically over the bracket."""
    v, rho = _normalized_frequency(slab, wavelength_um), _rho(slab, field)
    count = slab_mode_count(slab, wavelength_um)
    if not 0 <= order < count:
        cure = "Widen the slab, raise the contrast or shorten the wavelength."
        raise BadInput("mode order", f"0 to {count - 1} at {wavelength_um} µm", order, cure)
    low, high = order * pi / 2, min((order + 1) * pi / 2, v)

    def residual(u: float) -> float:
        return u - low - atan2(rho * sqrt(max(v**2 - u**2, 0.0)), u)

    return v, float(brentq(residual, low, high, xtol=1e-15, rtol=1e-14))
