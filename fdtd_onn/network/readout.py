"""Detection at the outputs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fdtd_onn.network.models import Complex, Real
from fdtd_onn.specs.layout import ReadoutSpec


@dataclass(frozen=True)
class Readout:
    """Homodyne (in-phase amplitude, √W) or power (W) of the named output ports.

    The local oscillator's phase is fixed: the mesh's output shifters turn the field against it.
    """

    spec: ReadoutSpec

    def read(self, y: Complex) -> Real:
        """Detector readings (K, B) of output fields (N, B)."""
        field = y[list(self.spec.ports)]
        return field.real if self.spec.kind == "homodyne" else np.abs(field) ** 2

    def pull_back(self, y: Complex, reading_gradient: Real) -> Complex:
        """δ = ∂L/∂y (N, B), Wirtinger, from ∂L/∂reading (K, B): ½ ∂L/∂r for r = Re y, y* ∂L/∂r for r = |y|²."""
        ports = list(self.spec.ports)
        delta = np.zeros_like(y)
        delta[ports] = reading_gradient * (0.5 if self.spec.kind == "homodyne" else y[ports].conj())
        return delta
