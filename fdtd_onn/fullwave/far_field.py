"""The angular spectrum of light above the chip, from its fields on one plane of the grid.

The medium there is homogeneous. Each Fourier component of the fields is a plane wave of the grid: with direction
cosines u, v along the chip and w = √(1 − u² − v²), it has K = Ω n (u, v, w) for K = (2/Δ) sin(kΔ/2), and the admittance
n w for an electric field across the plane of incidence (s), n/w for one in it (p). E and H half a pixel apart tell
upward from downward waves, exactly as at a port (`modes.decompose`).

Light that runs past the plane's ends is missing, and the ends spread what is there: a loss of parts in a thousand for a
line of ten micrometres above a tap, and of a tenth where a plane in space ends a micrometre from the guide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.fullwave.grid import Grid
from fdtd_onn.responses.tap import Directions

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

# By dimensions: directions along and across the guide. A line of length L needs steps below λ/2L.
_DIRECTIONS = {2: (240, 1), 3: (60, 60)}


@dataclass(frozen=True, eq=False)
class Samples:
    """One electric component, along (False) or across (True) the guide, and the H that carries flux up with it.

    places: coordinates along the guide and, in space, across it, of both, from the tap's centre, µm.
    e, h: on these places; h half a pixel higher, with the sign that makes Re e·h* the flux upwards.
    """

    across: bool
    places: Sequence[Floats]
    e: Complex
    h: Complex


def directions(dimensions: int) -> Directions:
    """Those at which the angular spectrum is sampled, in a plane or in space."""
    return Directions(*(_midpoints(count) if count > 1 else np.zeros(1) for count in _DIRECTIONS[dimensions]))


def _midpoints(count: int) -> Floats:
    return (2.0 * np.arange(count) + 1.0) / count - 1.0


def upward_waves(samples: Sequence[Samples], grid: Grid, frequency: float, index: float, height_um: float) -> Complex:
    """(n_u, n_v, 2): the wave in each direction, as of `TapResponse.amplitude`, not yet over the incident one.

    height_um: of the plane of E above the tap's centre, to which the phase is referred.
    """
    sampled = directions(grid.dimensions)
    u, v = np.meshgrid(sampled.u, sampled.v, indexing="ij")
    w = np.sqrt(np.clip(1.0 - u**2 - v**2, 0.0, None))
    medium = index * (2 / grid.dt) * np.sin(np.pi * frequency * grid.dt)
    k_u, k_v, k_w = (_wave_number(medium * cosine, grid.pitch) for cosine in (u, v, w))
    e, h = np.zeros((2, 2, *w.shape), dtype=complex)
    for part in samples:
        e[int(part.across)] = _transform(part.e, part.places, (k_u[:, 0], k_v[0]), grid.pitch)
        h[int(part.across)] = _transform(part.h, part.places, (k_u[:, 0], k_v[0]), grid.pitch)
    # From power per dk to power per du dv.
    per_direction = np.ones_like(w)
    for k in (k_u, k_v)[: grid.dimensions - 1]:
        per_direction *= medium / (2 * np.pi * np.cos(0.5 * k * grid.pitch))
    amplitude = np.sqrt(per_direction) * _rising(e, h, (u, v, w), index, k_w * grid.pitch)
    return np.moveaxis(amplitude * np.exp(-1j * k_w * height_um), 0, -1)


def _rising(e: Complex, h: Complex, cosines: tuple[Floats, Floats, Floats], index: float, step: Floats) -> Complex:
    """(2, n_u, n_v) upward waves in √power, along and across the guide; step: their phase per pixel upwards."""
    u, v, w = cosines
    tilt, seen = np.hypot(u, v), w > 0.0
    slope = np.where(seen, w, 1.0)
    # Unit vector along the direction's projection on the chip; straight up any will do.
    cosine = np.divide(u, tilt, out=np.ones_like(u), where=tilt > 0.0)
    sine = np.divide(v, tilt, out=np.zeros_like(v), where=tilt > 0.0)
    q = np.exp(0.5j * step)
    waves = np.zeros_like(e)
    for axis, admittance in ((np.stack([cosine, sine]), index / slope), (np.stack([-sine, cosine]), index * slope)):
        electric, magnetic = np.sum(axis * e, axis=0), np.sum(axis * h, axis=0)
        rising = (magnetic / admittance + electric / q) / (q + 1 / q)
        waves += axis * np.where(seen, rising * np.sqrt(0.5 * admittance * np.cos(0.5 * step)), 0.0)
    return waves


def _wave_number(discrete: Floats, pitch: float) -> Floats:
    return np.asarray((2 / pitch) * np.arcsin(0.5 * discrete * pitch))


def _transform(field: Complex, places: Sequence[Floats], wave_numbers: Sequence[Floats], pitch: float) -> Complex:
    """∫ field exp(−i k·x) over a face, (n_u, n_v); a field on a line has one direction across it."""
    along, *across = (np.exp(-1j * np.outer(k, x)) * pitch for k, x in zip(wave_numbers, places, strict=False))
    return along @ field @ across[0].T if across else (along @ field)[:, None]
