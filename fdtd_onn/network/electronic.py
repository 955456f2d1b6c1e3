"""Activations computed between meshes: fields are read, their moduli taken, and light is made anew."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from fdtd_onn.network.generator import Generator
from fdtd_onn.network.models import Complex, Real
from fdtd_onn.network.receiver import CoherentReceiver
from fdtd_onn.network.tap_light import TapLight, no_taps


@dataclass(frozen=True, eq=False)
class ElectronicActivation:
    """|z| of the field on every guide (Pai et al., Science 380, 398 (2023)); its residual is z as read, (N, B) in √W.

    generator: makes the light behind, and the light sent back. receiver, noise: what reads, and what its noise is drawn
    from; without one of them fields are known as they are.
    """

    generator: Generator
    receiver: CoherentReceiver | None
    noise: np.random.Generator | None = None

    @property
    def phase_count(self) -> int:
        """Nothing is trained."""
        return 0

    @property
    def max_power_w(self) -> float:
        """No limit."""
        return np.inf

    def on_bench(self, rng: np.random.Generator) -> ElectronicActivation:
        """The same with the noise of its receivers."""
        return replace(self, noise=rng)

    def forward(self, phases: Real, x: Complex) -> tuple[Complex, Complex]:
        """The light made anew, and the fields read."""
        z = x if self.receiver is None or self.noise is None else self.receiver.read(x, self.noise)
        return self.generator.emit(np.abs(z).astype(complex)), z

    def adjoint(self, phases: Real, z: Complex, delta: Complex) -> tuple[Complex, Real]:
        """Exact reverse derivative: ∂|z|/∂z = z*/2|z| and its conjugate give Re(δ) z*/|z|; zero for a dark guide."""
        return self._derivative(z, self.generator.pull_back(delta)), np.empty(0)

    def send_back(self, phases: Real, z: Complex, light: Complex) -> tuple[Complex, TapLight]:
        """Backward light is read, multiplied with the derivative at the field that was read, and made anew."""
        if self.receiver is not None and self.noise is not None:
            light = self.receiver.read_scaled(light, self.noise)
        return self.generator.emit_scaled(self._derivative(z, light)), no_taps(light.shape[1])

    def _derivative(self, z: Complex, delta: Complex) -> Complex:
        magnitude = np.abs(z)
        dark = magnitude == 0.0
        return np.where(dark, 0.0, delta.real * z.conj() / np.where(dark, 1.0, magnitude))
