"""A device that was drawn elsewhere: its polygons, checked against the ports that its specification lists."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import gdstk
import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import BadInput
from fdtd_onn.geometry.gds_read import polygon, read_gds, united
from fdtd_onn.geometry.shapes import Geometry, PortPlacement
from fdtd_onn.specs.device import Gds
from fdtd_onn.specs.device.drawing import GdsPort, read_gds_bytes

Floats = NDArray[np.float64]

EDGE_TOLERANCE_UM = 1.5e-3  # a drawing is on a grid of 1 nm, and a port's place may have been rounded to it
_PROBE_UM = 5e-3


def gds(device: Gds, extension_um: float) -> Geometry:
    """The core as drawn, with a bar beyond every port; the origin is moved to the centre of the drawing's box.

    A port's `guide_um` is the straight distance from its reference plane to the middle of the box. Raises BadInput when
    the file cannot be used or has changed since the device was loaded, and for a port that is not on an edge of the
    drawing's box, or not across a guide of its width.
    """
    p, n = device.parameters, device.materials.core.index
    if hashlib.sha256(read_gds_bytes(p.file)).hexdigest() != p.sha256:
        raise BadInput(p.file, f"the content with SHA-256 {p.sha256[:12]}…", "another", "Load the device again.")
    regions = read_gds(p.file, p.cell, {(p.layer, p.datatype): n})
    corners = np.concatenate([region.vertices for region in regions])
    low, high = corners.min(axis=0), corners.max(axis=0)
    polygons = [polygon(region.vertices) for region in regions]
    for port in device.ports:
        _check_edge(p.file, port, low, high)
        _check_guide(p.file, port, polygons)
    if extension_um > 0.0:
        # Each bar begins inside the drawing, so that uniting them leaves no seam.
        bars = [polygon(_bar(port, -2.0 * EDGE_TOLERANCE_UM, extension_um)) for port in device.ports]
        regions = united([*polygons, *bars], n)
    drawn = Geometry(
        regions=regions,
        cladding_index=device.materials.cladding.index,
        ports=tuple(_placement(port, 0.5 * (high - low)) for port in device.ports),
        x_range_um=(float(low[0]), float(high[0])),
        y_range_um=(float(low[1]), float(high[1])),
    )
    return drawn.shifted(*(-0.5 * (low + high)))


def _axis(port: GdsPort) -> int:
    return 0 if port.axis == "x" else 1


def _placement(port: GdsPort, half_size: Floats) -> PortPlacement:
    guide = float(half_size[_axis(port)])
    return PortPlacement(port.name, port.x_um, port.y_um, port.outward, port.width_um, guide, port.axis)


def _bar(port: GdsPort, start_um: float, stop_um: float) -> Floats:
    """Corners (4, 2) of the guide between two distances outside the reference plane."""
    along = port.outward * np.eye(2)[_axis(port)]
    half = 0.5 * port.width_um * np.eye(2)[1 - _axis(port)]
    start, stop = (np.array([port.x_um, port.y_um]) + distance * along for distance in (start_um, stop_um))
    return np.array([start - half, stop - half, stop + half, start + half])


def _check_edge(file: str, port: GdsPort, low: Floats, high: Floats) -> None:
    place = port.x_um if port.axis == "x" else port.y_um
    edge = float((low if port.outward < 0 else high)[_axis(port)])
    if abs(place - edge) > EDGE_TOLERANCE_UM:
        expected = f"{port.axis}_um = {edge:g}, on the edge of the drawing that it faces"
        raise BadInput(f"{file}: port {port.name}", expected, f"{place:g}", "Move the port, or cut the drawing there.")


def _check_guide(file: str, port: GdsPort, polygons: Sequence[gdstk.Polygon]) -> None:
    """Just inside the port, the core must reach to the edges of the guide and no further."""
    lower, _, _, upper = _bar(port, -_PROBE_UM, 0.0)
    margin = 2.0 * EDGE_TOLERANCE_UM * (upper - lower) / port.width_um
    points = [lower - margin, lower + margin, 0.5 * (lower + upper), upper - margin, upper + margin]
    if gdstk.inside([tuple(point) for point in points], polygons) != (False, True, True, True, False):
        expected = f"a guide {port.width_um:g} µm wide and centred on the port"
        raise BadInput(f"{file}: port {port.name}", expected, "none there", "Correct the port's place or width.")
