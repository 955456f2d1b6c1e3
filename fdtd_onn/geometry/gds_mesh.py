"""Meshes to GDSII: a cell for every device, its references port to port, heaters, wires and pads above them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import gdstk
import numpy as np

from fdtd_onn.errors import BadInput
from fdtd_onn.geometry.assembly import connections
from fdtd_onn.geometry.gds import GDS_PORT_LAYER, GRID_UM, add_device, write_library
from fdtd_onn.specs.base import canonical_json
from fdtd_onn.specs.device import Assembly

#: (layer, datatype) of what is above the guides: the heating strip, contacts from it to the wires, wires, bond pads.
METAL_LAYERS = {"heater": (20, 0), "contact": (21, 0), "wire": (22, 0), "pad": (23, 0)}
#: (layer, texttype) of the labels on bond pads: `h3+` and `h3-` are the left and right end of phase 3's heater.
PAD_LABEL_LAYER = (24, 0)
# Usual values of wire bonding: 80 µm pads every 100 µm.
PAD_UM, PAD_PITCH_UM = 80.0, 100.0
WIRE_UM, TRACK_UM = 4.0, 8.0
_CLEARANCE_UM = 20.0  # between guides, the first track of wires and the pads


@dataclass(frozen=True)
class Strip:
    """A heater over a guide: from x0 to x1, centred on y, in µm."""

    x0_um: float
    x1_um: float
    y_um: float
    width_um: float


@dataclass(frozen=True)
class MeshDrawing:
    """One mesh: its guides, and the heaters of its driven phases in their order; none if it names no heater."""

    guides: Assembly
    heaters: tuple[Strip, ...]


def write_meshes(name: str, meshes: Sequence[MeshDrawing], file: str | Path) -> None:
    """Write meshes one above another, the first at the bottom: a cell for each, and one of the given name with all.

    The unit is 1 µm and corners are rounded to 1 nm. The file appears whole or not at all. Raises BadInput for joints
    that do not fit, heaters whose wires have no room, and a file that cannot be written.
    """
    library = gdstk.Library(name, unit=1e-6, precision=1e-9)
    devices: dict[str, gdstk.Cell] = {}
    top, y = gdstk.Cell(name), 0.0
    for mesh in meshes:
        cell = _mesh_cell(library, devices, mesh)
        box = cell.bounding_box()
        assert box is not None  # an assembly has a part
        (_, low), (_, high) = box
        top.add(gdstk.Reference(cell, (0.0, y - low)))
        y += round(high - low + _CLEARANCE_UM, 3)
    library.add(top)
    write_library(library, file)


def _mesh_cell(library: gdstk.Library, devices: dict[str, gdstk.Cell], mesh: MeshDrawing) -> gdstk.Cell:
    found = connections(mesh.guides)
    cell = library.new_cell(mesh.guides.name)
    for part, drawn in zip(mesh.guides.parameters.parts, found.parts, strict=True):
        # About its left end: where lengths are whole nanometres, rounding then opens no joint.
        left = drawn.x_range_um[0]
        key = canonical_json([part.device.name, part.device.physics()])
        if key not in devices:
            devices[key] = library.new_cell(_free_name(library, part.device.name))
            add_device(devices[key], part.device, (left - part.x_um, 0.0))
        cell.add(gdstk.Reference(devices[key], (left, part.y_um)))
    for name, end in found.open_ends.items():
        port = found.port(end)
        layer, texttype = GDS_PORT_LAYER
        cell.add(gdstk.Label(name, (port.x_um, port.y_um), layer=layer, texttype=texttype))
    if mesh.heaters:
        _require_apart(mesh)
        _add_metal(cell, mesh)
    return cell


def _require_apart(mesh: MeshDrawing) -> None:
    """Strips that touch would be one heater, and between two of them their wires need two tracks."""
    places = sorted((strip.x0_um, strip.y_um, strip.width_um) for strip in mesh.heaters)
    for (x, y, width), (other_x, other_y, _) in pairwise(places):
        if x == other_x and other_y - y < width + 2.0 * TRACK_UM:
            expected = f"guides {width + 2.0 * TRACK_UM:g} µm apart or more, under heaters {width:g} µm wide"
            cure = "Take a larger guide_pitch_um, or a coupler of larger pitch_um."
            raise BadInput(mesh.guides.name, expected, f"{other_y - y:g} µm", cure)


def _free_name(library: gdstk.Library, wanted: str) -> str:
    taken = {cell.name for cell in library.cells}
    return next(n for n in (wanted, *(f"{wanted}_{k}" for k in range(2, 10_000))) if n not in taken)


@dataclass(frozen=True)
class _Terminal:
    """An end of a heater: its label, its contact at the strip's very end, and the x at which its wire goes outward."""

    label: str
    contact_um: tuple[float, float]
    x_um: float


def _add_metal(cell: gdstk.Cell, mesh: MeshDrawing) -> None:
    """Strips, and for the upper and the lower half of the guides the wires to a row of pads above and below them."""
    for strip in mesh.heaters:
        _rectangle(cell, "heater", strip.x0_um, strip.x1_um, strip.y_um, strip.width_um)
    contact = min(WIRE_UM, *(strip.width_um for strip in mesh.heaters))
    for side in (1, -1):
        terminals = _terminals(mesh, side, contact)
        for end in terminals:
            x, y = end.contact_um
            _rectangle(cell, "contact", x - 0.5 * contact, x + 0.5 * contact, y, contact)
        _add_wires(cell, terminals, side, contact)


def _terminals(mesh: MeshDrawing, side: int, contact_um: float) -> list[_Terminal]:
    """Of the heaters on one side of the middle, in the order of x.

    Of heaters above one another the outermost one's wires go straight outward; the wires of each one further in do so a
    track further towards the strips' middle, so that none crosses another. Raises BadInput for heaters too short.
    """
    beside: dict[float, int] = {}
    terminals = []
    outermost_first = sorted(enumerate(mesh.heaters), key=lambda place: -abs(place[1].y_um))
    for phase, strip in outermost_first:
        if (1 if strip.y_um > 0.0 else -1) != side:
            continue
        order = beside.get(strip.x0_um, 0)
        beside[strip.x0_um] = order + 1
        left, right, inset = strip.x0_um + 0.5 * contact_um, strip.x1_um - 0.5 * contact_um, order * TRACK_UM
        if right - left < 2.0 * inset + TRACK_UM:
            expected = f"heaters of {2.0 * inset + TRACK_UM + contact_um:g} µm or more, for wires {TRACK_UM:g} µm apart"
            got, cure = f"{strip.x1_um - strip.x0_um:g} µm", "Take longer phase shifters, or more sections in series."
            raise BadInput(mesh.guides.name, expected, got, cure)
        terminals.append(_Terminal(f"h{phase}+", (left, strip.y_um), left + inset))
        terminals.append(_Terminal(f"h{phase}-", (right, strip.y_um), right - inset))
    return sorted(terminals, key=lambda terminal: terminal.x_um)


def _add_wires(cell: gdstk.Cell, terminals: Sequence[_Terminal], side: int, contact_um: float) -> None:
    """Wires to pads in the same order, each turning on a track of its own, and the pads with their labels.

    Of wires that run to the left, the ones further right turn later, and of those to the right the ones further left:
    then none crosses another.
    """
    if not terminals:
        return
    middle = round(0.5 * (terminals[0].x_um + terminals[-1].x_um), 3)
    pads = [middle + (k - 0.5 * (len(terminals) - 1)) * PAD_PITCH_UM for k in range(len(terminals))]
    edge = max(abs(terminal.contact_um[1]) for terminal in terminals) + _CLEARANCE_UM
    row = edge + len(terminals) * TRACK_UM + _CLEARANCE_UM + 0.5 * PAD_UM
    for k, (terminal, pad) in enumerate(zip(terminals, pads, strict=True)):
        track = edge + TRACK_UM * (k if pad < terminal.x_um else len(terminals) - 1 - k)
        x, y = terminal.contact_um
        aside = [(x, y + side * TRACK_UM), (terminal.x_um, y + side * TRACK_UM)] if terminal.x_um != x else []
        corners = [
            (x, y),
            *aside,
            (terminal.x_um, side * track),
            (pad, side * track),
            (pad, side * row),
        ]
        layer, datatype = METAL_LAYERS["wire"]
        path = gdstk.FlexPath(corners, WIRE_UM, ends=(0.5 * contact_um, 0.0), layer=layer, datatype=datatype)
        cell.add(*path.to_polygons())
        _rectangle(cell, "pad", pad - 0.5 * PAD_UM, pad + 0.5 * PAD_UM, side * row, PAD_UM)
        layer, texttype = PAD_LABEL_LAYER
        cell.add(gdstk.Label(terminal.label, (pad, side * row), layer=layer, texttype=texttype))


def _rectangle(cell: gdstk.Cell, what: str, x0: float, x1: float, y: float, height: float) -> None:
    corners = np.round(np.array([(x0, y - 0.5 * height), (x1, y + 0.5 * height)]) / GRID_UM) * GRID_UM
    cell.add(gdstk.rectangle(tuple(corners[0]), tuple(corners[1]), *METAL_LAYERS[what]))
