"""Absorbers that differ from guide to guide, as one model of arrays whose first axis is the guide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fdtd_onn.network.models import AbsorberModel, Complex, ProbeKind


@dataclass(frozen=True, eq=False)
class AbsorberRow:
    """One model for each of N guides; amplitudes (N, ...) in √W."""

    models: tuple[AbsorberModel, ...]

    @property
    def max_power_w(self) -> float:
        """Highest pump power that every model covers."""
        return min(model.max_power_w for model in self.models)

    def forward(self, e: Complex) -> Complex:
        """Amplitudes behind the absorbers."""
        return self._of_each(lambda model, field: model.forward(field), e)

    def jacobian(self, e: Complex) -> tuple[Complex, Complex]:
        """Wirtinger derivatives ∂y/∂E and ∂y/∂E*."""
        both = [model.jacobian(field) for model, field in zip(self.models, e, strict=True)]
        return np.stack([holomorphic for holomorphic, _ in both]), np.stack([conjugate for _, conjugate in both])

    def probe(self, e: Complex, kind: ProbeKind) -> Complex:
        """Complex amplitude transmission of weak backward light under the pumps e."""
        return self._of_each(lambda model, field: model.probe(field, kind), e)

    def cascade(self, sections: int) -> AbsorberRow:
        """The same, `sections` of each in series."""
        return AbsorberRow(tuple(model.cascade(sections) for model in self.models))

    def varied(self, depth_factor: float, saturation_factor: float) -> AbsorberRow:
        """All of them with optical depth and saturation power multiplied."""
        return AbsorberRow(tuple(model.varied(depth_factor, saturation_factor) for model in self.models))

    def _of_each(self, quantity: Callable[[AbsorberModel, Complex], Complex], e: Complex) -> Complex:
        return np.stack([quantity(model, field) for model, field in zip(self.models, e, strict=True)])
