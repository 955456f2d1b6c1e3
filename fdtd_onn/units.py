"""Physical constants and the conversions done at the edge of the package.

Inside, lengths are in µm, powers in W, temperatures in K, and frequencies are c/λ in 1/µm (c = 1).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

SPEED_OF_LIGHT_UM_PER_S = 2.99792458e14


def db_from_power_ratio(ratio: ArrayLike) -> NDArray[np.float64]:
    """Power ratio to decibels; zero power gives −inf without a warning."""
    with np.errstate(divide="ignore"):
        return 10.0 * np.log10(np.asarray(ratio, dtype=float))
