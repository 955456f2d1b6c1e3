"""The mode of a straight guide's cross-section, and how its index follows those of core and cladding, point by point.

The eigenproblem of `vector_modes` is symmetric in the sense that 2BF = hᵀ(SP)h + eᵀ(SQ)e is stationary, with F the
mode's flux. Hence to first order, with D the electric displacement at its own Yee points,

    δB = −(Ω/2F) Σ δχ D²,

the discrete form of δβ = (ω/4) ∫ δε |E|² at unit power (Snyder and Love, Optical Waveguide Theory (1983), eq. 18-4).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import FdtdOnnError
from fdtd_onn.fullwave.grid import Grid
from fdtd_onn.fullwave.modes import Mode
from fdtd_onn.fullwave.permittivity import permittivity
from fdtd_onn.fullwave.vector_modes import CrossSection, te_fraction, vector_modes
from fdtd_onn.geometry.scene import draw
from fdtd_onn.geometry.shapes import Geometry
from fdtd_onn.specs.device import AnyDevice

Real = NDArray[np.float64]

_MARGIN_UM = 1.2  # of cladding around the core: a strip's mode has fallen to exp(-9) there
_INDEX_STEP = 1e-4
_CANDIDATES = 4
_NO_TIME_STEP = 1e-6  # µm/c: the limit of continuous time


@dataclass(frozen=True, eq=False)
class GuideSection:
    """χ at the m Yee points of a window around a guide, and its slopes in the core's and the cladding's index.

    y_um, z_um: (m,) places; the guide's middle is y = 0, the film's lower face z = 0. shapes: of the three components
    (along, across, up), which follow one another.
    """

    pitch: float
    polarization: str
    shapes: tuple[tuple[int, int], ...]
    y_um: Real
    z_um: Real
    chi: Real
    per_core: Real
    per_cladding: Real

    def mode(self, frequency: float, core_rise: Real | float = 0.0, cladding_rise: Real | float = 0.0) -> Mode:
        """The fundamental mode, with the indices risen by so much at every point. Raises FdtdOnnError without one."""
        chi = self.chi + self.per_core * core_rise + self.per_cladding * cladding_rise
        along, across, up = self._parts(chi)
        section = CrossSection(self.pitch, _NO_TIME_STEP, along, across, up, 1)
        for mode in vector_modes(section, frequency, _CANDIDATES):
            if (te_fraction(mode) > 0.5) == (self.polarization == "te"):
                return mode
        raise FdtdOnnError(f"expected a guided {self.polarization}-like mode at {1 / frequency:.4f} µm, found none")

    def sensitivity(self, mode: Mode) -> tuple[Real, Real]:
        """(m,) each: rise of the mode's effective index per unit rise of core and of cladding index at every point."""
        flux = sum(part.flux for part in mode.parts)
        scale = -1.0 / (2.0 * flux * np.cos(0.5 * mode.beta * self.pitch))
        weight = scale * self._displacement(mode) ** 2
        return weight * self.per_core, weight * self.per_cladding

    def energy_above(self, mode: Mode, z_um: float) -> float:
        """Share of the mode's electric energy at heights from z_um on; what the window cuts off counts as nothing."""
        energy = self.chi * self._displacement(mode) ** 2
        return float(energy[self.z_um >= z_um].sum() / energy.sum())

    def _displacement(self, mode: Mode) -> Real:
        """(m,) D at its own points, up to a phase: along the guide it is the curl of H over ω."""
        in_plane, upright = mode.parts
        _, across, up = self._parts(self.chi)
        curl = np.diff(in_plane.h, axis=0) - np.diff(upright.h, axis=1)
        along = curl / (self.pitch * 2 * np.pi * mode.frequency)
        return np.concatenate([along.ravel(), (in_plane.e / across).ravel(), (upright.e / up).ravel()])

    def _parts(self, values: Real) -> tuple[Real, Real, Real]:
        ends = np.cumsum([n * m for n, m in self.shapes])
        along, across, up = (part.reshape(s) for part, s in zip(np.split(values, ends[:-1]), self.shapes, strict=True))
        return along, across, up


def guide_section(device: AnyDevice, resolution: float) -> GuideSection:
    """The cross-section, at x = 0, of a three-dimensional device that is one straight guide there."""
    drawn = draw(device, 1.0)
    if drawn.z_range_um is None:
        raise FdtdOnnError(f"device {device.name!r}: expected dimensions = 3 for a cross-section, got 2")
    middle = 0.5 * sum(drawn.z_range_um)
    counts = [
        2 * int(np.ceil((0.5 * (high - low) + _MARGIN_UM) * resolution))
        for low, high in (drawn.y_range_um, drawn.z_range_um)
    ]
    grid = Grid(resolution, 4, counts[0], 0, counts[1])
    centred = drawn.shifted(0.0, 0.0, -middle)
    core, cladding = (_steps(centred, grid, *steps) for steps in ((_INDEX_STEP, 0.0), (0.0, _INDEX_STEP)))
    inner_y, inner_z = (np.arange(1, n) - n // 2 for n in counts)
    half_y, half_z = (np.arange(n) + 0.5 - n // 2 for n in counts)
    places = [np.meshgrid(y, z, indexing="ij") for y, z in ((inner_y, inner_z), (half_y, inner_z), (inner_y, half_z))]
    return GuideSection(
        pitch=grid.pitch,
        polarization=device.polarization,
        shapes=tuple((y.shape[0], y.shape[1]) for y, _ in places),
        y_um=grid.pitch * np.concatenate([y.ravel() for y, _ in places]),
        z_um=grid.pitch * np.concatenate([z.ravel() for _, z in places]) + middle,
        chi=_chi(centred, grid),
        per_core=core,
        per_cladding=cladding,
    )


def _steps(drawn: Geometry, grid: Grid, core: float, cladding: float) -> Real:
    """Slope of χ in the index that takes these steps, by central difference."""
    above, below = (_chi(_stepped(drawn, s * core, s * cladding), grid) for s in (1.0, -1.0))
    return (above - below) / (2.0 * (core + cladding))


def _stepped(drawn: Geometry, core: float, cladding: float) -> Geometry:
    regions = tuple(replace(region, index=region.index + core) for region in drawn.regions)
    return replace(drawn, regions=regions, cladding_index=drawn.cladding_index + cladding)


def _chi(drawn: Geometry, grid: Grid) -> Real:
    """(m,) along, across and up in the plane x = 0, as `CrossSection` wants them."""
    chi, i = permittivity(drawn, grid), grid.nx // 2
    inner_y, inner_z = slice(1, grid.ny), slice(1, grid.nz)
    all_y, all_z = slice(0, grid.ny), slice(0, grid.nz)
    parts = (chi.xx[i, inner_y, inner_z], chi.yy[i, all_y, inner_z], chi.zz[i, inner_y, all_z])
    return np.concatenate([part.ravel() for part in parts])
