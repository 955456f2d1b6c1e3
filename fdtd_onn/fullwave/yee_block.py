"""Raw fields of the grid: one component at its own Yee points, summed over time by the engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import FdtdOnnError
from fdtd_onn.fullwave.meep import meep


@dataclass(frozen=True)
class YeeBlock:
    """Points of one component. first_um: the lowest along every axis; counts: how many along each, 1 across a sheet."""

    component: str
    first_um: tuple[float, ...]
    counts: tuple[int, ...]
    pitch: float

    @property
    def centre(self) -> Any:
        """As a Meep vector."""
        edges = zip(self.first_um, self.counts, strict=True)
        return meep().Vector3(*(first + 0.5 * (count - 1) * self.pitch for first, count in edges))

    @property
    def size(self) -> Any:
        """As a Meep vector: it takes every point up to the next one beyond the ends, so half a pixel less is safe."""
        return meep().Vector3(*((count - 1.5) * self.pitch if count > 1 else 0.0 for count in self.counts))

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the fields, along the axes that have several points."""
        return tuple(count for count in self.counts if count > 1)

    def add_sum(self, sim: Any, frequencies: Sequence[float]) -> Any:
        """Start its Fourier sums."""
        return sim.add_dft_fields(
            [getattr(meep(), self.component)],
            list(frequencies),
            center=self.centre,
            size=self.size,
            yee_grid=True,
            decimation_factor=1,  # Meep's own choice aliases the pulse and costs 2e-4 in |S|²
        )

    def read(self, sim: Any, dft: Any, frequency: int, where: str) -> NDArray[np.complex128]:
        """Its sum at one of the frequencies, collectively; where: for the error if the engine has other points."""
        values = np.asarray(sim.get_dft_array(dft, getattr(meep(), self.component), frequency))
        if values.shape != self.shape:
            raise FdtdOnnError(f"{where}: the engine read {values.shape} points of {self.component} for {self.shape}")
        return values
