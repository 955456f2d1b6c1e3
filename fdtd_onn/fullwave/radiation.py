"""Light that leaves a device past its ports: power through the cell's rim, and where it goes in the end.

The rim is a box of Yee cells: its faces along x are the ports' planes, the others lie just inside the absorbing layers.
On each face E is read on an integer plane and the H that carries flux with it half a pixel further. For lossless matter
Re E·H* through such a pair of planes obeys Poynting's theorem without any error of the grid, so that powers add up to
the incident one as well as S has settled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.fullwave.cell import Cell
from fdtd_onn.fullwave.far_field import Sheet, directions, leaving_waves
from fdtd_onn.fullwave.grid import Grid
from fdtd_onn.fullwave.layered_waves import layers_of
from fdtd_onn.fullwave.ports import GridPort
from fdtd_onn.fullwave.yee_block import YeeBlock
from fdtd_onn.responses.tap import EVERYWHERE

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

_CLEARANCE = 2  # pixels between the rim and the absorbing layers
_AXES = "xyz"


@dataclass(frozen=True)
class _Pair:
    """An electric component and the magnetic one that carries flux with it through a face, both on the same points.

    sign: of e·h for flux towards larger coordinates. first, counts: pixels along every axis, of the lowest E point and
    of all; along the face's normal one.
    """

    electric: int
    magnetic: int
    sign: int
    first: tuple[float, ...]
    counts: tuple[int, ...]

    def points(self, axis: int, grid: Grid) -> Floats:
        """Coordinates along an axis, µm."""
        return (self.first[axis] + np.arange(self.counts[axis])) * grid.pitch


@dataclass(frozen=True)
class _Face:
    """A face of the rim: normal to an axis, out of the cell towards its smaller (−1) or larger (+1) coordinates."""

    axis: int
    outward: int
    pairs: tuple[_Pair, ...]


@dataclass(frozen=True, eq=False)
class Radiated:
    """What one excited port sends past the ports, over the incident power or amplitude.

    power: (3, n_f), up, down, and aside: through all other faces of the rim, less what the ports' modes carry.
    found: (2, n_f), what the angular spectrum has of it, in all directions above and below.
    amplitude: (n_f, n_u, n_v, 2), above, see `responses.tap.TapResponse`.
    """

    power: Floats
    found: Floats
    amplitude: Complex


@dataclass(frozen=True, eq=False)
class RimReading:
    """Fourier sums on all faces of a cell's rim: (E, H) for every pair."""

    sim: Any
    cell: Cell
    faces: tuple[_Face, ...]
    sums: tuple[tuple[tuple[Any, Any], ...], ...]

    def radiated(self, s: Complex, incident: Complex, excited: int) -> Radiated:
        """From S (n_ports, n_f), the incident amplitude (n_f,) at the reference plane, and which port it is in.

        Collective.
        """
        grid, vertical = self.cell.grid, self.cell.grid.dimensions - 1
        fields = [
            _fields(self.sim, face, grid, sums, len(incident)) for face, sums in zip(self.faces, self.sums, strict=True)
        ]
        fluxes = np.array([_flux(face, read, grid) for face, read in zip(self.faces, fields, strict=True)])
        fluxes /= np.abs(incident) ** 2
        up, down = (
            next(k for k, face in enumerate(self.faces) if (face.axis, face.outward) == (vertical, side))
            for side in (1, -1)
        )
        beside = fluxes.sum(axis=0) - fluxes[up] - fluxes[down]
        aside = beside + 1.0 - np.sum(np.abs(s) ** 2, axis=0)
        scattered = [
            _without_guided(face, read, self.cell.ports, _amplitudes(self.cell.ports, s, incident, excited))
            for face, read in zip(self.faces, fields, strict=True)
        ]
        above, below = (_leaving(self.cell, self.faces, scattered, upward) for upward in (True, False))
        found = [_power(waves, grid.dimensions, upward) for waves, upward in ((above, True), (below, False))]
        amplitude = above / incident[:, None, None, None]
        return Radiated(np.stack([fluxes[up], fluxes[down], aside]), np.stack(found) / np.abs(incident) ** 2, amplitude)


def add_rim(sim: Any, cell: Cell) -> RimReading:
    """Start the Fourier sums on the rim of a cell whose ports lie at both ends of one guide along x."""
    faces = _faces(cell)
    frequencies = list(cell.ports[0].frequencies)
    blocks = [[_blocks(pair, face.axis, cell.grid) for pair in face.pairs] for face in faces]
    sums = tuple(tuple((e.add_sum(sim, frequencies), h.add_sum(sim, frequencies)) for e, h in face) for face in blocks)
    return RimReading(sim, cell, faces, sums)


def _faces(cell: Cell) -> tuple[_Face, ...]:
    grid = cell.grid
    planes = [port.window.plane for port in cell.ports]
    inner = [n // 2 - grid.pml - _CLEARANCE for n in (grid.nx, grid.ny, grid.nz)]
    bounds = [(min(planes), max(planes)), *((-half, half) for half in inner[1 : grid.dimensions])]
    polarization = cell.ports[0].frame.polarization
    return tuple(
        _Face(axis, outward, _pairs(axis, bounds[axis][outward > 0], bounds, polarization))
        for axis in range(grid.dimensions)
        for outward in (-1, 1)
    )


def _pairs(axis: int, plane: int, bounds: Sequence[tuple[int, int]], polarization: str) -> tuple[_Pair, ...]:
    """Both pairs of a face in space, in a plane the one that the polarisation has."""
    b, c = (axis + 1) % 3, (axis + 2) % 3
    pairs = [(b, c, 1), (c, b, -1)]
    if len(bounds) == 2:
        pairs = [pair for pair in pairs if pair[polarization == "te"] == 2]
    return tuple(_Pair(e, h, sign, *_points_of(axis, e, plane, bounds)) for e, h, sign in pairs)


def _points_of(
    axis: int, electric: int, plane: int, bounds: Sequence[tuple[int, int]]
) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """First point and counts: E lies half-way between integer points along itself, else on them, the lowest left out.

    So every link that the rim cuts is counted once.
    """
    first = [low + (0.5 if k == electric else 1.0) for k, (low, _) in enumerate(bounds)]
    counts = [high - low for low, high in bounds]
    first[axis], counts[axis] = float(plane), 1
    return tuple(first), tuple(counts)


def _blocks(pair: _Pair, axis: int, grid: Grid) -> tuple[YeeBlock, YeeBlock]:
    """The points of its electric component, and of its magnetic one, half a pixel further along the face's normal."""
    first = tuple(place * grid.pitch for place in pair.first)
    further = tuple(x + (0.5 * grid.pitch if k == axis else 0.0) for k, x in enumerate(first))
    return (
        YeeBlock(f"E{_AXES[pair.electric]}", first, pair.counts, grid.pitch),
        YeeBlock(f"H{_AXES[pair.magnetic]}", further, pair.counts, grid.pitch),
    )


def _fields(
    sim: Any, face: _Face, grid: Grid, sums: Sequence[tuple[Any, Any]], count: int
) -> list[tuple[Complex, Complex]]:
    """For every pair (e, h), (n_f, …) over its points, h with the sign that makes Re e·h* the flux upwards."""
    fields = []
    for pair, dfts in zip(face.pairs, sums, strict=True):
        e, h = (
            np.stack([block.read(sim, dft, k, "rim of the cell") for k in range(count)])
            for block, dft in zip(_blocks(pair, face.axis, grid), dfts, strict=True)
        )
        fields.append((e, pair.sign * h))
    return fields


def _flux(face: _Face, fields: Sequence[tuple[Complex, Complex]], grid: Grid) -> Floats:
    """(n_f,) power out of the cell through a face."""
    area = grid.pitch ** (grid.dimensions - 1)
    total = sum(np.sum((e * h.conj()).real.reshape(len(e), -1), axis=1) for e, h in fields)
    return np.asarray(0.5 * face.outward * area * total)


def _amplitudes(ports: Sequence[GridPort], s: Complex, incident: Complex, excited: int) -> Complex:
    """(n_ports, n_f, 2) waves towards larger and smaller x at the ports' planes."""
    waves = []
    for k, port in enumerate(ports):
        out = s[k] * incident * port.to_reference
        into = incident / port.to_reference if k == excited else np.zeros_like(incident)
        waves.append(np.stack([out, into] if port.outward > 0 else [into, out], axis=1))
    return np.stack(waves)


def _without_guided(
    face: _Face, fields: Sequence[tuple[Complex, Complex]], ports: Sequence[GridPort], waves: Complex
) -> Sequence[tuple[Complex, Complex]]:
    """The fields of a face less the ports' modes, which stay in their guide but meet with waves that know none."""
    if face.axis != 0:
        return fields
    left = []
    k = next(k for k, port in enumerate(ports) if port.outward == face.outward)
    port, q = ports[k], np.array([mode.half_step for mode in ports[k].modes])
    electric, magnetic = waves[k].sum(axis=1), waves[k, :, 0] * q - waves[k, :, 1] / q
    for place, (pair, (e, h)) in enumerate(zip(face.pairs, fields, strict=True)):
        within, shared = _overlap(pair, port, place)
        e, h = e.copy(), h.copy()
        for at, mode in enumerate(port.modes):
            e[at][within] -= electric[at] * mode.parts[place].e[shared]
            h[at][within] -= pair.sign * magnetic[at] * mode.parts[place].h[shared]
        left.append((e, h))
    return left


def _overlap(pair: _Pair, port: GridPort, place: int) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """The points that a face and a port's window have in common, in either's order."""
    window, mode = port.window, port.frame.pairs[place]
    first = (window.first + mode.across, window.bottom + mode.up)
    within, shared = [], []
    for ours, count, theirs, points in zip(
        pair.first[1:], pair.counts[1:], first, port.modes[0].parts[place].e.shape, strict=False
    ):
        low, high = max(ours, theirs), min(ours + count, theirs + points)
        within.append(slice(round(low - ours), round(high - ours)))
        shared.append(slice(round(low - theirs), round(high - theirs)))
    return tuple(within), tuple(shared)


def _leaving(
    cell: Cell, faces: Sequence[_Face], fields: Sequence[Sequence[tuple[Complex, Complex]]], upward: bool
) -> Complex:
    """(n_f, n_u, n_v, 2): waves above or below, with their phase at the tap's centre."""
    middle = cell.drawing.offset_um[-1] + 0.5 * cell.drawing.device.stack_in_use.thickness_um
    waves = []
    for k, frequency in enumerate(cell.ports[0].frequencies.tolist()):
        sheets = [
            _sheet(cell, face, pair, e[k], h[k])
            for face, read in zip(faces, fields, strict=True)
            for pair, (e, h) in zip(face.pairs, read, strict=True)
        ]
        waves.append(leaving_waves(sheets, layers_of(cell, 1.0 / frequency), cell.grid, frequency, middle, upward))
    return np.stack(waves)


def _power(waves: Complex, dimensions: int, upward: bool) -> Floats:
    """(n_f,) in all directions."""
    return np.einsum("fuvp,uv->f", np.abs(waves) ** 2, directions(dimensions, upward).weights(EVERYWHERE))


def _sheet(cell: Cell, face: _Face, pair: _Pair, e: Complex, h: Complex) -> Sheet:
    """By axes along the guide, across it and up; an upright plane's third axis is across it."""
    grid, offset = cell.grid, cell.offset_um
    order = (0, 1, 2) if grid.dimensions == 3 else (0, 2, 1)
    across = pair.points(1, grid) - offset[1] if grid.dimensions == 3 else np.zeros(1)
    places, up = (pair.points(0, grid) - offset[0], across), grid.dimensions - 1
    shape = (len(places[0]), len(across), pair.counts[up])
    return Sheet(
        axis=order[face.axis],
        outward=face.outward,
        electric=order[pair.electric],
        places=places,
        height=int(np.floor(pair.first[up])),
        e=e.reshape(shape),
        h=h.reshape(shape),
    )
