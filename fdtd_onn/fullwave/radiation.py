"""Light that leaves a device past its ports: power through the cell's rim, and the fields above the chip.

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
from fdtd_onn.fullwave.far_field import Samples, upward_waves
from fdtd_onn.fullwave.grid import Grid
from fdtd_onn.fullwave.yee_block import YeeBlock
from fdtd_onn.geometry.shapes import Geometry

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
    amplitude: (n_f, n_u, n_v, 2), see `responses.tap.TapResponse`.
    """

    power: Floats
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
        amplitude = _upward(self.cell, self.faces[up], fields[up], self.cell.ports[excited].frequencies)
        return Radiated(np.stack([fluxes[up], fluxes[down], aside]), amplitude / incident[:, None, None, None])


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


def _upward(cell: Cell, face: _Face, fields: Sequence[tuple[Complex, Complex]], frequencies: Floats) -> Complex:
    """(n_f, n_u, n_v, 2): upward waves through the upper face, with their phase at the tap's centre."""
    grid, drawing = cell.grid, cell.drawing
    offset = drawing.offset_um
    middle = offset[-1] + 0.5 * drawing.device.stack_in_use.thickness_um
    height = face.pairs[0].first[face.axis] * grid.pitch - middle
    places = [
        (pair.electric != 0, [pair.points(axis, grid) - offset[axis] for axis in range(grid.dimensions - 1)])
        for pair in face.pairs
    ]
    waves = []
    for k, frequency in enumerate(frequencies.tolist()):
        above = _uppermost(cell.at(1.0 / frequency))
        samples = [Samples(*place, e[k], h[k]) for place, (e, h) in zip(places, fields, strict=True)]
        waves.append(upward_waves(samples, grid, frequency, above, height))
    return np.stack(waves)


def _uppermost(drawn: Geometry) -> float:
    """Index of the medium above everything."""
    open_above = [layer.index for layer in drawn.layers if layer.range_um[1] == np.inf]
    return open_above[0] if open_above else drawn.cladding_index
