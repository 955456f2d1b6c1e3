"""Frozen arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray


def frozen(values: ArrayLike, dtype: DTypeLike) -> NDArray[Any]:
    """A read-only copy of the values."""
    array = np.array(values, dtype=dtype)
    array.setflags(write=False)
    return array
