"""Encoding of samples as optical amplitudes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fdtd_onn.errors import BadInput
from fdtd_onn.network.models import Complex, Real
from fdtd_onn.specs.layout import InputSpec

ROUNDING = 1e-10  # of the largest spread: what a component that is constant has left


@dataclass(frozen=True, eq=False)
class Encoding:
    """Standardised features and a constant reference as in-phase amplitudes on the first ports, in √W.

    mean: (F,) of a sample's features in the training set. components: (F, C) what each port carries of them.
    spread: (C,) of these in the training set.
    amplitude: √W per standard deviation of what a port carries.
    reference: √W on the port after them.
    """

    ports: int
    mean: Real
    components: Real
    spread: Real
    amplitude: float
    reference: float

    def fields(self, features: Real) -> Complex:
        """Amplitudes (N, B) of samples (B, F)."""
        count = self.spread.size
        fields = np.zeros((self.ports, len(features)), dtype=complex)
        fields[:count] = self.amplitude * (((features - self.mean) @ self.components) / self.spread).T
        if self.reference > 0.0:
            fields[count] = self.reference
        return fields


def fit_encoding(spec: InputSpec, ports: int, features: Real) -> Encoding:
    """The encoding whose mean total power over the training features (B, F) is `spec.power_mw`.

    Raises BadInput if the features and the reference need more ports than there are, a feature is constant, or more
    principal components are asked for than there are features.
    """
    count = features.shape[1] if spec.features is None else spec.features
    needed = count + int(spec.reference > 0.0)
    if needed > ports:
        cure = "Use a larger network, or fewer principal components of a sample (network.input.features)."
        raise BadInput("network.ports", f"at least {needed}, for {count} features and the reference", ports, cure)
    mean = features.mean(axis=0)
    components = np.eye(count) if spec.features is None else _principal(features - mean, count)
    spread = ((features - mean) @ components).std(axis=0)
    if np.any(spread <= ROUNDING * spread.max()):
        cure = "Leave the constant feature out, or set network.input.features, fewer."
        raise BadInput("features", "values that differ between samples", f"spreads {spread.tolist()}", cure)
    # Each standardised feature has a mean square of one, and the reference is given in units of that rms.
    amplitude = np.sqrt(spec.power_w / (count + spec.reference**2))
    return Encoding(ports, mean, components, spread, float(amplitude), float(spec.reference * amplitude))


def _principal(centred: Real, count: int) -> Real:
    """The directions (F, count) of largest variance of centred features (B, F), the largest first.

    They are eigenvectors of the covariance; each is turned so that its largest entry is positive.
    """
    if count > centred.shape[1]:
        expected = f"at most {centred.shape[1]}, the features of a sample"
        raise BadInput("network.input.features", expected, count, "Ask for fewer.")
    _variances, vectors = np.linalg.eigh(centred.T @ centred)
    leading = vectors[:, ::-1][:, :count]
    largest = leading[np.abs(leading).argmax(axis=0), np.arange(count)]
    return np.asarray(leading * np.sign(largest))
