"""The phase shifters of a mesh: one compiled model for all, or each guide's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.network.models import Complex, Real
from fdtd_onn.network.phase_shifter import PhaseShifter


@dataclass(frozen=True, eq=False)
class ShifterBank:
    """models: the different phase shifters. which: the number of the model on each place, (planes, N) or any shape.

    errors: factors that fabrication puts on each one's transfer, either way, like `which`; None for parts as drawn.
    """

    models: tuple[PhaseShifter, ...]
    which: NDArray[np.intp]
    errors: Complex | None = None

    def forward(self, phases: Real) -> Complex:
        """Complex amplitude transfer from o1 to o2 for phases in rad, both of the shape of `which`."""
        return self._with_errors(self._of_each(PhaseShifter.forward, phases))

    def backward(self, phases: Real) -> Complex:
        """Complex amplitude transfer from o2 to o1."""
        return self._with_errors(self._of_each(PhaseShifter.backward, phases))

    def log_slope(self, phases: Real) -> Complex:
        """Derivative of ln(forward) in the phase."""
        return self._of_each(PhaseShifter.log_slope, phases)

    def _with_errors(self, transfer: Complex) -> Complex:
        return transfer if self.errors is None else self.errors * transfer

    def _of_each(self, quantity: Callable[[PhaseShifter, Real], Complex], phases: Real) -> Complex:
        if len(self.models) == 1:
            return quantity(self.models[0], phases)
        values = np.empty(phases.shape, dtype=complex)
        for number, model in enumerate(self.models):
            here = self.which == number
            values[here] = quantity(model, phases[here])
        return values


def equal_shifters(model: PhaseShifter, planes: int, ports: int) -> ShifterBank:
    """The same phase shifter everywhere."""
    return ShifterBank((model,), np.zeros((planes, ports), dtype=np.intp))
