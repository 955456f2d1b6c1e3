"""Every number that the page shows, as plain data."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Any

from fdtd_onn.api.experiment import Experiment
from fdtd_onn.report.absorber import AbsorberNumbers, absorber_numbers
from fdtd_onn.report.concerns import absorber_concerns, linear_concerns, origin_concerns, training_concerns
from fdtd_onn.report.folder import FORMAT
from fdtd_onn.report.linear import LinearNumbers, linear_numbers
from fdtd_onn.report.network import NetworkNumbers, network_numbers
from fdtd_onn.report.origin import Cost, Origin, cost, origins, software
from fdtd_onn.report.parts import absorber_parts, linear_parts
from fdtd_onn.report.training import RuleNumbers, by_rule, rule_numbers
from fdtd_onn.specs.fidelity import settings_of


@dataclass(frozen=True)
class Numbers:
    """An experiment in numbers. files: everything in the report's folder, by path from it."""

    format: str
    name: str
    summary: str
    written: str
    experiment: dict[str, Any]
    fidelity: tuple[dict[str, Any], ...]
    cost: Cost
    warnings: tuple[str, ...]
    linear: tuple[LinearNumbers, ...]
    absorbers: tuple[AbsorberNumbers, ...]
    network: NetworkNumbers
    rules: tuple[RuleNumbers, ...]
    origins: tuple[Origin, ...]
    software: dict[str, str]
    files: tuple[str, ...]

    def plain(self) -> Any:
        """Dictionaries, lists, texts and finite numbers only; null where a number is not finite."""
        return plain(asdict(self))


def numbers(experiment: Experiment, model_files: dict[str, str], files: tuple[str, ...]) -> Numbers:
    """Read everything off an experiment; model_files: by short name, from the report's folder."""
    layout = experiment.layout
    linear = tuple(linear_numbers(part, model_files[part.short]) for part in linear_parts(experiment))
    absorbers = tuple(absorber_numbers(part, model_files[part.short]) for part in absorber_parts(experiment))
    rules = tuple(rule_numbers(rule, runs) for rule, runs in by_rule(experiment.runs).items())
    made = origins(experiment.responses)
    warnings = [
        *origin_concerns(made),
        *(text for n in linear for text in linear_concerns(n)),
        *(text for n in absorbers for text in absorber_concerns(n)),
        *(text for n in rules for text in training_concerns(n)),
    ]
    return Numbers(
        format=FORMAT,
        name=layout.name,
        summary=layout.summary,
        written=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        experiment=layout.experiment.model_dump(mode="json"),
        fidelity=_settings(experiment),
        cost=cost(experiment.responses),
        warnings=tuple(warnings),
        linear=linear,
        absorbers=absorbers,
        network=network_numbers(experiment),
        rules=rules,
        origins=made,
        software=software(),
        files=files,
    )


def _settings(experiment: Experiment) -> tuple[dict[str, Any], ...]:
    """Numerical settings, with the devices that they were used for."""
    devices: dict[str, list[str]] = {}
    for short, family in experiment.responses.items():
        settings = settings_of(family[0].device, experiment.layout.experiment.fidelity)
        devices.setdefault(settings.model_dump_json(), []).append(short)
    return tuple({"devices": names, **json.loads(text)} for text, names in devices.items())


def plain(value: Any) -> Any:
    """Dictionaries, lists, texts and finite numbers only; null where a number is not finite."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return value if isfinite(value) else None
    return value
