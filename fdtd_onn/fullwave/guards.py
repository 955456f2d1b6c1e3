"""Mistakes at a port that would ruin S without a word: each is found on the grid, and refused."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import FdtdOnnError
from fdtd_onn.fullwave.grid import Grid
from fdtd_onn.fullwave.permittivity import Permittivity
from fdtd_onn.fullwave.ports import GridPort
from fdtd_onn.geometry.lines import guides_across
from fdtd_onn.geometry.shapes import Geometry, PortPlacement

# A source or reading nearer to a change of the guide than this, in pixels, sees its evanescent fields.
_NEAREST_PIXELS = 2
_SAME_CHI = 1e-9


def require_sound_port(
    port: GridPort, source_plane: int, placement: PortPlacement, drawn: Geometry, chi: Permittivity
) -> None:
    """Raise FdtdOnnError unless the port's planes lie in a straight guide of its own, clear of absorbing layers.

    source_plane: integer plane where the port's light is launched.
    """
    _require_inside(port, source_plane)
    _require_straight(port, source_plane, placement, chi)
    _require_alone(port, placement, drawn)


def require_sound_monitor(port: GridPort, placement: PortPlacement, drawn: Geometry, chi: Permittivity) -> None:
    """Raise FdtdOnnError unless a plane within the device lies in a straight guide of its own."""
    axis, plane = 0 if port.frame.axis == "x" else 1, port.window.plane
    _require_unchanged(port, np.arange(plane - _NEAREST_PIXELS, plane + _NEAREST_PIXELS + 1), axis, placement, chi)
    _require_alone(port, placement, drawn)


def _require_inside(port: GridPort, source_plane: int) -> None:
    """Sources and readings inside an absorbing layer give numbers, but wrong ones."""
    grid = port.grid
    half = (grid.nx if port.frame.axis == "x" else grid.ny) // 2 - grid.pml
    planes = {"light is launched": source_plane, "fields are read": port.window.plane}
    for what, plane in planes.items():
        if abs(plane) >= half:
            raise FdtdOnnError(
                f"port {port.name}: expected planes within ±{half * grid.pitch:g} µm, inside the absorbing layers, but "
                f"{what} at {plane * grid.pitch:g} µm: make the leads longer, or the layers thinner"
            )


def _require_straight(port: GridPort, source_plane: int, placement: PortPlacement, chi: Permittivity) -> None:
    """From behind the source to the reference plane nothing may change along the guide."""
    grid, axis = port.grid, 0 if port.frame.axis == "x" else 1
    room = abs(round(placement.along_um * grid.resolution) - port.window.plane)
    if room < _NEAREST_PIXELS:
        raise FdtdOnnError(
            f"port {port.name}: expected at least {_NEAREST_PIXELS} pixels of guide between its reading plane and the "
            f"device, got {room}: make the leads longer"
        )
    inner = _last_plane_outside(placement, grid)
    outer = source_plane + port.outward
    _require_unchanged(port, np.arange(min(outer, inner), max(outer, inner) + 1), axis, placement, chi)


def _require_unchanged(
    port: GridPort, integer_planes: NDArray[np.int_], axis: int, placement: PortPlacement, chi: Permittivity
) -> None:
    """χ must be one and the same on these planes, the guide's reference plane behind them."""
    grid = port.grid
    middle = (grid.nx if axis == 0 else grid.ny) // 2
    planes = middle + integer_planes
    lines = [_across(values, axis, port)[planes] for values in (chi.yy if axis == 0 else chi.xx, chi.zz)]
    for line in lines:
        change = np.abs(line - line[:1]).reshape(len(planes), -1).max(axis=1)
        if change.max() > _SAME_CHI:
            where = (planes[int(np.argmax(change > _SAME_CHI))] - middle) * grid.pitch
            raise FdtdOnnError(
                f"port {port.name}: expected a straight guide from its source to its reference plane at "
                f"{placement.along_um:g} µm, but it changes near {where:.3f} µm: move the port further out"
            )


def _last_plane_outside(placement: PortPlacement, grid: Grid) -> int:
    """The integer plane nearest to the reference plane that averages nothing of the device, at most a pixel away."""
    inwards = placement.outward * placement.along_um * grid.resolution
    return placement.outward * int(np.ceil(inwards + 1.0))


def _across(values: NDArray[np.float64], axis: int, port: GridPort) -> NDArray[np.float64]:
    """χ with its first index along the port's axis, over the window across it."""
    turned = values if axis == 0 else np.swapaxes(values, 0, 1)
    half = (port.grid.ny if axis == 0 else port.grid.nx) // 2
    first = port.window.first + half
    return turned[:, first + 1 : first + port.window.points]


def _require_alone(port: GridPort, placement: PortPlacement, drawn: Geometry) -> None:
    """A window with a second guide in it has supermodes of both, which are no modes of the port."""
    first = port.window.first * port.grid.pitch
    low, high = first, first + port.window.points * port.grid.pitch
    here = placement.across_um
    for bottom, top in guides_across(drawn, port.frame.axis, port.window.plane * port.grid.pitch):
        if bottom < high and top > low and not bottom <= here <= top:
            raise FdtdOnnError(
                f"port {port.name}: its window from {low:.2f} to {high:.2f} µm across the guide also sees another one, "
                f"from {bottom:.2f} to {top:.2f} µm, and would find modes of both: take the guides further apart, or "
                "give that one a port of its own"
            )
