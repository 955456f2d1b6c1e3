"""How near a rule's gradient is to the exact one, mesh by mesh."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import BadInput
from fdtd_onn.network.encoding import fit_encoding
from fdtd_onn.network.network import Network
from fdtd_onn.specs.layout import RuleName
from fdtd_onn.training.datasets import Dataset
from fdtd_onn.training.metrics import cosine
from fdtd_onn.training.objective import Objective
from fdtd_onn.training.rules import digital_bp, make_rule

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class GradientFidelity:
    """Of a rule's gradient over the exact one at several random settings: (settings, meshes) each.

    cosine: of the angle between both. norm_ratio: the rule's length over the exact one's.
    """

    cosine: Real
    norm_ratio: Real


def gradient_fidelity(
    network: Network, dataset: Dataset, rule: RuleName, settings: int, samples: int, seed: int
) -> GradientFidelity:
    """Over the first `samples` training samples, at so many random settings of the phases; noise differs in each."""
    encoding = fit_encoding(network.spec.input, network.spec.ports, dataset.train.features)
    objective = Objective(network, dataset, encoding)
    x, labels = encoding.fields(dataset.train.features[:samples]), dataset.train.labels[:samples]
    if network.phase_count == 0:
        raise BadInput("network.layers", "phases to train", "none", "Add a mesh.")
    apply, exact = make_rule(rule, network, seed), digital_bp(network)
    rows = []
    for setting in range(settings):
        rng = np.random.default_rng([seed, setting])
        values = objective.start(rng)
        got, true = (objective.gradient(each, values, x, labels, rng) for each in (apply, exact))
        parts = [part for part in network.phase_slices if part.stop > part.start]
        rows.append([(cosine(got[p], true[p]), np.linalg.norm(got[p]) / np.linalg.norm(true[p])) for p in parts])
    table = np.array(rows)
    return GradientFidelity(table[..., 0], table[..., 1])
