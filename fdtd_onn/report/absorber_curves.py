"""An absorber's model over pump power: what pump and probes see, and the exact derivatives beside them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.reduce import AbsorberModel
from fdtd_onn.report.parts import AbsorberPart

Real = NDArray[np.float64]
CURVE_POINTS = 300
W_PER_MW = 1e-3


@dataclass(frozen=True, eq=False)
class AbsorberCurves:
    """A model over pump power (n,) in mW: |t|² of pump and probes, and the exact derivatives, all (n,).

    wirtinger: |∂y/∂E|. slope_squared: squared derivative for a change of E in phase with E.
    """

    pump_mw: Real
    pump: Real
    coherent: Real
    gated: Real
    wirtinger: Real
    slope_squared: Real

    @property
    def coherent_ratio(self) -> Real:
        """|t| of the coherent probe over |∂y/∂E|."""
        return np.sqrt(self.coherent) / self.wirtinger

    @property
    def gated_ratio(self) -> Real:
        """|t| of the time-gated probe over |∂y/∂E|."""
        return np.sqrt(self.gated) / self.wirtinger


def absorber_curves(model: AbsorberModel, pump_mw: Real) -> AbsorberCurves:
    """Evaluate a model at pump powers (n,) in mW; OutOfRange above its largest."""
    e = np.sqrt(W_PER_MW * pump_mw)
    holomorphic, conjugate = model.jacobian(e)
    return AbsorberCurves(
        pump_mw=pump_mw,
        pump=_power(model.forward(e) / e),
        coherent=_power(model.probe(e, "coherent")),
        gated=_power(model.probe(e, "time-gated")),
        wirtinger=np.abs(holomorphic),
        slope_squared=_power(holomorphic + conjugate),  # e is real: a change in phase is dE = dE*
    )


def pump_axis(part: AbsorberPart) -> Real:
    """Powers in mW that curves are drawn over: from half the weakest full-wave pump to the strongest."""
    pump = part.response.pump_mw
    # The last power is that of the model's range, whatever rounding made of the conversion.
    return np.minimum(np.geomspace(0.5 * pump[0], pump[-1], CURVE_POINTS), part.model.max_power_w / W_PER_MW)


def _power(amplitude: NDArray[np.complex128]) -> Real:
    return np.asarray(np.abs(amplitude) ** 2)
