"""How a device comes out of fabrication: what varies, by how much, and how alike neighbours are."""

from __future__ import annotations

from pydantic import Field

from fdtd_onn.specs.base import Spec

MOST_VARIATIONS = 4  # every corner of them is run


class Variation(Spec):
    """One normally distributed amount that moves one or several keys of a device together.

    moves: change of each key per amount, by its place in the file: `{ "parameters.width_um" = 1.0,
    "parameters.gap_um" = -1.0 }` for an edge that widens a guide and narrows the gap beside it. sigma: standard
    deviation of the amount. correlation_length_um: L of exp(−d²/2L²) between devices d apart on a chip; without it the
    whole chip shifts alike.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,32}$")
    sigma: float = Field(gt=0.0, description="standard deviation, in the unit of the keys that move by 1")
    moves: dict[str, float] = Field(min_length=1, max_length=8, description="change of each key per amount")
    correlation_length_um: float | None = Field(default=None, gt=0.0, le=1e6)
    note: str = ""
