"""How far the light that a weak backward probe brings back is from the exact gradient of the activation.

A gradient signal δ in front of the absorber is exactly δ ∂y/∂E + (δ ∂y/∂E*)*; a probe gives δ t. Over all phases of δ
the mean squared error over the mean square of the exact one is

    (|t − ∂y/∂E|² + |∂y/∂E*|²) / (|∂y/∂E|² + |∂y/∂E*|²),

and the cosine of the angle between the two is Re(t* ∂y/∂E)/(|t| √(|∂y/∂E|² + |∂y/∂E*|²)). Both probes are those of
X. Guo et al., Photon. Res. 9, B71 (2021), and of physics with a standing wave (see `absorption`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.reduce.absorber import AbsorberModel

Real = NDArray[np.float64]
ProbeKind = Literal["coherent", "time-gated"]
KINDS: tuple[ProbeKind, ...] = ("coherent", "time-gated")
DEPTHS = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0)


@dataclass(frozen=True, eq=False)
class ProbeError:
    """One probe over pump power (n,): relative root mean square error and cosine, over all phases of the signal."""

    kind: ProbeKind
    power_w: Real
    error: Real
    cosine: Real


def probe_error(model: AbsorberModel, kind: ProbeKind, power_w: Real) -> ProbeError:
    """Compare a probe with the exact derivative at pump powers (n,); OutOfRange above the model's largest."""
    e = np.sqrt(power_w)
    along, across = model.jacobian(e)
    seen = model.probe(e, kind)
    exact = np.abs(along) ** 2 + np.abs(across) ** 2
    error = np.sqrt((np.abs(seen - along) ** 2 + np.abs(across) ** 2) / exact)
    cosine = np.real(np.conj(seen) * along) / (np.abs(seen) * np.sqrt(exact))
    return ProbeError(kind, power_w, error, cosine)


@dataclass(frozen=True)
class DepthRow:
    """At one optical depth, over all pump powers: the largest error and the smallest cosine of each probe."""

    optical_depth: float
    coherent_error: float
    gated_error: float
    coherent_cosine: float
    gated_cosine: float


def error_over_depth(model: AbsorberModel, power_w: Real, depths: Sequence[float] = DEPTHS) -> tuple[DepthRow, ...]:
    """The same absorber, longer or shorter: what its optical depth does to gradients, for one section.

    Loss and phases that do not saturate grow along with it. Raises OutOfRange for powers above the model's largest.
    """
    return tuple(_row(with_depth(model, depth), power_w) for depth in depths)


def with_depth(model: AbsorberModel, optical_depth: float) -> AbsorberModel:
    """The model of a section of another length."""
    a = model.absorption
    scale = optical_depth / a.optical_depth
    longer = replace(
        a,
        optical_depth=optical_depth,
        nonsaturable_optical_depth=a.nonsaturable_optical_depth * scale,
        phase_rad=a.phase_rad * scale,
        probe_phase_rad=a.probe_phase_rad * scale,
    )
    return replace(model, absorption=longer)


def _row(model: AbsorberModel, power_w: Real) -> DepthRow:
    coherent, gated = (probe_error(model, kind, power_w) for kind in KINDS)
    return DepthRow(
        model.absorption.optical_depth,
        *(float(probe.error.max()) for probe in (coherent, gated)),
        *(float(probe.cosine.min()) for probe in (coherent, gated)),
    )
