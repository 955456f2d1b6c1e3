"""Numbers that say how well a network is doing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]


def accuracy(scores: Real, labels: NDArray[np.intp]) -> float:
    """Share of samples whose own class has the highest score; scores (K, B), labels (B,)."""
    return float(np.mean(scores.argmax(axis=0) == labels))


def cosine(a: Real, b: Real) -> float:
    """Cosine of the angle between two vectors; nan if one of them is zero, where no angle exists."""
    norms = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / norms if norms > 0.0 else float("nan")
