"""The modulators that make a network's light: what comes out of them for the amplitudes asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from fdtd_onn.network.models import Complex, Real


class Generator(Protocol):
    """Light at the N inputs; of the same kind at the outputs, for light sent back."""

    def emit(self, fields: Complex) -> Complex:
        """Fields (N, B) that come out, in √W, for those asked for (N, B)."""

    def emit_scaled(self, fields: Complex) -> Complex:
        """The same for light of free scale, whose strongest amplitude is brought to full scale and back."""

    def pull_back(self, delta: Complex) -> Complex:
        """∂L/∂(fields asked for) (N, B) from ∂L/∂(fields that come out) (N, B)."""

    def input_limit_w(self, limit_w: float) -> float:
        """Total power that may be asked for so that no more than `limit_w` comes out."""


@dataclass(frozen=True)
class IdealGenerator:
    """Light as it is asked for."""

    def emit(self, fields: Complex) -> Complex:
        """The fields themselves."""
        return fields

    def emit_scaled(self, fields: Complex) -> Complex:
        """The fields themselves."""
        return fields

    def pull_back(self, delta: Complex) -> Complex:
        """The derivative itself."""
        return delta

    def input_limit_w(self, limit_w: float) -> float:
        """The limit itself."""
        return limit_w


@dataclass(frozen=True, eq=False)
class ModulatorBank:
    """One modulator for amplitude and phase per port.

    full_scale: highest amplitude in √W. bits: of the converter that sets the amplitude, None for no steps.
    darkest: amplitude that a dark modulator lets through. errors: (N,) factors on the ports.
    Derivatives take steps and limits of the amplitude as if they were not there (straight-through).
    """

    full_scale: float
    bits: int | None
    darkest: float
    errors: Complex

    def emit(self, fields: Complex) -> Complex:
        """Fields (N, B) that come out: magnitudes within the modulators' reach and in their steps, phases kept."""
        magnitude = np.abs(fields)
        dark = magnitude == 0.0
        direction = np.where(dark, 1.0, fields / np.where(dark, 1.0, magnitude))
        return self.errors[:, None] * direction * self._within_reach(magnitude)

    def emit_scaled(self, fields: Complex) -> Complex:
        """The same for light of free scale, as what is sent back: its strongest amplitude stands for full scale."""
        strongest = float(np.abs(fields).max(initial=0.0))
        if strongest == 0.0:
            return fields
        scale = self.full_scale / strongest
        return self.emit(fields * scale) / scale

    def pull_back(self, delta: Complex) -> Complex:
        """Through the errors of the ports alone."""
        return self.errors[:, None] * delta

    def input_limit_w(self, limit_w: float) -> float:
        """Total power that may be asked for.

        It is less by the strongest port's error, what dark ports let through, and half a converter's step in each.
        """
        leak = self.errors.size * self.darkest**2
        up = 0.0 if self.bits is None else 0.5 * self.full_scale / (2**self.bits - 1) * np.sqrt(self.errors.size)
        reach = np.sqrt(limit_w) / float(np.max(np.abs(self.errors)))
        return float(max(max(reach - up, 0.0) ** 2 - leak, 0.0))

    def _within_reach(self, magnitude: Real) -> Real:
        if self.bits is not None:
            step = self.full_scale / (2**self.bits - 1)
            magnitude = step * np.round(magnitude / step)
        return np.clip(magnitude, self.darkest, self.full_scale)
