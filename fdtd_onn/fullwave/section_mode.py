"""The fundamental mode of a guide where it absorbs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import FdtdOnnError
from fdtd_onn.fullwave.cell import Cell
from fdtd_onn.fullwave.modes import Mode, Section, guided_modes
from fdtd_onn.fullwave.ports import section_of
from fdtd_onn.fullwave.vector_modes import CrossSection, named_vector_modes

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SectionMode:
    """The fundamental mode of the guide in the middle of the cell, which need not be that of the leads."""

    cell: Cell

    @property
    def first(self) -> tuple[int, ...]:
        """Lowest edges of the window along the axes across the guide, in pixels from the cell's middle."""
        window = self.cell.ports[0].window
        return (window.first, window.bottom) if self.cell.grid.nz else (window.first,)

    @cached_property
    def fields(self) -> Mapping[str, Real]:
        """Amplitude of each component over the window: between its rim's points where these are on edges of pixels."""
        if isinstance(self._section, CrossSection):
            (e_y, e_z), along = self.mode.parts, self._along_in_space(self._section)
            return {"Ex": along, "Ey": e_y.e, "Ez": e_z.e}
        across = self.mode.parts[0].e
        if self._section.polarization == "tm":
            return {"Ez": across}
        return {"Ex": self._along_in_plane(self._section), "Ey": across}

    @cached_property
    def mode(self) -> Mode:
        """It, of unit flux. Raises FdtdOnnError if none is guided."""
        port = self.cell.ports[0]
        frequency = float(port.frequencies[len(port.modes) // 2])
        if isinstance(self._section, CrossSection):
            modes = tuple(named_vector_modes(self._section, frequency, (port.mode,)).values())
        else:
            modes = guided_modes(self._section, frequency, 1)
        if not modes:
            raise FdtdOnnError("expected a guided mode in the absorbing section, found none: widen the guide there")
        return modes[0]

    @cached_property
    def _section(self) -> Section | CrossSection:
        port = self.cell.ports[0]
        return section_of(port.frame, replace(port.window, plane=0), self.cell.grid, self.cell.chi)

    @property
    def _omega(self) -> float:
        """The discrete Ω."""
        dt = self.cell.grid.dt
        return float((2 / dt) * np.sin(np.pi * self.mode.frequency * dt))

    def _along_in_plane(self, section: Section) -> Real:
        """Ex = (i/Ω) χ_xx ∂y Hz, less the factor i."""
        slope = np.diff(self.mode.parts[0].h) / self.cell.grid.pitch
        return np.asarray(section.along[1:-1] * slope / self._omega)

    def _along_in_space(self, section: CrossSection) -> Real:
        """Ex = (i/Ω) χ_xx (∂y Hz − ∂z Hy), less the factor i."""
        h_z, h_y = (part.h for part in self.mode.parts)
        curl = (np.diff(h_z, axis=0) - np.diff(h_y, axis=1)) / self.cell.grid.pitch
        return np.asarray(section.along * curl / self._omega)
