"""What `compare` and `fidelity` read from the command line."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from fdtd_onn.errors import BadInput
from fdtd_onn.specs.layout import ExperimentSpec


def experiment_with(experiment: ExperimentSpec, rules: str | None, seeds: str | None) -> ExperimentSpec:
    """The layout's experiment with other rules (`a,b`) and seeds (`0,1,2` or `0:9`, both ends counted)."""
    given = experiment.model_dump()
    changed: dict[str, Any] = {}
    if rules is not None:
        changed["rules"] = tuple(dict.fromkeys(word.strip() for word in rules.split(",")))
    if seeds is not None:
        changed["seeds"] = _numbers(seeds)
    try:
        return ExperimentSpec.model_validate(given | changed)
    except ValidationError as error:
        first = error.errors()[0]
        where = f"--{first['loc'][0]}" if first["loc"] else "--rules, --seeds"
        raise BadInput(where, first["msg"], first["input"], "Change it.") from error


def _numbers(text: str) -> tuple[int, ...]:
    try:
        start, colon, stop = text.partition(":")
        numbers = range(int(start), int(stop) + 1) if colon else [int(word) for word in text.split(",")]
        return tuple(dict.fromkeys(numbers[:1000]))
    except ValueError as error:
        raise BadInput("--seeds", "whole numbers: 0,1,2 or 0:9", repr(text), "For example: --seeds 0:9") from error
