"""How the interference of forward and backward light at the taps is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from fdtd_onn.network.models import Real
from fdtd_onn.network.tap_light import TapLight


class Monitor(Protocol):
    """Readings at the taps, and what they say of the phases' gradient."""

    def overlap(self, light: TapLight, rng: np.random.Generator) -> Real:
        """(P,) in W: an estimate of Im Σ_batch a b of forward and backward light at each phase shifter."""


@dataclass(frozen=True)
class IdealMonitor:
    """Taps that take no light and cameras without noise."""

    def overlap(self, light: TapLight, rng: np.random.Generator) -> Real:
        """(P,) in W: Im Σ_batch a b itself (Hughes et al., Optica 5, 864 (2018))."""
        return np.einsum("p,pb,pb->p", light.passage, light.forward, light.backward).imag
