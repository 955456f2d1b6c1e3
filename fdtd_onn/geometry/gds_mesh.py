"""Meshes to GDSII: a cell for every device and stage, references port to port, heaters, wires and pads above them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, count, groupby, pairwise
from pathlib import Path

import gdstk
import numpy as np

from fdtd_onn.errors import BadInput
from fdtd_onn.geometry.devices import geometry
from fdtd_onn.geometry.gds import GDS_PORT_LAYER, GRID_UM, add_device, write_library
from fdtd_onn.geometry.stages import Stage, StageDevice, starts_um
from fdtd_onn.specs.base import canonical_json

#: (layer, datatype) of what is above the guides: the heating strip, contacts from it to the wires, wires, bond pads.
METAL_LAYERS = {"heater": (20, 0), "contact": (21, 0), "wire": (22, 0), "pad": (23, 0)}
#: (layer, texttype) of the labels on bond pads: `h3+` and `h3-` are the left and right end of phase 3's heater.
PAD_LABEL_LAYER = (24, 0)
# Usual values of wire bonding: 80 µm pads every 100 µm.
PAD_UM, PAD_PITCH_UM = 80.0, 100.0
WIRE_UM, TRACK_UM = 4.0, 8.0
_CLEARANCE_UM = 20.0  # between guides, the first track of wires and the pads
_FARTHEST_UM = (2**31 - 1) * GRID_UM
_SAME_UM = 1e-6


@dataclass(frozen=True)
class Strip:
    """A heater over a guide: from x0 to x1, centred on y, in µm."""

    x0_um: float
    x1_um: float
    y_um: float
    width_um: float


@dataclass(frozen=True)
class MeshDrawing:
    """One mesh: its stages from left to right, and the heaters of its driven phases in their order, if it has any."""

    name: str
    stages: tuple[Stage, ...]
    heaters: tuple[Strip, ...]


@dataclass(frozen=True)
class Mask:
    """What a drawing takes: its size, and how many devices, heaters and bond pads are in it."""

    size_um: tuple[float, float]
    devices: int
    heaters: int
    pads: int


def write_meshes(name: str, meshes: Sequence[MeshDrawing], file: str | Path) -> Mask:
    """Write meshes one above another, the first at the bottom: a cell for each, and one of the given name with all.

    Every device, and every stage of them, is drawn once and referred to from then on; names that are taken get a
    number. All wires are on one layer, above that of the heaters. The unit is 1 µm and corners are rounded to 1 nm. The
    file appears whole or not at all. Raises BadInput for devices whose ends are not on that grid, heaters whose wires
    have no room, a drawing beyond the coordinates of GDSII, and a file that cannot be written.
    """
    library = gdstk.Library(name, unit=1e-6, precision=1e-9)
    top, y = library.new_cell(name), 0.0
    cells = _Cells(library)
    for mesh in meshes:
        cell = _mesh_cell(cells, mesh)
        box = cell.bounding_box()
        assert box is not None  # a mesh has devices
        (_, low), (_, high) = box
        top.add(gdstk.Reference(cell, (0.0, y - low)))
        y += round(high - low + _CLEARANCE_UM, 3)
    mask = _mask(name, top, meshes)
    write_library(library, file)
    return mask


def _mask(name: str, top: gdstk.Cell, meshes: Sequence[MeshDrawing]) -> Mask:
    box = np.array(top.bounding_box())
    _require_within(name, float(np.abs(box).max()))
    width, height = (round(float(side), 3) for side in np.ptp(box, axis=0))
    heaters = sum(len(mesh.heaters) for mesh in meshes)
    devices = sum(len(stage.devices) for mesh in meshes for stage in mesh.stages)
    return Mask((width, height), devices, heaters, 2 * heaters)


def _require_within(name: str, farthest_um: float) -> None:
    if farthest_um > _FARTHEST_UM:
        expected = f"a drawing within ±{1e-3 * _FARTHEST_UM:.0f} mm, GDSII's coordinates"
        cure = "Draw fewer ports, or leave the heaters out."
        raise BadInput(name, expected, f"±{1e-3 * farthest_um:.0f} mm", cure)


class _Cells:
    """The cells of a library: one for each device, stage and heater that is drawn, whichever mesh it is in."""

    def __init__(self, library: gdstk.Library) -> None:
        self._library = library
        self._of_content: dict[object, gdstk.Cell] = {}
        # What a device is takes longer to write down than to draw; keeping it keeps its identity its own.
        self._of_device: dict[int, tuple[StageDevice, gdstk.Cell]] = {}

    def new(self, wanted: str) -> gdstk.Cell:
        """An empty cell of the wanted name, or of the next that is free."""
        taken = {cell.name for cell in self._library.cells}
        names = chain([wanted], (f"{wanted}_{k}" for k in count(2)))
        return self._library.new_cell(next(name for name in names if name not in taken))

    def device(self, device: StageDevice) -> gdstk.Cell:
        """A device about its left end."""
        if id(device) not in self._of_device:
            key = canonical_json([device.name, device.physics()])
            if key not in self._of_content:
                self._of_content[key] = self.new(device.name)
                add_device(self._of_content[key], device, (geometry(device, 0.0).x_range_um[0], 0.0))
            self._of_device[id(device)] = device, self._of_content[key]
        return self._of_device[id(device)][1]

    def stage(self, stage: Stage) -> gdstk.Cell:
        """A stage about its left end."""
        drawn = [(self.device(device), y) for device, y in stage.devices]
        key = tuple((cell.name, y) for cell, y in drawn)
        if key not in self._of_content:
            self._of_content[key] = self.new("stage")
            self._of_content[key].add(*(gdstk.Reference(cell, (0.0, y)) for cell, y in drawn))
        return self._of_content[key]

    def heater(self, length_um: float, width_um: float, contact_um: float) -> gdstk.Cell:
        """A strip and the contacts at its very ends, about its left end."""
        key = (length_um, width_um, contact_um)
        if key not in self._of_content:
            cell = self._of_content[key] = self.new("heater_strip")
            _rectangle(cell, "heater", 0.0, length_um, 0.0, width_um)
            _rectangle(cell, "contact", 0.0, contact_um, 0.0, contact_um)
            _rectangle(cell, "contact", length_um - contact_um, length_um, 0.0, contact_um)
        return self._of_content[key]

    def pad(self) -> gdstk.Cell:
        """A bond pad about its middle."""
        if PAD_UM not in self._of_content:
            self._of_content[PAD_UM] = self.new("bond_pad")
            _rectangle(self._of_content[PAD_UM], "pad", -0.5 * PAD_UM, 0.5 * PAD_UM, 0.0, PAD_UM)
        return self._of_content[PAD_UM]


def _mesh_cell(cells: _Cells, mesh: MeshDrawing) -> gdstk.Cell:
    cell, starts = cells.new(mesh.name), starts_um(mesh.stages)
    for _, run in groupby(zip(mesh.stages, starts, strict=True), key=lambda placed: id(placed[0])):
        (stage, start), *others = run
        _require_on_grid(mesh.name, stage)
        spacing = (stage.length_um, 0.0) if others else None
        cell.add(gdstk.Reference(cells.stage(stage), (start, 0.0), columns=1 + len(others), spacing=spacing))
    _add_port_labels(cell, mesh.stages, starts)
    if mesh.heaters:
        _require_apart(mesh)
        _add_metal(cells, cell, mesh)
    return cell


def _require_on_grid(name: str, stage: Stage) -> None:
    """Rounded to the grid, a device that ends off it would leave a gap or an overlap."""
    if abs(stage.length_um - round(stage.length_um / GRID_UM) * GRID_UM) > _SAME_UM:
        expected = "devices whose length is a whole number of nm, the drawing's grid"
        got = f"{stage.length_um:.9g} µm in {stage.devices[0][0].name}"
        raise BadInput(name, expected, got, "Round the lengths in the device's file, or the layout's pitch.")


def _add_port_labels(cell: gdstk.Cell, stages: Sequence[Stage], starts: Sequence[float]) -> None:
    """o1, o2, … clockwise from the lower left."""
    heights = sorted(y for _, y in stages[0].devices)
    ends = [(starts[0], y) for y in heights] + [(starts[-1] + stages[-1].length_um, y) for y in reversed(heights)]
    layer, texttype = GDS_PORT_LAYER
    for number, end in enumerate(ends, start=1):
        cell.add(gdstk.Label(f"o{number}", end, layer=layer, texttype=texttype))


def _require_apart(mesh: MeshDrawing) -> None:
    """Strips that touch would be one heater, and between two of them their wires need two tracks."""
    places = sorted((strip.x0_um, strip.y_um, strip.width_um) for strip in mesh.heaters)
    for (x, y, width), (other_x, other_y, _) in pairwise(places):
        if x == other_x and other_y - y < width + 2.0 * TRACK_UM:
            expected = f"guides {width + 2.0 * TRACK_UM:g} µm apart or more, under heaters {width:g} µm wide"
            cure = "Take a larger guide_pitch_um, or a coupler of larger pitch_um."
            raise BadInput(mesh.name, expected, f"{other_y - y:g} µm", cure)


@dataclass(frozen=True)
class _Terminal:
    """An end of a heater: its label, its contact at the strip's very end, and the x at which its wire goes outward."""

    label: str
    contact_um: tuple[float, float]
    x_um: float


def _add_metal(cells: _Cells, cell: gdstk.Cell, mesh: MeshDrawing) -> None:
    """Strips, and for the upper and the lower half of the guides the wires to a row of pads above and below them."""
    contact = min(WIRE_UM, *(strip.width_um for strip in mesh.heaters))
    for strip in mesh.heaters:
        heater = cells.heater(round(strip.x1_um - strip.x0_um, 9), strip.width_um, contact)
        cell.add(gdstk.Reference(heater, (strip.x0_um, strip.y_um)))
    for side in (1, -1):
        _add_wires(cells, cell, _terminals(mesh, side, contact), side, contact)


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
            raise BadInput(mesh.name, expected, got, cure)
        terminals.append(_Terminal(f"h{phase}+", (left, strip.y_um), left + inset))
        terminals.append(_Terminal(f"h{phase}-", (right, strip.y_um), right - inset))
    return sorted(terminals, key=lambda terminal: terminal.x_um)


def _add_wires(cells: _Cells, cell: gdstk.Cell, terminals: Sequence[_Terminal], side: int, contact_um: float) -> None:
    """Wires to pads in the same order, each turning on a track of its own, and the pads with their labels.

    Of wires that run to the left, the ones further right turn later, and of those to the right the ones further left:
    then none crosses another.
    """
    if not terminals:
        return
    middle = round(0.5 * (terminals[0].x_um + terminals[-1].x_um), 3)
    _require_within(cell.name, 0.5 * len(terminals) * PAD_PITCH_UM)
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
        cell.add(gdstk.Reference(cells.pad(), (pad, side * row)))
        layer, texttype = PAD_LABEL_LAYER
        cell.add(gdstk.Label(terminal.label, (pad, side * row), layer=layer, texttype=texttype))


def _rectangle(cell: gdstk.Cell, what: str, x0: float, x1: float, y: float, height: float) -> None:
    corners = np.round(np.array([(x0, y - 0.5 * height), (x1, y + 0.5 * height)]) / GRID_UM) * GRID_UM
    cell.add(gdstk.rectangle(tuple(corners[0]), tuple(corners[1]), *METAL_LAYERS[what]))
