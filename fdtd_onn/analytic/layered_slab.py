"""Guided modes of a film between two different half-spaces, such as silicon on oxide under air: an oracle.

κd = mπ + arctan(ρ₁γ₁/κ) + arctan(ρ₂γ₂/κ), with κ and γ the transverse wave numbers in the film and the half-spaces,
and ρ = 1 for "Ez", (n_core/n)² for "Hz" (Snyder and Love, Optical Waveguide Theory (1983), section 12-16). The names of
the fields are those of `analytic.slab`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, pi, sqrt

from scipy.optimize import brentq

from fdtd_onn.analytic.slab import SlabField
from fdtd_onn.errors import BadInput


@dataclass(frozen=True)
class LayeredSlab:
    """A film of `width_um` and index `core` between half-spaces of indices `below` and `above`."""

    width_um: float
    core: float
    below: float
    above: float

    def __post_init__(self) -> None:
        """Refuse a film that cannot guide."""
        if not (self.width_um > 0 and min(self.below, self.above) > 0 and max(self.below, self.above) < self.core):
            got = f"width {self.width_um} µm, core {self.core}, below {self.below}, above {self.above}"
            raise BadInput("slab", "a positive width, and a core above both claddings", got, "Correct the film.")


def layered_slab_index(slab: LayeredSlab, wavelength_um: float, field: SlabField, order: int = 0) -> float:
    """Effective index of the mode with `order` zeros of its z component. Raises BadInput when it is cut off."""
    k, cladding = 2 * pi / wavelength_um, max(slab.below, slab.above)

    def excess(index: float) -> float:
        kappa = k * sqrt(slab.core**2 - index**2)
        turns = order * pi
        for outside in (slab.below, slab.above):
            rho = 1.0 if field == "Ez" else (slab.core / outside) ** 2
            turns += atan2(rho * k * sqrt(max(index**2 - outside**2, 0.0)), kappa)
        return kappa * slab.width_um - turns

    # The phase falls with the index, from the light line of the higher cladding to the core's own.
    if excess(cladding) <= 0.0:
        cure = "Thicken the film, raise its index or shorten the wavelength."
        raise BadInput("mode order", f"a mode that is guided at {wavelength_um} µm", order, cure)
    return float(brentq(excess, cladding, slab.core, xtol=1e-14, rtol=1e-14))
