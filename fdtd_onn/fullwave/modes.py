"""Guided modes of the discrete operator that the engine steps, in the plane across a port.

For light along x on a Yee grid with pitch Δ and time step Δt, let Ω = (2/Δt) sin(ωΔt/2) and B = (2/Δ) sin(βΔ/2).
Then with D the difference along y a mode obeys, without any approximation,

    te (Ex, Ey, Hz):  (Ω² − Dᵀ χ_xx D) h = B² χ_yy h,     e = (B/Ω) χ_yy h
    tm (Ez, Hx, Hy):  (Ω² ε_zz − Dᵀ D) e = B² e,          h = −(B/Ω) e

e is the transverse E on the plane x_i and h the transverse H (Hz or Hy) on x_i + Δ/2, less the factor exp(iβΔ/2)
between the planes. For light along y the same holds with x and y exchanged and the sign between e and h reversed.
Both problems are tridiagonal and symmetric after scaling. Outside the window the field is zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh_tridiagonal

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Part:
    """One transverse pair of a mode, real profiles on the same points: e on the E plane, h on the H plane.

    sign: of e·h for a wave towards larger coordinates, see `frames.Pair`.
    """

    e: Floats
    h: Floats
    sign: int

    @property
    def flux(self) -> float:
        """Σ of the pair's share in the Poynting vector along the axis, without the factor one half."""
        return self.sign * float(np.sum(self.e * self.h))


@dataclass(frozen=True, eq=False)
class Mode:
    """One guided mode at one frequency (1/µm).

    parts: its transverse fields; one pair in two dimensions, (n,) each, two in three dimensions, (n, m) each.
    beta: rad/µm, of the discrete guide. Its flux through the discrete grid is 1 (per µm of height in two dimensions),
    in units of the amplitude squared.
    """

    frequency: float
    beta: float
    pitch: float
    parts: tuple[Part, ...]

    @property
    def index(self) -> float:
        """Effective index β/ω of the discrete guide."""
        return self.beta / (2 * np.pi * self.frequency)

    @property
    def half_step(self) -> complex:
        """exp(iβΔ/2), the phase from the E plane to the H plane."""
        return complex(np.exp(0.5j * self.beta * self.pitch))


def normalised(frequency: float, beta: float, pitch: float, parts: Sequence[Part]) -> Mode:
    """The mode with unit flux, its main electric field positive in the strong lobe at the largest coordinates.

    A lobe is strong from half the peak on. An odd mode has two that are equal but for rounding: the largest field would
    choose between them by chance, and differently at two ends of the same guide.

    Discrete Poynting flux through the E plane: H there is the mean of its neighbours, hence the cosine.
    """
    cell = pitch ** parts[0].e.ndim
    flux = 0.5 * sum(part.flux for part in parts) * cell * np.cos(0.5 * beta * pitch)
    main = max(parts, key=lambda part: abs(part.flux)).e.ravel()
    last = np.flatnonzero(np.abs(main) > 0.5 * np.abs(main).max())[-1]
    scale = np.sign(main[last]) / np.sqrt(flux)
    scaled = tuple(Part(scale * part.e, scale * part.h, part.sign) for part in parts)
    return Mode(frequency, beta, pitch, scaled)


def turned(mode: Mode) -> Mode:
    """The mode with the other sign."""
    parts = tuple(Part(-part.e, -part.h, part.sign) for part in mode.parts)
    return Mode(mode.frequency, mode.beta, mode.pitch, parts)


def overlap(a: Mode, b: Mode) -> float:
    """How much two modes of one section are the same: ±1 for a mode and itself, 0 for two modes at one frequency.

    The product in which discrete modes are orthogonal (see `decompose`), made symmetric.
    """
    pairs = list(zip(a.parts, b.parts, strict=True))
    shared = sum(p.sign * float(np.sum(p.e * q.h) + np.sum(q.e * p.h)) for p, q in pairs)
    return 0.5 * shared / np.sqrt(sum(p.flux for p in a.parts) * sum(p.flux for p in b.parts))


@dataclass(frozen=True, eq=False)
class Section:
    """χ on the line of a port: `along` the propagation at n + 1 edges, and `across` it at the n points in between.

    For light along x, te: along = χ_xx at integer points, across = χ_yy half-way between; tm: across = χ_zz at integer
    points, along is not used. For light along y, x and y change places. handedness: see `frames.Frame`.
    """

    polarization: str
    pitch: float
    dt: float
    along: Floats
    across: Floats
    handedness: int


def guided_modes(section: Section, frequency: float, count: int) -> tuple[Mode, ...]:
    """The guided modes of highest effective index, at most `count`, at a frequency in 1/µm.

    Guided are those above the light line of the window's outermost cladding.
    """
    omega = (2 / section.dt) * np.sin(np.pi * frequency * section.dt)
    diagonal, off, weight = _operator(section, omega)
    scale = np.sqrt(weight)
    values, vectors = eigh_tridiagonal(
        diagonal / weight,
        off / (scale[:-1] * scale[1:]),
        select="i",
        select_range=(len(diagonal) - count, len(diagonal) - 1),
    )
    light_line = omega**2 / section.across[[0, -1]].min()
    return tuple(
        _mode(section, frequency, omega, float(np.sqrt(values[k])), vectors[:, k] / scale)
        for k in reversed(range(count))
        if values[k] > light_line
    )


def _operator(section: Section, omega: float) -> tuple[Floats, Floats, Floats]:
    """Diagonal, off-diagonal and weight of the generalised symmetric problem."""
    stiffness = (section.along if section.polarization == "te" else np.ones_like(section.along)) / section.pitch**2
    laplace = stiffness[:-1] + stiffness[1:]
    if section.polarization == "te":
        return omega**2 - laplace, stiffness[1:-1], section.across
    return omega**2 / section.across - laplace, stiffness[1:-1], np.ones_like(section.across)


def _mode(section: Section, frequency: float, omega: float, b: float, vector: Floats) -> Mode:
    beta = (2 / section.pitch) * np.arcsin(0.5 * b * section.pitch)
    if section.polarization == "te":
        e, h = section.handedness * (b / omega) * section.across * vector, vector
    else:
        e, h = vector, section.handedness * (b / omega) * vector
    return normalised(frequency, float(beta), section.pitch, [Part(e, h, section.handedness)])


def decompose(
    mode: Mode, fields: Sequence[tuple[NDArray[np.complex128], NDArray[np.complex128]]]
) -> tuple[complex, complex]:
    """Amplitudes of the waves towards larger and smaller coordinates, from the transverse fields on E and H plane.

    fields: (e, h) for every part of the mode, complex DFT fields on its points, E at x_i and H at x_i + Δ/2 (or y).
    Amplitudes in √power. Discrete modes are orthogonal in just this product, so no other guided mode leaks in.
    """
    norm = sum(part.flux for part in mode.parts)
    pairs = list(zip(mode.parts, fields, strict=True))
    v = sum(part.sign * np.sum(e * part.h) for part, (e, _) in pairs) / norm
    u = sum(part.sign * np.sum(part.e * h) for part, (_, h) in pairs) / norm
    q = mode.half_step
    return complex((u + v / q) / (q + 1 / q)), complex((v * q - u) / (q + 1 / q))
