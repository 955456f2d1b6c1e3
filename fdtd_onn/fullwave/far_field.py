"""The angular spectrum of the light that leaves a device, from its fields on a box around it.

By reciprocity the wave that leaves in a direction has an amplitude of ∮ (E × H' − E' × H)·n, with the device's fields
and those of the plane wave that comes from there to the layers without the device (`layered_waves`). On pairs of Yee
planes this holds without any error of the grid. Light that leaves the box sideways is so told by where it goes in the
end, through all layers. What of it a guide in space scatters once more, outside the box, is left out: 1 to 4 % of the
light of a tap whose box ends a micrometre from its grooves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.fullwave.grid import Grid
from fdtd_onn.fullwave.layered_waves import LayeredWave, Layers, waves_from_above
from fdtd_onn.responses.tap import Directions

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

# By dimensions: directions along and across the guide. A line of length L needs steps below λ/2L; below,
# waves that thin layers hold for a while leave in narrow peaks.
_ABOVE = {2: (240, 1), 3: (60, 60)}
_BELOW = {2: (1920, 1), 3: (60, 60)}


@dataclass(frozen=True, eq=False)
class Sheet:
    """One electric component, and the H that carries flux with it, on a face; axes are along the guide, across it, up.

    axis: of the face's normal. outward: along it, ±1. electric: axis of the component.
    places: of E along the guide and, in space, across it, from the tap's centre, µm. height: of the lowest points, in
    pixels, rounded down. e, h: (n_along, n_across, n_up); h half a pixel further along the normal, with the sign that
    makes Re e·h* the flux towards larger coordinates.
    """

    axis: int
    outward: int
    electric: int
    places: tuple[Floats, ...]
    height: int
    e: Complex
    h: Complex

    @property
    def magnetic(self) -> int:
        """Axis of the magnetic component."""
        return 3 - self.axis - self.electric

    @property
    def sign(self) -> int:
        """Of H in h: +1 if axis, electric and magnetic component are in cyclic order."""
        return 1 if (self.electric - self.axis) % 3 == 1 else -1


def directions(dimensions: int, upward: bool = True) -> Directions:
    """Those at which the angular spectrum is sampled, in a plane or in space; below for its power alone."""
    counts = (_ABOVE if upward else _BELOW)[dimensions]
    return Directions(*(_midpoints(count) if count > 1 else np.zeros(1) for count in counts))


def _midpoints(count: int) -> Floats:
    return (2.0 * np.arange(count) + 1.0) / count - 1.0


def leaving_waves(
    sheets: Sequence[Sheet], layers: Layers, grid: Grid, frequency: float, height_um: float, upward: bool
) -> Complex:
    """(n_u, n_v, 2): the wave in each direction, as of `TapResponse.amplitude`, not yet over the incident one.

    height_um: of the tap's centre, to which the phase is referred. upward: above all layers, or else below them.
    """
    sampled = directions(grid.dimensions, upward)
    u, v = np.meshgrid(sampled.u, sampled.v, indexing="ij")
    seen = u**2 + v**2 < 1.0
    facing, height = (layers, height_um) if upward else (layers.flipped, -height_um)
    medium = facing.index * (2 / grid.dt) * np.sin(np.pi * frequency * grid.dt)
    k = tuple((2 / grid.pitch) * np.arcsin(0.5 * medium * cosine * grid.pitch) for cosine in (u, v))
    fields = [[part[seen].T for part in _transforms(sheet, k, grid.pitch)] for sheet in sheets]
    # From power per dk to power per du dv.
    density = (medium / (2 * np.pi)) ** (grid.dimensions - 1) / np.prod(np.cos(0.5 * grid.pitch * np.array(k)), axis=0)
    area = grid.pitch ** (grid.dimensions - 1)
    amplitudes = []
    for wave in waves_from_above(facing, grid, frequency, (u[seen], v[seen]), height):
        met = area * _met(sheets, fields, wave if upward else wave.flipped, layers.lowest)
        amplitudes.append(-met * np.sqrt(density[seen] / (8 * wave.admittance * wave.half_step.real)))
    s, p = amplitudes
    waves = np.zeros((*seen.shape, 2), dtype=complex)
    towards = np.stack([u, v], axis=-1)[seen] / np.hypot(u, v)[seen, None]
    waves[seen] = towards * p[:, None] + towards[:, ::-1] * (-1, 1) * s[:, None]
    return waves


def _transforms(sheet: Sheet, k: tuple[Floats, Floats], pitch: float) -> tuple[Complex, Complex]:
    """∫ field exp(−i k·x) along and across the guide, (n_u, n_v, n_up): of E on the places of H', and of H on E'."""
    along, across = (
        np.exp(-1j * np.outer(k[0][:, 0], sheet.places[0])),
        np.exp(-1j * np.outer(k[1][0], sheet.places[1])),
    )
    e, h = (np.einsum("ux,vy,xyz->uvz", along, across, field, optimize=True) for field in (sheet.e, sheet.h))
    if sheet.axis < 2:
        e = e * np.exp(-0.5j * k[sheet.axis] * pitch)[..., None]
    return e, h


def _met(sheets: Sequence[Sheet], fields: Sequence[Sequence[Complex]], wave: LayeredWave, lowest: int) -> Complex:
    """(m,) Σ (E × H' − E' × H)·n over all sheets, their fields by direction."""
    total = np.zeros(len(wave.admittance), dtype=complex)
    for sheet, (e, h) in zip(sheets, fields, strict=True):
        rows = slice(sheet.height - lowest, sheet.height - lowest + len(e))
        electric, magnetic = wave.electric[sheet.electric][rows], sheet.sign * wave.magnetic[sheet.magnetic][rows]
        total += sheet.outward * np.sum(e * magnetic - h * electric, axis=0)
    return total
