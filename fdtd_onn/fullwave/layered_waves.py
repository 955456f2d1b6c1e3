"""Plane waves of the grid in a stack of layers without a device: what light that leaves one is compared with.

Light comes down from the uppermost medium, of index n, is reflected and let through. With direction cosines u, v along
the chip its fields go as exp(−i k·x), K = Ω n (u, v) for K = (2/Δ) sin(kΔ/2): on the grid too a wave is either s or p.
Both obey ∂E/∂z = i a H and ∂H/∂z = i b E for the fields along the layers whose product is the flux upwards,

    s:  a = Ω,             b = Ω ε − |K|²/Ω,    and upright H = K E/Ω,
    p:  a = Ω − |K|²χ/Ω,   b = Ω ε,             and upright E = −K χ H/Ω,

with E at integer points and H half a pixel above, so that climbing the layers from the wave that leaves below is exact.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.fullwave.cell import Cell
from fdtd_onn.fullwave.grid import Grid
from fdtd_onn.fullwave.permittivity import permittivity

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class Layers:
    """Layers on a grid. lowest: height of their first integer point, pixels.

    epsilon: (n,) of fields along the layers, at integer points. inverse: (n,) 1/ε of upright ones, half a pixel above.
    """

    lowest: int
    epsilon: Floats
    inverse: Floats

    @property
    def index(self) -> float:
        """Of the uppermost medium."""
        return float(np.sqrt(self.epsilon[-1]))

    @property
    def flipped(self) -> Layers:
        """Upside down; half-way points are those between integer points, and one beyond them."""
        beyond = self.inverse[:1]
        inverse = np.concatenate([self.inverse[-2::-1], beyond])
        return Layers(1 - self.lowest - len(self.epsilon), self.epsilon[::-1], inverse)


@dataclass(frozen=True, eq=False)
class LayeredWave:
    """One polarisation, for m directions: (n, m) fields along the guide, across it, and up, at their Yee heights.

    admittance: (m,), H over E of the wave in the uppermost medium, and phase: of half a pixel upwards there.
    """

    electric: tuple[Complex, Complex, Complex]
    magnetic: tuple[Complex, Complex, Complex]
    admittance: Floats
    half_step: Complex

    @property
    def flipped(self) -> LayeredWave:
        """Mirrored upside down, as an axial vector H is."""
        (ex, ey, ez), (hx, hy, hz) = self.electric, self.magnetic
        between = [np.concatenate([field[-2::-1], np.zeros_like(field[:1])]) for field in (-ez, -hx, -hy)]
        return replace(self, electric=(ex[::-1], ey[::-1], between[0]), magnetic=(between[1], between[2], hz[::-1]))


def layers_of(cell: Cell, wavelength_um: float) -> Layers:
    """Those that a device stands in: in a plane its guide is one of them, in space it is not."""
    grid, drawn = cell.grid, cell.at(wavelength_um)
    if grid.nz:
        chi = permittivity(replace(drawn, regions=()), Grid(grid.resolution, 4, 4, 0, grid.nz))
        return Layers(-grid.nz // 2, 1.0 / chi.xx[2, 2], chi.zz[2, 2])
    port = cell.ports[0]
    guide = drawn.shifted(-port.window.plane * grid.pitch, 0.0)
    chi = permittivity(guide, Grid(grid.resolution, 4, grid.ny, 0))
    along = chi.zz if port.frame.polarization == "tm" else chi.xx
    return Layers(-grid.ny // 2, 1.0 / along[2], chi.yy[2])


def waves_from_above(
    layers: Layers, grid: Grid, frequency: float, cosines: tuple[Floats, Floats], height_um: float
) -> tuple[LayeredWave, LayeredWave]:
    """Give s and p of light from directions (m,), with an incoming E of 1 at a height as if there were no layers."""
    u, v = cosines
    omega, tilt = (2 / grid.dt) * np.sin(np.pi * frequency * grid.dt), np.hypot(u, v)
    k, l_x, l_y = -omega * layers.index * tilt, u / tilt, v / tilt
    epsilon, inverse = layers.epsilon[:, None], layers.inverse[:, None]
    none = np.zeros((len(layers.epsilon), len(k)), dtype=complex)
    e, h, admittance, q = _climbed(omega + none.real, omega * epsilon - k**2 / omega, layers, grid, height_um)
    s = LayeredWave((-l_y * e, l_x * e, none), (-l_x * h, -l_y * h, k * e / omega), admittance, q)
    e, h, admittance, q = _climbed(omega - k**2 * inverse / omega, omega * epsilon + none.real, layers, grid, height_um)
    p = LayeredWave((l_x * e, l_y * e, -k * inverse * h / omega), (-l_y * h, l_x * h, none), admittance, q)
    return s, p


def _climbed(
    a: Floats, b: Floats, layers: Layers, grid: Grid, height_um: float
) -> tuple[Complex, Complex, Floats, Complex]:
    """E and H (n, m) of the wave that leaves below; above, the admittance and the phase of half a pixel."""
    e, h = np.empty((2, *a.shape), dtype=complex)
    admittance, q = _medium(a[0], b[0], grid.pitch)
    e[0], h[0] = 1.0, -admittance / q
    for j in range(1, len(e)):
        e[j] = e[j - 1] + 1j * grid.pitch * a[j - 1] * h[j - 1]
        h[j] = h[j - 1] + 1j * grid.pitch * b[j] * e[j]
    admittance, q = _medium(a[-1], b[-1], grid.pitch)
    falling = (q * e[-1] - h[-1] / admittance) / (q + 1 / q)
    above = layers.lowest + len(e) - 1 - height_um / grid.pitch
    falling = falling * q ** (2.0 * above)
    return e / falling, h / falling, admittance.real, q


def _medium(a: Floats, b: Floats, pitch: float) -> tuple[Complex, Complex]:
    """Admittance and phase of half a pixel upwards, of the wave that rises, or else falls off, in a medium."""
    w = np.sqrt(a * b + 0j)
    half = 0.5 * w * pitch
    return w / a, np.sqrt(1.0 - half**2) + 1j * half
