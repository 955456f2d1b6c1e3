"""Encoding of samples as optical amplitudes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fdtd_onn.errors import BadInput
from fdtd_onn.network.models import Complex, Real
from fdtd_onn.specs.layout import InputSpec


@dataclass(frozen=True, eq=False)
class Encoding:
    """Standardised features and a constant reference as in-phase amplitudes on the first ports, in √W.

    mean, spread: (F,) of the features in the training set.
    amplitude: √W per standard deviation of a feature.
    reference: √W on the port after the features.
    """

    ports: int
    mean: Real
    spread: Real
    amplitude: float
    reference: float

    def fields(self, features: Real) -> Complex:
        """Amplitudes (N, B) of samples (B, F)."""
        samples, count = features.shape
        fields = np.zeros((self.ports, samples), dtype=complex)
        fields[:count] = self.amplitude * ((features - self.mean) / self.spread).T
        if self.reference > 0.0:
            fields[count] = self.reference
        return fields


def fit_encoding(spec: InputSpec, ports: int, features: Real) -> Encoding:
    """The encoding whose mean total power over the training features (B, F) is `spec.power_mw`.

    Raises BadInput if the features and the reference need more ports than there are, or a feature is constant.
    """
    count = features.shape[1]
    needed = count + int(spec.reference > 0.0)
    if needed > ports:
        cure = "Use a larger network or a data set of fewer features."
        raise BadInput("network.ports", f"at least {needed}, for {count} features and the reference", ports, cure)
    mean, spread = features.mean(axis=0), features.std(axis=0)
    if np.any(spread == 0.0):
        cure = "Leave the constant feature out."
        raise BadInput("features", "values that differ between samples", f"spreads {spread.tolist()}", cure)
    # Each standardised feature has a mean square of one, and the reference is given in units of that rms.
    amplitude = np.sqrt(spec.power_w / (count + spec.reference**2))
    return Encoding(ports, mean, spread, float(amplitude), float(spec.reference * amplitude))
