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

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh_tridiagonal

from fdtd_onn.errors import FdtdOnnError

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Mode:
    """One guided mode at one frequency (1/µm).

    e, h: (n,) real transverse profiles, in the order of the window's points. beta: rad/µm, of the discrete guide.
    Its flux through the discrete grid is 1 per µm of height, in units of the amplitude squared.
    """

    frequency: float
    beta: float
    pitch: float
    e: Floats
    h: Floats

    @property
    def index(self) -> float:
        """Effective index β/ω of the discrete guide."""
        return self.beta / (2 * np.pi * self.frequency)

    @property
    def half_step(self) -> complex:
        """exp(iβΔ/2), the phase from the E plane to the H plane."""
        return complex(np.exp(0.5j * self.beta * self.pitch))


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


def guided_modes(section: Section, frequency: float, count: int = 1) -> tuple[Mode, ...]:
    """The `count` guided modes of highest effective index, at a frequency in 1/µm.

    Raises FdtdOnnError when fewer are found with β² > 0 above the light line of the window's outermost cladding.
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
    if values[0] <= light_line:
        found = int(np.sum(values > light_line))
        raise FdtdOnnError(
            f"expected {count} guided {section.polarization} mode(s) at {1 / frequency:.4f} µm, found {found}: widen "
            "the guide, raise its index, or shorten the wavelength"
        )
    return tuple(
        _mode(section, frequency, omega, float(np.sqrt(values[k])), vectors[:, k] / scale)
        for k in reversed(range(count))
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
    # Discrete Poynting flux through the E plane: H there is the mean of its neighbours, hence the cosine.
    flux = 0.5 * abs(np.sum(e * h)) * section.pitch * np.cos(0.5 * beta * section.pitch)
    sign = np.sign(e[np.argmax(np.abs(e))]) / np.sqrt(flux)
    return Mode(frequency, float(beta), section.pitch, sign * e, sign * h)


def decompose(mode: Mode, e: NDArray[np.complex128], h: NDArray[np.complex128]) -> tuple[complex, complex]:
    """Amplitudes of the waves towards larger and smaller coordinates, from the transverse fields on E and H plane.

    e, h: (n,) complex DFT fields on the window's points, E at x_i and H at x_i + Δ/2 (or y). Amplitudes in √power.
    """
    norm = np.sum(mode.e * mode.h)
    v = np.sum(e * mode.h) / norm
    u = np.sum(mode.e * h) / norm
    q = mode.half_step
    return complex((u + v / q) / (q + 1 / q)), complex((v * q - u) / (q + 1 / q))
