"""What in a network's devices limits a rule's gradient: one property after another swept, all others as they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fdtd_onn.api.networks import load_models
from fdtd_onn.api.variants import Variant, quantities_of, variants_of
from fdtd_onn.errors import BadInput
from fdtd_onn.network.build import build_network
from fdtd_onn.specs.layout import RuleName
from fdtd_onn.specs.load import load_layout
from fdtd_onn.training.datasets import Dataset, make_dataset
from fdtd_onn.training.fidelity import GradientFidelity, gradient_fidelity

SETTINGS, SAMPLES = 8, 100


@dataclass(frozen=True, eq=False)
class Swept:
    """One rule's gradient over one property. values: (v,). fidelities: one for each."""

    quantity: str
    rule: RuleName
    values: tuple[float | str, ...]
    fidelities: tuple[GradientFidelity, ...]


def sweep_fidelity(
    layout: str | Path,
    rules: tuple[RuleName, ...],
    seed: int,
    models: str | Path | None = None,
    listener: Callable[[int, int], None] | None = None,
) -> tuple[Swept, ...]:
    """Every property that the layout's network has, for every rule. `listener(done, all)` is told after each value.

    Raises BadInput for a rule that the network is not for, and as `load_models`.
    """
    spec, compiled = load_layout(layout), load_models(layout, models)
    data = make_dataset(spec.experiment.dataset, seed, spec.experiment.files)
    sweeps = {name: variants_of(spec, compiled, name) for name in quantities_of(spec.network)}
    if not rules:
        cure = "Name one with --rules."
        raise BadInput(f"layout {spec.name}: rules", "one that measures or models the gradient", "none", cure)
    total = sum(map(len, sweeps.values())) * len(rules)
    if total == 0:
        raise BadInput(f"layout {spec.name}", "absorbers, taps, heaters or converters to vary", "none", "Add some.")
    results: list[Swept] = []
    done = 0
    for quantity, variants in sweeps.items():
        for rule in rules:
            fidelities = []
            for variant in variants:
                fidelities.append(_fidelity(variant, data, rule, seed))
                done += 1
                if listener is not None:
                    listener(done, total)
            results.append(Swept(quantity, rule, tuple(value for value, _, _ in variants), tuple(fidelities)))
    return tuple(results)


def _fidelity(variant: Variant, data: Dataset, rule: RuleName, seed: int) -> GradientFidelity:
    _value, words, models = variant
    return gradient_fidelity(build_network(words, models), data, rule, SETTINGS, SAMPLES, seed)
