"""A picture of the light in a device."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.responses.frozen import frozen


@dataclass(frozen=True, eq=False)
class FieldMap:
    """Magnitude of the field out of the plane (Hz for te, Ez for tm) at the middle wavelength, arbitrary units.

    values: (nx, ny).  extent_um: (x0, x1, y0, y1).  port: where the light enters.
    """

    values: NDArray[np.float32]
    extent_um: tuple[float, float, float, float]
    component: str
    port: str
    wavelength_um: float

    def __post_init__(self) -> None:
        """Freeze the values."""
        object.__setattr__(self, "values", frozen(self.values, np.float32))
