"""What made the results: full-wave runs, their cost, and the software."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version

from fdtd_onn.api.characterize import AnyResponse
from fdtd_onn.responses.provenance import Provenance

PACKAGES = ("fdtd-onn", "numpy", "scipy", "h5py", "matplotlib")


@dataclass(frozen=True)
class Origin:
    """Runs behind one response; parameter: its value of the tunable parameter."""

    short: str
    device: str
    parameter: float | None
    engine: str
    engine_version: str
    code_digest: str
    fidelity: str
    created: str
    run_keys: tuple[str, ...]


@dataclass(frozen=True)
class Cost:
    """All full-wave runs together, each counted once; seconds are of the machine that did them.

    overhead: setup over stepping time; None if nothing was stepped.
    """

    runs: int
    setup_seconds: float
    stepping_seconds: float
    overhead: float | None
    cell_updates: float
    cell_updates_per_second: float | None


def origins(responses: Mapping[str, Sequence[AnyResponse]]) -> tuple[Origin, ...]:
    """One row per response, in the order of the devices' short names."""
    rows = []
    for short, family in responses.items():
        for response in family:
            made, tunable = response.provenance, response.device.tunable
            value = None
            if tunable is not None and len(family) > 1:
                value = float(getattr(response.device.parameters, tunable.parameter))
            rows.append(
                Origin(
                    short, response.device.name, value, made.engine, made.engine_version, made.code_digest,
                    made.fidelity, made.created, made.run_keys,
                )
            )  # fmt: skip
    return tuple(rows)


def cost(responses: Mapping[str, Sequence[AnyResponse]]) -> Cost:
    """Add up the runs of all responses; short names of one device share theirs."""
    made: dict[tuple[str, ...], Provenance] = {
        r.provenance.run_keys: r.provenance for family in responses.values() for r in family
    }
    setup = sum(p.setup_seconds for p in made.values())
    stepping = sum(p.stepping_seconds for p in made.values())
    updates = sum(p.cell_updates for p in made.values())
    return Cost(
        runs=len({key for keys in made for key in keys}),
        setup_seconds=setup,
        stepping_seconds=stepping,
        overhead=setup / stepping if stepping > 0.0 else None,
        cell_updates=updates,
        cell_updates_per_second=updates / stepping if stepping > 0.0 else None,
    )


def software() -> dict[str, str]:
    """Versions of Python and of the packages that the numbers passed through."""
    return {"Python": platform.python_version(), **{name: version(name) for name in PACKAGES}}
