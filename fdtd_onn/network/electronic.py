"""Activations computed between meshes: fields are read, their moduli taken, and light is made anew."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fdtd_onn.errors import BadInput
from fdtd_onn.network.models import Complex, Real
from fdtd_onn.network.network import Network
from fdtd_onn.network.tap_light import TapLight, no_taps
from fdtd_onn.network.transceiver import Transceiver


@dataclass(frozen=True, eq=False)
class ElectronicActivation:
    """|z| of the field on every guide (Pai et al., Science 380, 398 (2023)); its residual is z as read, (N, B) in √W.

    ahead: reads the light in front and makes the light behind. back: the same for what is sent back.
    """

    ahead: Transceiver
    back: Transceiver

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
        return ElectronicActivation(self.ahead.on_bench(rng), self.back.on_bench(rng))

    def forward(self, phases: Real, x: Complex) -> tuple[Complex, Complex]:
        """The light made anew, and the fields read."""
        z = self.ahead.read(x)
        return self.ahead.generator.emit(np.abs(z).astype(complex)), z

    def adjoint(self, phases: Real, z: Complex, delta: Complex) -> tuple[Complex, Real]:
        """Exact reverse derivative: ∂|z|/∂z = z*/2|z| and its conjugate give Re(δ) z*/|z|; zero for a dark guide."""
        return self._derivative(z, self.ahead.generator.pull_back(delta)), np.empty(0)

    def send_back(self, phases: Real, z: Complex, light: Complex) -> tuple[Complex, TapLight]:
        """Backward light is read, multiplied with the derivative at the field that was read, and made anew."""
        derivative = self._derivative(z, self.back.read_scaled(light))
        return self.back.generator.emit_scaled(derivative), no_taps(light.shape[1])

    def _derivative(self, z: Complex, delta: Complex) -> Complex:
        magnitude = np.abs(z)
        dark = magnitude == 0.0
        return np.where(dark, 0.0, delta.real * z.conj() / np.where(dark, 1.0, magnitude))


def require_light_passes(where: str, network: Network, cure: str) -> None:
    """Raise BadInput unless backward light goes through all of a network as light."""
    if any(isinstance(layer, ElectronicActivation) for layer in network.layers):
        raise BadInput(
            f"{where}: network.layers", "layers that backward light passes", "an electronic activation", cure
        )
