"""A photodiode or a camera's pixel behind a tap: optical power to digitised readings, with their noise."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fdtd_onn.errors import BadInput

ELEMENTARY_CHARGE_C = 1.602176634e-19


@dataclass(frozen=True)
class Detector:
    """What a detector adds to the power it reads.

    responsivity_a_per_w: photocurrent over power.  bandwidth_hz: of the noise that counts, one-sided.
    dark_current_a: flows without light; its mean is taken off, its shot noise is not.
    thermal_noise_a_per_sqrt_hz: of the amplifier, referred to its input.
    adc_bits, full_scale_w: codes 0 … 2^bits − 1 stand for powers from 0 to full scale, all others for the nearer end.
    """

    responsivity_a_per_w: float
    bandwidth_hz: float
    dark_current_a: float
    thermal_noise_a_per_sqrt_hz: float
    adc_bits: int
    full_scale_w: float

    def __post_init__(self) -> None:
        """Refuse values that no detector has."""
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in ("dark_current_a", "thermal_noise_a_per_sqrt_hz"):
                allowed, expected = value >= 0.0, "a finite number, at least 0"
            else:
                allowed, expected = value > 0.0, "a finite number above 0"
            if not (allowed and np.isfinite(value)):
                raise BadInput(f"detector.{field.name}", expected, value, "Change it.")
        if not isinstance(self.adc_bits, int) or self.adc_bits > 32:
            raise BadInput("detector.adc_bits", "a whole number from 1 to 32", self.adc_bits, "Change it.")

    @property
    def step_w(self) -> float:
        """Power between two codes of the converter."""
        return self.full_scale_w / (2**self.adc_bits - 1)

    def noise_w(self, power_w: ArrayLike) -> NDArray[np.float64]:
        """Standard deviation of a reading before it is digitised, in W: shot noise 2qIB and thermal noise i²B.

        Shot noise is that of the photocurrent and of the dark current (Saleh and Teich, Fundamentals of Photonics,
        3rd ed., section 19.6).
        """
        current = self.responsivity_a_per_w * np.asarray(power_w, dtype=float) + self.dark_current_a
        density = 2.0 * ELEMENTARY_CHARGE_C * current + self.thermal_noise_a_per_sqrt_hz**2
        return np.sqrt(density * self.bandwidth_hz) / self.responsivity_a_per_w

    def read(self, power_w: ArrayLike, rng: np.random.Generator) -> NDArray[np.float64]:
        """One reading of every power, in W, any shape. Raises BadInput for powers that are negative or not finite."""
        power = _checked(power_w)
        return self._digitised(power + self.noise_w(power) * rng.standard_normal(power.shape), self.step_w)

    def integrate(self, power_w: ArrayLike, rng: np.random.Generator) -> NDArray[np.float64]:
        """One reading of the charge that all powers along the last axis leave, one after the other: their sum in W.

        Noise currents of different times are independent, so that their variances add up; the full scale grows with
        the time. Raises BadInput for powers that are negative or not finite.
        """
        power = _checked(power_w)
        total, noise = power.sum(axis=-1), np.linalg.norm(self.noise_w(power), axis=-1)
        return self._digitised(total + noise * rng.standard_normal(total.shape), power.shape[-1] * self.step_w)

    def _digitised(self, power: NDArray[np.float64], step_w: float) -> NDArray[np.float64]:
        return np.clip(np.round(power / step_w), 0, 2**self.adc_bits - 1) * step_w


def _checked(power_w: ArrayLike) -> NDArray[np.float64]:
    power = np.asarray(power_w, dtype=float)
    wrong = power[~((power >= 0.0) & np.isfinite(power))]
    if wrong.size:
        raise BadInput("power_w", "finite powers in W, at least 0", wrong.flat[0], "Pass powers, not amplitudes.")
    return power
