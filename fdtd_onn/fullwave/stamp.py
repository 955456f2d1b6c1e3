"""Who computes: part of every run's key, found without importing Meep."""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

from fdtd_onn.fullwave.engine import installed_engine
from fdtd_onn.specs.runs import EngineStamp

# The modules whose code shapes the numbers of a run, and what its record holds.
_NUMERICS = (
    "geometry/assembly.py",
    "geometry/coating.py",
    "geometry/couplers.py",
    "geometry/coverage.py",
    "geometry/devices.py",
    "geometry/film.py",
    "geometry/gds_device.py",
    "geometry/gds_read.py",
    "geometry/gds_records.py",
    "geometry/guides.py",
    "geometry/junctions.py",
    "geometry/lines.py",
    "geometry/paths.py",
    "geometry/scene.py",
    "geometry/shapes.py",
    "geometry/sidewalls.py",
    "fullwave/absorbing.py",
    "fullwave/cell.py",
    "fullwave/channels.py",
    "fullwave/checkpoint.py",
    "fullwave/continuum.py",
    "fullwave/density.py",
    "fullwave/dispersion.py",
    "fullwave/execute.py",
    "fullwave/far_field.py",
    "fullwave/frames.py",
    "fullwave/frozen.py",
    "fullwave/grid.py",
    "fullwave/guards.py",
    "fullwave/lag.py",
    "fullwave/layered_waves.py",
    "fullwave/modes.py",
    "fullwave/patch.py",
    "fullwave/permittivity.py",
    "fullwave/populations.py",
    "fullwave/ports.py",
    "fullwave/radiation.py",
    "fullwave/recovery.py",
    "fullwave/saturation.py",
    "fullwave/scattering.py",
    "fullwave/section_mode.py",
    "fullwave/spectrum.py",
    "fullwave/steady.py",
    "fullwave/structure.py",
    "fullwave/tracking.py",
    "fullwave/vector_modes.py",
    "fullwave/yee_block.py",
    "responses/tap.py",
    "specs/device/absorber.py",
    "specs/device/assembly.py",
    "specs/device/base.py",
    "specs/device/drawing.py",
    "specs/device/taps.py",
    "units.py",
)
# What shapes the numbers of heat on top of that: full-wave runs do not see it.
_HEAT = (
    "api/heaters.py",
    "fullwave/guide_section.py",
    "responses/steps.py",
    "thermal/axis.py",
    "thermal/conduction.py",
    "thermal/crosstalk.py",
    "thermal/heater.py",
    "thermal/materials.py",
    "thermal/scene.py",
    "thermal/transient.py",
)


def engine_stamp() -> EngineStamp:
    """Engine, version and code digest of this installation. Raises EngineMissing."""
    engine = installed_engine()
    return EngineStamp(engine=engine.name, version=engine.version, code=_code_digest(_NUMERICS))


def solver_stamp() -> EngineStamp:
    """The same for what this package solves by itself, without the engine."""
    return EngineStamp(engine="fdtd-onn", version=version("fdtd-onn"), code=_code_digest(_NUMERICS + _HEAT))


@cache
def _code_digest(modules: tuple[str, ...]) -> str:
    """SHA-256 of the modules' code."""
    package = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    for name in modules:
        digest.update(_code_of((package / name).read_text(encoding="utf-8")))
    return digest.hexdigest()[:16]


@cache
def _code_of(text: str) -> bytes:
    """SHA-256 of the parsed code, so that comments, docstrings and layout do not change it."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return hashlib.sha256(ast.unparse(tree).encode()).digest()  # unlike ast.dump, the same in every version of Python
