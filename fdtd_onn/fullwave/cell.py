"""Everything about a device's cell that does not need a running engine: grid, permittivity and ports."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import FdtdOnnError
from fdtd_onn.fullwave.grid import Grid, grid_for
from fdtd_onn.fullwave.permittivity import Permittivity, permittivity
from fdtd_onn.fullwave.ports import GridPort, grid_port
from fdtd_onn.geometry.devices import geometry
from fdtd_onn.geometry.shapes import Geometry, PortPlacement
from fdtd_onn.specs.device import AnyDevice
from fdtd_onn.specs.fidelity import Fidelity


@dataclass(frozen=True, eq=False)
class Cell:
    """A device on its grid, with the modes of its ports at the wanted frequencies."""

    geometry: Geometry
    grid: Grid
    chi: Permittivity
    ports: tuple[GridPort, ...]

    def port(self, name: str) -> GridPort:
        """The port of that name. Raises FdtdOnnError listing the names there are."""
        for port in self.ports:
            if port.name == name:
                return port
        raise FdtdOnnError(f"expected a port of {', '.join(p.name for p in self.ports)}, got {name!r}")


def build_cell(device: AnyDevice, fidelity: Fidelity, resolution: float, wavelengths_um: NDArray[np.float64]) -> Cell:
    """Draw a device on its grid and solve the modes of its ports."""
    bare = geometry(device, extension_um=0.0)
    grid = grid_for(bare, fidelity, resolution)
    # Guides run on through the absorbing layers to the end of the cell, wherever rounding has put it.
    drawn = geometry(device, extension_um=grid.size_um[0])
    chi = permittivity(drawn, grid)
    frequencies = 1.0 / wavelengths_um
    ports = tuple(
        grid_port(
            placement=placement,
            window_um=_window(placement, drawn, grid),
            polarization=device.polarization,
            offset_um=0.5 * fidelity.lead_um,
            frequencies=frequencies,
            grid=grid,
            chi=chi,
        )
        for placement in drawn.ports
    )
    return Cell(drawn, grid, chi, ports)


def _window(placement: PortPlacement, drawn: Geometry, grid: Grid) -> tuple[float, float]:
    """From half-way to the next guide on the same side, or the absorbing layer, on either side of the port."""
    limit = (grid.ny // 2 - grid.pml) * grid.pitch
    same_side = [p.y_um for p in drawn.ports if p.outward == placement.outward]
    below = [0.5 * (y + placement.y_um) for y in same_side if y < placement.y_um]
    above = [0.5 * (y + placement.y_um) for y in same_side if y > placement.y_um]
    return max([-limit, *below]), min([limit, *above])
