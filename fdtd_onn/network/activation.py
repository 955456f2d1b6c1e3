"""A layer of saturable absorbers, one on every guide."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fdtd_onn.network.models import AbsorberModel, Complex, ProbeKind, Real
from fdtd_onn.network.tap_light import TapLight, no_taps


@dataclass(frozen=True, eq=False)
class AbsorberActivation:
    """The same absorber on every guide; its residual is the field in front of it, (N, B) in √W."""

    absorber: AbsorberModel
    probe: ProbeKind

    @property
    def phase_count(self) -> int:
        """Nothing in an absorber is trained."""
        return 0

    @property
    def max_power_w(self) -> float:
        """Highest power on one guide that the compiled absorber covers."""
        return self.absorber.max_power_w

    def on_bench(self, rng: np.random.Generator) -> AbsorberActivation:
        """The same: nothing in it reads light."""
        return self

    def forward(self, phases: Real, x: Complex) -> tuple[Complex, Complex]:
        """Fields behind the absorbers, and the residual."""
        return self.absorber.forward(x), x

    def adjoint(self, phases: Real, pump: Complex, delta: Complex) -> tuple[Complex, Real]:
        """Exact reverse derivative, both Wirtinger parts: ∂L/∂E = δ ∂y/∂E + (δ ∂y/∂E*)*."""
        holomorphic, conjugate = self.absorber.jacobian(pump)
        return delta * holomorphic + np.conj(delta * conjugate), np.empty(0)

    def send_back(self, phases: Real, pump: Complex, light: Complex) -> tuple[Complex, TapLight]:
        """Weak backward light through absorbers under the pump (Guo et al., Photon. Res. 9, B71 (2021))."""
        return light * self.absorber.probe(pump, self.probe), no_taps(light.shape[1])
