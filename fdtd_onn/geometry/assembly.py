"""Devices placed port to port: their joints, checked, and the drawing of all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import floor
from typing import TypeAlias

from fdtd_onn.errors import BadInput
from fdtd_onn.geometry.couplers import coupler, mzi
from fdtd_onn.geometry.guides import grating_tap, phase_shifter, s_bend, straight
from fdtd_onn.geometry.shapes import Geometry, PortPlacement, Region, Route, Stretch, rectangle
from fdtd_onn.specs.device import Assembly, Coupler, GratingTap, Mzi, PhaseShifter, SBend
from fdtd_onn.specs.device.assembly import Part
from fdtd_onn.specs.materials import Materials

#: Number of a part, and name of one of its ports.
End: TypeAlias = tuple[int, str]

JOINT_TOLERANCE_UM = 1e-3
_TILE_UM = 10.0  # no guide is wider than twice that


@dataclass(frozen=True, eq=False)
class Connections:
    """Which ports of an assembly's parts meet.

    parts: the drawing of each, in its place. joints: both ends of each, the left part's (whose port faces +x) first.
    open_ends: by name of the assembly's port, in the order o1, o2, …
    """

    parts: tuple[Geometry, ...]
    joints: tuple[tuple[End, End], ...]
    open_ends: Mapping[str, End]

    def port(self, end: End) -> PortPlacement:
        """The port at an end."""
        return next(port for port in self.parts[end[0]].ports if port.name == end[1])

    def partner(self, end: End) -> End | None:
        """The end that meets this one; None if it is open."""
        for left, right in self.joints:
            if end in (left, right):
                return right if end == left else left
        return None


def connections(device: Assembly) -> Connections:
    """The joints of an assembly.

    Raises BadInput, naming parts and ports, for ports that meet askew (by more than 1 nm), with different widths, or in
    threes, and for a port inside the assembly's box that meets none.
    """
    parts = tuple(_placed(part, device.materials) for part in device.parameters.parts)
    ends = {(number, port.name): port for number, part in enumerate(parts) for port in part.ports}
    facing = _by_place({end: port for end, port in ends.items() if port.outward < 0})
    rightwards = {end: port for end, port in ends.items() if port.outward > 0}
    joints = tuple((end, met) for end, port in rightwards.items() for met in _met_by(device, end, port, facing))
    joined = [end for joint in joints for end in joint]
    if len(set(joined)) < len(joined):
        twice = next(end for end in joined if joined.count(end) > 1)
        raise _bad(device, twice, "one port facing it", "two", "Take one of the parts away.")
    return Connections(parts, joints, _open_ends(device, {e: p for e, p in ends.items() if e not in set(joined)}))


def assembly(device: Assembly, extension_um: float) -> Geometry:
    """All parts where they are placed; guides run on beyond the open ports.

    A port's route follows its own row of guides to the middle of the assembly's box.
    """
    found = connections(device)
    index = device.materials.core.index
    ends = [found.port(end) for end in found.open_ends.values()]
    leads = tuple(_lead(port, index, extension_um) for port in ends if extension_um > 0.0)
    x0, x1 = ends[0].x_um, ends[-1].x_um
    ports = tuple(
        replace(port, name=name, route=_route(found, end, 0.5 * (x0 + x1)))
        for (name, end), port in zip(found.open_ends.items(), ends, strict=True)
    )
    return Geometry(
        regions=(*(region for part in found.parts for region in part.regions), *leads),
        cladding_index=device.materials.cladding.index,
        ports=ports,
        x_range_um=(x0, x1),
        y_range_um=(
            min(part.y_range_um[0] for part in found.parts),
            max(part.y_range_um[1] for part in found.parts),
        ),
        monitors=tuple(_monitor(number, part) for number, part in enumerate(device.parameters.parts) if part.monitored),
    )


def _placed(part: Part, materials: Materials) -> Geometry:
    """A part in its place, of the assembly's own materials: in space these do not count, and parts may have others."""
    own = part.device.model_copy(update={"materials": materials})
    return _drawn(part.model_copy(update={"device": own})).shifted(part.x_um, part.y_um)


def _drawn(part: Part) -> Geometry:
    match part.device:
        case Coupler():
            return coupler(part.device, 0.0)
        case Mzi():
            return mzi(part.device, 0.0)
        case PhaseShifter():
            return phase_shifter(part.device, 0.0)
        case SBend():
            return s_bend(part.device, 0.0)
        case GratingTap():
            return grating_tap(part.device, 0.0)
        case _:
            return straight(part.device, 0.0)


def _by_place(ends: Mapping[End, PortPlacement]) -> Mapping[int, list[tuple[End, PortPlacement]]]:
    """Ends by the tile along x that they are in."""
    tiles = defaultdict(list)
    for end, port in ends.items():
        tiles[floor(port.x_um / _TILE_UM)].append((end, port))
    return tiles


def _met_by(
    device: Assembly, end: End, port: PortPlacement, facing: Mapping[int, Sequence[tuple[End, PortPlacement]]]
) -> list[End]:
    """Ends of the other direction where a port is; if only near it, within half its width, it was meant to fit."""
    tile = floor(port.x_um / _TILE_UM)
    near = [pair for k in (tile - 1, tile, tile + 1) for pair in facing.get(k, ())]
    apart = {other: max(abs(p.x_um - port.x_um), abs(p.y_um - port.y_um)) for other, p in near}
    met = {other: p for other, p in near if apart[other] <= JOINT_TOLERANCE_UM}
    nearest = min(apart, key=apart.__getitem__, default=end)
    if not met and apart.get(nearest, port.width_um) < 0.5 * port.width_um:
        expected, got = f"{_name(device, nearest)} within 1 nm of it", f"a distance of {1e3 * apart[nearest]:.3g} nm"
        raise _bad(device, end, expected, got, "Move one of the parts.")
    for other, candidate in met.items():
        if abs(candidate.width_um - port.width_um) > JOINT_TOLERANCE_UM:
            expected = f"a guide as wide as its own, {port.width_um:g} µm, at {_name(device, other)}"
            raise _bad(device, end, expected, f"{candidate.width_um:g} µm", "Put a taper between them.")
    return list(met)


def _open_ends(device: Assembly, left_open: Mapping[End, PortPlacement]) -> dict[str, End]:
    """The open ends by name: clockwise from the lower left."""
    xs = [port.x_um for port in left_open.values()]
    for end, port in left_open.items():
        edge = min(xs) if port.outward < 0 else max(xs)
        if abs(port.x_um - edge) > JOINT_TOLERANCE_UM:
            expected = f"a port that meets it, or its place at {edge:g} µm, where the open ports of its side are"
            raise _bad(device, end, expected, f"an open port at {port.x_um:g} µm", "Join it, or add a straight guide.")
    clockwise = sorted(left_open, key=lambda e: (left_open[e].outward, -left_open[e].outward * left_open[e].y_um))
    return {f"o{number}": end for number, end in enumerate(clockwise, start=1)}


def _name(device: Assembly, end: End) -> str:
    part = device.parameters.parts[end[0]]
    return f"{end[1]} of part {end[0]} ({part.device.name})"


def _bad(device: Assembly, end: End, expected: str, got: str, cure: str) -> BadInput:
    return BadInput(f"{device.name}: {_name(device, end)}", expected, got, cure)


def _lead(port: PortPlacement, index: float, length_um: float) -> Region:
    start, stop = sorted((port.x_um, port.x_um + port.outward * length_um))
    half = 0.5 * port.width_um
    return rectangle(start, stop, port.y_um - half, port.y_um + half, index, "core")


def _monitor(number: int, part: Part) -> PortPlacement:
    width = part.device.features_um()["parameters.width_um"]
    return PortPlacement(f"part {number}", part.x_um, part.y_um, -1, width, ())


def _route(found: Connections, end: End, middle_um: float) -> Route:
    """Along the row of guides that starts at an open end, to the middle: parts beyond it count for the other side."""
    outward, route = found.port(end).outward, list[Stretch]()
    here: End | None = end
    while here is not None:
        part, entrance = found.parts[here[0]], found.port(here)
        beyond = outward * (middle_um - 0.5 * sum(part.x_range_um))
        if beyond > JOINT_TOLERANCE_UM:
            break
        route += entrance.route
        across = _opposite(part.ports, entrance)
        if beyond > -JOINT_TOLERANCE_UM:
            break
        route += reversed(across.route)
        here = found.partner((here[0], across.name))
    return tuple(route)


def _opposite(ports: Sequence[PortPlacement], port: PortPlacement) -> PortPlacement:
    """The port at the other side in the same row: as many from below."""
    here, there = (
        sorted((p for p in ports if p.outward == side), key=lambda p: p.y_um) for side in (port.outward, -port.outward)
    )
    return there[here.index(port)]
