"""Coherent receivers: amplitude and phase of a field against a local oscillator, with noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fdtd_onn.network.detector import ELEMENTARY_CHARGE_C, Detector
from fdtd_onn.network.models import Complex, Real


@dataclass(frozen=True)
class CoherentReceiver:
    """Both quadratures of a field behind a 90° hybrid, each with two diodes in balance.

    local_oscillator_w: much stronger than the light it reads. The converter's codes reach from minus to plus the root
    of the detector's full scale.
    """

    detector: Detector
    local_oscillator_w: float

    @property
    def noise(self) -> float:
        """Standard deviation of each quadrature in √W.

        A pair of diodes gets half of signal and oscillator: its current is R √P_LO times the quadrature, with the shot
        noise 2qB of R P_LO/2 and of two dark currents, and the amplifier's (Kikuchi, J. Lightwave Technol. 34, 157
        (2016), section II).
        """
        d, p = self.detector, self.local_oscillator_w
        shot = 2.0 * ELEMENTARY_CHARGE_C * (0.5 * d.responsivity_a_per_w * p + 2.0 * d.dark_current_a)
        current = np.sqrt((shot + d.thermal_noise_a_per_sqrt_hz**2) * d.bandwidth_hz)
        return float(current / (d.responsivity_a_per_w * np.sqrt(p)))

    def read(self, field: Complex, rng: np.random.Generator) -> Complex:
        """One reading of every field, in √W, any shape."""
        noise = self.noise * rng.standard_normal((2, *field.shape))
        return self._digitised(field.real + noise[0]) + 1j * self._digitised(field.imag + noise[1])

    def read_scaled(self, field: Complex, rng: np.random.Generator) -> Complex:
        """The same for light of free scale: its strongest amplitude is brought to full scale and back."""
        strongest = float(np.abs(field).max(initial=0.0))
        if strongest == 0.0:
            return field
        scale = np.sqrt(self.detector.full_scale_w) / strongest
        return self.read(field * scale, rng) / scale

    def _digitised(self, quadrature: Real) -> Real:
        codes, reach = 2**self.detector.adc_bits - 1, np.sqrt(self.detector.full_scale_w)
        code = np.clip(np.round((quadrature / reach + 1.0) * 0.5 * codes), 0, codes)
        return np.asarray((2.0 * code / codes - 1.0) * reach)
