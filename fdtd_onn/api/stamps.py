"""Who computes here: what a run's key holds of this installation."""

from __future__ import annotations

from typing import Any

from fdtd_onn.fullwave.stamp import engine_stamp, solver_stamp


def stamps_in_use() -> list[dict[str, Any]]:
    """What this installation stamps on its runs, and on what it solves itself. Raises EngineMissing."""
    return [stamp.model_dump(mode="json") for stamp in (engine_stamp(), solver_stamp())]
