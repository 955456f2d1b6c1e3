"""What made a result."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Provenance:
    """Engine, settings and cost of the runs behind a result; enough to make it again."""

    engine: str
    engine_version: str
    code_digest: str
    fidelity: str
    run_keys: tuple[str, ...]
    created: str
    setup_seconds: float
    stepping_seconds: float
    cell_updates: float
