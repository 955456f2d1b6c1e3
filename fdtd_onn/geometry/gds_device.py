"""A device that was drawn elsewhere: its polygons, checked against the ports that its specification lists."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import gdstk
import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import BadInput
from fdtd_onn.geometry.gds_read import Layer, polygon, read_gds, united
from fdtd_onn.geometry.lines import crossings
from fdtd_onn.geometry.shapes import Geometry, PortPlacement, Region, Stretch
from fdtd_onn.specs.device import Gds
from fdtd_onn.specs.device.drawing import GdsPort, read_gds_bytes

Floats = NDArray[np.float64]

EDGE_TOLERANCE_UM = 1.5e-3  # a drawing is on a grid of 1 nm, and a port's place may have been rounded to it
_PROBE_UM = 5e-3


def gds(device: Gds, extension_um: float) -> Geometry:
    """The films as drawn, running on beyond every side with a port; the origin is the centre of the drawing's box.

    A port's `route` is the straight distance from its reference plane to the middle of the box. Raises BadInput when
    the file cannot be used or has changed since the device was loaded, and for a port that is not on an edge of the
    drawing's box, or not across a guide of its width.
    """
    indices = {(film.layer, film.datatype): film.effective_index for film in device.layers}
    if not device.layers:
        indices = {_only_layer(device): device.materials.core.index}
    # Drawings meant for space alone say no effective index: then only what is drawn where counts, and any will do.
    return _drawn(device, {layer: 1.0 if n is None else n for layer, n in indices.items()}, extension_um)


def gds_in_space(device: Gds, extension_um: float) -> Geometry:
    """The same with every listed layer at its own heights, in the stack's cladding, and z = 0 where it is listed to be.

    Where heights of two layers overlap, the drawing is resolved as it is in the plane: the one listed later has it.
    """
    films = [((film.layer, film.datatype), *film.in_space) for film in device.layers]
    bounds = sorted({0.0, *(z for _, _, *heights in films for z in heights)})
    flat, regions = gds(device, extension_um), list[Region]()
    for low, high in pairwise(bounds):
        there = {layer: index for layer, index, bottom, top in films if bottom <= low and top >= high}
        if there:
            drawn = _drawn(device, there, extension_um)
            regions += [replace(region, z_range_um=(low, high)) for region in drawn.regions]
    heights = min(bottom for _, _, bottom, _ in films), max(top for *_, top in films)
    return replace(flat, regions=tuple(regions), z_range_um=heights)


def _only_layer(device: Gds) -> Layer:
    p = device.parameters
    if p.layer is None or p.datatype is None:
        raise ValueError(f"device {device.name!r} names no layer")
    return p.layer, p.datatype


def _drawn(device: Gds, indices: Mapping[Layer, float], extension_um: float) -> Geometry:
    """Some layers of the drawing, placed as the whole drawing is."""
    p = device.parameters
    if hashlib.sha256(read_gds_bytes(p.file)).hexdigest() != p.sha256:
        raise BadInput(p.file, f"the content with SHA-256 {p.sha256[:12]}…", "another", "Load the device again.")
    listed = [(film.layer, film.datatype) for film in device.layers] if device.layers else [_only_layer(device)]
    each = [read_gds(p.file, p.cell, {layer: 1.0}) for layer in listed]
    corners = np.concatenate([region.vertices for regions in each for region in regions])
    low, high = corners.min(axis=0), corners.max(axis=0)
    for port in device.ports:
        _check_edge(p.file, port, low, high)
        _check_guide(p.file, port, [[polygon(region.vertices) for region in regions] for regions in each])
    regions = read_gds(p.file, p.cell, indices)
    if extension_um > 0.0:
        regions = _extended(regions, device.ports, extension_um)
    drawn = Geometry(
        regions=regions,
        cladding_index=device.materials.cladding.index,
        ports=tuple(_placement(port, 0.5 * (high - low)) for port in device.ports),
        x_range_um=(float(low[0]), float(high[0])),
        y_range_um=(float(low[1]), float(high[1])),
    )
    return drawn.shifted(*(-0.5 * (low + high)))


def _extended(regions: Sequence[Region], ports: Sequence[GdsPort], by_um: float) -> tuple[Region, ...]:
    """All that reaches a side with a port runs on beyond it, each layer united with its own bars."""
    sides = {(port.axis, port.outward): port for port in ports}.values()
    longer: list[Region] = []
    for layer in dict.fromkeys(region.layer for region in regions):
        own = [region for region in regions if region.layer == layer]
        # Each bar begins inside the drawing, so that uniting them leaves no seam.
        bars = [bar for region in own for side in sides for bar in _bars(region, side, -2.0 * EDGE_TOLERANCE_UM, by_um)]
        longer += united([polygon(outline) for outline in [*(r.vertices for r in own), *bars]], own[0].index, layer)
    return tuple(longer)


def _bars(region: Region, side: GdsPort, start_um: float, stop_um: float) -> list[Floats]:
    """Corners (4, 2) of bars between two distances outside a port's plane, as wide as the region is at the first."""
    axis, place = _axis(side), side.x_um if side.axis == "x" else side.y_um
    start, stop = (place + side.outward * distance for distance in (start_um, stop_um))
    corners = [
        [(start, low), (stop, low), (stop, high), (start, high)]
        for low, high in crossings(region.vertices, 1 - axis, start)
    ]
    return [np.array(c) if axis == 0 else np.array(c)[:, ::-1] for c in corners]


def _axis(port: GdsPort) -> int:
    return 0 if port.axis == "x" else 1


def _placement(port: GdsPort, half_size: Floats) -> PortPlacement:
    guide = float(half_size[_axis(port)])
    return PortPlacement(port.name, port.x_um, port.y_um, port.outward, port.width_um, (Stretch(guide),), port.axis)


def _check_edge(file: str, port: GdsPort, low: Floats, high: Floats) -> None:
    place = port.x_um if port.axis == "x" else port.y_um
    edge = float((low if port.outward < 0 else high)[_axis(port)])
    if abs(place - edge) > EDGE_TOLERANCE_UM:
        expected = f"{port.axis}_um = {edge:g}, on the edge of the drawing that it faces"
        raise BadInput(f"{file}: port {port.name}", expected, f"{place:g}", "Move the port, or cut the drawing there.")


def _check_guide(file: str, port: GdsPort, layers: Sequence[Sequence[gdstk.Polygon]]) -> None:
    """Just inside the port, one layer must reach to the edges of the guide and no further."""
    along, across = port.outward * np.eye(2)[_axis(port)], np.eye(2)[1 - _axis(port)]
    middle, half = np.array([port.x_um, port.y_um]) - _PROBE_UM * along, 0.5 * port.width_um
    margin = 2.0 * EDGE_TOLERANCE_UM
    places = (-half - margin, -half + margin, 0.0, half - margin, half + margin)
    points = [tuple(middle + place * across) for place in places]
    if not any(gdstk.inside(points, polygons) == (False, True, True, True, False) for polygons in layers):
        expected = f"a guide {port.width_um:g} µm wide and centred on the port"
        raise BadInput(f"{file}: port {port.name}", expected, "none there", "Correct the port's place or width.")
