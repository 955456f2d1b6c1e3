"""Everything about a device's cell that does not need a running engine: grid, permittivity and ports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import FdtdOnnError
from fdtd_onn.fullwave.channels import Channel, channels
from fdtd_onn.fullwave.dispersion import Dispersion, dispersion
from fdtd_onn.fullwave.frames import polarization_in_plane
from fdtd_onn.fullwave.grid import Grid, extent_um, grid_around
from fdtd_onn.fullwave.guards import require_sound_monitor, require_sound_port
from fdtd_onn.fullwave.permittivity import Permittivity, permittivity
from fdtd_onn.fullwave.ports import GridPort, grid_ports
from fdtd_onn.geometry.scene import Drawing, draw
from fdtd_onn.geometry.shapes import Geometry, PortPlacement
from fdtd_onn.specs.device import AnyDevice, GratingTap
from fdtd_onn.specs.fidelity import Fidelity
from fdtd_onn.specs.runs import Lattice

_SAME_PLANE_UM = 1e-9


@dataclass(frozen=True, eq=False)
class Cell:
    """A device on its grid, with the modes of its ports at the wanted frequencies.

    geometry, chi: at the centre of the band; dispersion: what changes over the band, if anything does.
    ports: one for every mode of every port, the modes of a port one after the other. monitors: the fundamental mode at
    places within, as if light came from the left.
    offset_um: from the device's own coordinates to the cell's, whose origin is its centre.
    """

    drawing: Drawing
    geometry: Geometry
    grid: Grid
    chi: Permittivity
    dispersion: Dispersion | None
    ports: tuple[GridPort, ...]
    offset_um: tuple[float, ...]
    monitors: tuple[GridPort, ...] = ()

    def port(self, name: str) -> GridPort:
        """The port of that name. Raises FdtdOnnError listing the names there are."""
        for port in self.ports:
            if port.name == name:
                return port
        raise FdtdOnnError(f"expected a port of {', '.join(p.name for p in self.ports)}, got {name!r}")

    def at(self, wavelength_um: float) -> Geometry:
        """The geometry with the indices of a wavelength."""
        return self.drawing.at(wavelength_um)


def build_cell(
    device: AnyDevice,
    fidelity: Fidelity,
    resolution: float,
    wavelengths_um: NDArray[np.float64],
    on_lines_um: tuple[float, ...] | None = None,
    lattice: Lattice | None = None,
) -> Cell:
    """Draw a device on its grid, in the middle of the cell, and solve the modes of its ports.

    on_lines_um: last coordinates (y; z or y and z in space) that must lie on lines of the grid, up to half a pixel off
    centre.
    lattice: in place of both.
    """
    if lattice is None:
        lines = lines_on_grid(device) if on_lines_um is None else on_lines_um
        extent = extent_um(draw(device, extension_um=0.0), fidelity)
        lattice = Lattice(extent_um=extent, shift=0.0, lines_um=lines)
    grid = grid_around(lattice.extent_um, fidelity, resolution)
    offset = _offset(lattice, grid)
    # Guides run on through the absorbing layers to the end of the cell, wherever rounding has put it.
    drawing = Drawing(device, max(grid.size_um), offset)
    drawn = drawing.at(device.centre_um)
    chi = permittivity(drawn, grid)
    dispersive = dispersion(drawing, fidelity, grid, chi)

    def solved(modes: Sequence[Channel], beside: Sequence[PortPlacement], offset_um: float) -> tuple[GridPort, ...]:
        return grid_ports(
            channels=modes,
            range_um=_window(modes[0].placement, beside, drawn, grid),
            polarization=polarization_in_plane(device.polarization, device.plane),
            offset_um=offset_um,
            frequencies=1.0 / wavelengths_um,
            grid=grid,
            chi=chi,
            dispersion=dispersive,
            heights_um=_reach(drawn, grid),
        )

    groups = groupby(channels(device, drawn), key=lambda channel: channel.placement)
    ports = tuple(port for _, modes in groups for port in solved(tuple(modes), drawn.ports, 0.5 * fidelity.lead_um))
    monitors = tuple(
        port
        for place in drawn.monitors
        for port in solved((Channel(place.name, device.default_mode, place),), _in_plane_of(place, drawn.monitors), 0.0)
    )
    for channel, port in zip(channels(device, drawn), ports, strict=True):
        require_sound_port(port, port.source_plane(0.5 * fidelity.lead_um), channel.placement, drawn, chi)
    for monitor, place in zip(monitors, drawn.monitors, strict=True):
        require_sound_monitor(monitor, place, drawn, chi)
    return Cell(drawing, drawn, grid, chi, dispersive, ports, offset, monitors)


def _offset(lattice: Lattice, grid: Grid) -> tuple[float, ...]:
    """From the device's own coordinates to the cell's."""
    shifted = [lattice.shift * grid.pitch - 0.5 * (low + high) for low, high in lattice.extent_um]
    free, lines = len(shifted) - len(lattice.lines_um), lattice.lines_um
    aligned = (
        grid.nearest(place + line) * grid.pitch - line for place, line in zip(shifted[free:], lines, strict=True)
    )
    return (*shifted[:free], *aligned)


def lines_on_grid(device: AnyDevice) -> tuple[float, ...]:
    """Shallow grooves are thinner than a pixel: they count at the right height if a row of points runs through them."""
    if not isinstance(device, GratingTap):
        return ()
    return (device.stack_in_use.thickness_um - 0.5 * device.parameters.etch_um,)


def _in_plane_of(place: PortPlacement, places: Sequence[PortPlacement]) -> tuple[PortPlacement, ...]:
    return tuple(other for other in places if abs(other.along_um - place.along_um) < _SAME_PLANE_UM)


def _window(
    placement: PortPlacement, beside: Sequence[PortPlacement], drawn: Geometry, grid: Grid
) -> tuple[float, float]:
    """From half-way to the next of the guides on the same side, or the absorbing layer, on either side of the port."""
    across = grid.ny if placement.axis == "x" else grid.nx
    limit = (across // 2 - grid.pml) * grid.pitch
    here = placement.across_um
    same_side = [p.across_um for p in beside if (p.axis, p.outward) == (placement.axis, placement.outward)]
    below = [0.5 * (other + here) for other in same_side if other < here]
    above = [0.5 * (other + here) for other in same_side if other > here]
    # In an upright plane, across a guide is upwards.
    low, high = (-limit, limit) if grid.nz else _reach(drawn, grid)
    return max([-limit, low, *below]), min([limit, high, *above])


def _reach(drawn: Geometry, grid: Grid) -> tuple[float, float]:
    """Heights between the layers that guided light does not reach, a pixel away from them."""
    below = [layer.range_um[1] + grid.pitch for layer in drawn.layers if layer.apart]
    return max([-np.inf, *below]), np.inf
