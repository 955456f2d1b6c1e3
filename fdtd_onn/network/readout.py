"""Detection at the outputs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fdtd_onn.network.detector import Detector
from fdtd_onn.network.models import Complex, Real
from fdtd_onn.network.receiver import CoherentReceiver
from fdtd_onn.specs.bench import DetectorSpec, ReceiverSpec
from fdtd_onn.specs.layout import ReadoutSpec


@dataclass(frozen=True)
class Readout:
    """Homodyne (in-phase amplitude, √W) or power (W) of the named output ports.

    The local oscillator's phase is fixed: the mesh's output shifters turn the field against it.
    """

    spec: ReadoutSpec

    def measured(self, y: Complex, rng: np.random.Generator) -> Complex:
        """Output fields (N, B) as the detectors give them, with noise; as they are if the layout names no detector.

        Homodyne: both quadratures of a coherent receiver. Power: the magnitude from a reading of the power, the phase
        as it is.
        """
        if self.spec.detector is None:
            return y
        if self.spec.kind == "homodyne":
            return receiver(self.spec.detector).read(y, rng)
        diodes = detector(self.spec.detector, 1e-3 * self.spec.detector.full_scale_mw)
        return np.sqrt(diodes.read(np.abs(y) ** 2, rng)) * np.exp(1j * np.angle(y))

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


def detector(spec: DetectorSpec, full_scale_w: float) -> Detector:
    """The photodiode, amplifier and converter of a specification, which reaches up to a power."""
    return Detector(
        responsivity_a_per_w=spec.responsivity_a_per_w,
        bandwidth_hz=spec.bandwidth_hz,
        dark_current_a=spec.dark_current_a,
        thermal_noise_a_per_sqrt_hz=spec.thermal_noise_a_per_sqrt_hz,
        adc_bits=spec.adc_bits,
        full_scale_w=full_scale_w,
    )


def receiver(spec: ReceiverSpec) -> CoherentReceiver:
    """The coherent receiver made of such detectors."""
    return CoherentReceiver(detector(spec, 1e-3 * spec.full_scale_mw), 1e-3 * spec.local_oscillator_mw)
