"""Dispersive matter on the grid: what the indices' change over the band adds to the permittivity at its centre.

Every material is its permittivity and slope at the band's centre f₀, ε(f) = ε(f₀) + (dε/df) g(f), with one shape g for
all: two undamped Lorentz poles, one below the band and one above, whose pulls cancel at f₀,

    g = a₁ w₁²/(w₁² − Ω²) + a₂ w₂²/(w₂² − Ω²),    g(f₀) = 0,    g'(f₀) = 1,    Ω = (2/Δt) sin(πfΔt).

This is no approximation of what the engine does: its update P(t+Δt) − 2P(t) + P(t−Δt) = (wΔt)² (σE − P) has just this
response (Taflove and Hagness, Computational Electrodynamics (2005), section 9.4). Because g(f₀) = 0 the smoothed χ at
the centre, off-diagonal entries included, is that of a run without dispersion. The slope is that of the smoothed 1/χ,
entry by entry: on boundaries along the grid smoothing is then as good at every frequency; on slanted ones the
off-diagonal entry lacks its own slope, an error that grows from the centre to the edges of the band (3e-4 in |S|² of
a coupler at 1.55 ± 0.05 µm and 16 px/µm, measured against a run of that wavelength's constant indices).

A pole makes ε negative just above it, where films carry backward waves, which absorbing layers amplify (Bécache,
Fauqueux and Joly, J. Comput. Phys. 188, 399 (2003)). The slope therefore fades to zero before the absorbing layers.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import BadInput, FdtdOnnError
from fdtd_onn.fullwave.grid import COURANT, SOURCE_CLEARANCE_UM, Grid
from fdtd_onn.fullwave.modes import Section
from fdtd_onn.fullwave.permittivity import Permittivity, permittivity
from fdtd_onn.fullwave.vector_modes import CrossSection
from fdtd_onn.geometry.scene import Drawing
from fdtd_onn.geometry.shapes import Geometry
from fdtd_onn.specs.device import AnyDevice
from fdtd_onn.specs.fidelity import Fidelity

Floats = NDArray[np.float64]

# Poles relative to the centre. With them the permittivity curves as the effective index of the usual films of silicon
# and silicon nitride does, whose dispersion is strong; bulk media disperse little, and their curvature matters less.
_BELOW, _ABOVE = 0.5, 1.5
# Largest difference of a material's index in the run from its own over the band.
_TOLERANCE = 2e-3
_STEP = 1e-4  # relative, in the numerical derivative with frequency


@dataclass(frozen=True)
class Pole:
    """A Lorentz pole, frequency and full width in 1/µm. weight: of a matter's slope dε/df in its susceptibility."""

    frequency: float
    weight: float
    width: float = 0.0


@dataclass(frozen=True, eq=False)
class Dispersion:
    """slope: dε/df (µm) at the band's centre, at the points of χ; or any other strength that the poles share."""

    slope: Permittivity
    poles: tuple[Pole, ...]
    dt: float


Cut = TypeVar("Cut", Section, CrossSection)


def dispersed(dispersion: Dispersion, centre: Cut, slope: Cut, frequency: float) -> Cut:
    """A cut through χ at a frequency, from the cuts through χ at the centre and through its slope."""
    g = shape(dispersion.poles, frequency, dispersion.dt)
    names = [f.name for f in fields(centre) if isinstance(getattr(centre, f.name), np.ndarray)]
    now = {name: getattr(centre, name) / (1.0 + getattr(centre, name) * getattr(slope, name) * g) for name in names}
    return replace(centre, **now)


def poles_around(frequency: float, dt: float) -> tuple[Pole, Pole]:
    """The two poles for a band with this centre, on a grid with this time step."""
    ratios, step = (_BELOW, _ABOVE), _STEP * frequency

    def pulls(at: float) -> Floats:
        return np.array([_response(ratio * frequency, at, dt) for ratio in ratios])

    slopes = (pulls(frequency + step) - pulls(frequency - step)) / (2 * step)
    weights = np.linalg.solve(np.array([pulls(frequency), slopes]), [0.0, 1.0])
    below, above = (Pole(ratio * frequency, float(weight)) for ratio, weight in zip(ratios, weights, strict=True))
    return below, above


def shape(poles: tuple[Pole, ...], frequency: float, dt: float) -> float:
    """Return g at a frequency, in 1/µm, as the engine's time stepping has it."""
    return sum(pole.weight * _response(pole.frequency, frequency, dt) for pole in poles)


def _response(pole: float, frequency: float, dt: float) -> float:
    """w²/(w² − Ω²) of the discrete oscillator."""
    w, omega = 2 * np.pi * pole, (2 / dt) * np.sin(np.pi * frequency * dt)
    return float(w**2 / (w**2 - omega**2))


def dispersion(drawing: Drawing, fidelity: Fidelity, grid: Grid, chi: Permittivity) -> Dispersion | None:
    """What dispersion adds to the smoothed χ of a drawn device; None if its indices stay as they are.

    Raises BadInput if the poles follow an index too badly over the band, FdtdOnnError if they could not be stepped.
    """
    device = drawing.device
    if not device.is_dispersive:
        return None
    frequency = 1.0 / device.centre_um
    _check_follows(device, grid.dt)
    step = _STEP * frequency
    above, below = (permittivity(drawing.at(1.0 / (frequency + s)), grid) for s in (step, -step))
    kept = _kept(drawing.at(device.centre_um), fidelity, grid)
    slope = {
        name: kept * (1 / getattr(above, name) - 1 / getattr(below, name)) / (2 * step) for name in ("xx", "yy", "zz")
    }
    found = Dispersion(Permittivity(**slope, xy=np.zeros_like(chi.xy)), poles_around(frequency, grid.dt), grid.dt)
    _check_stable(found, chi, grid)
    return found


def _kept(drawn: Geometry, fidelity: Fidelity, grid: Grid) -> Floats:
    """The part of its slope that matter keeps at every point: 1, fading smoothly to 0 before the absorbing layers.

    Along guides it fades from where ports are read outwards, so slowly that nothing is reflected (a step would give
    −45 dB at the band's edges), elsewhere over the outer half of the margin.
    """
    guided, free = 0.5 * fidelity.lead_um + SOURCE_CLEARANCE_UM, 0.5 * fidelity.margin_um
    ends = {(port.axis, port.outward) for port in drawn.ports}
    kept = np.ones(())
    for axis, count in zip("xyz", (grid.nx, grid.ny, grid.nz)[: grid.dimensions], strict=False):
        index = np.arange(count + 1)
        depth = {-1: index - grid.pml - 1, 1: count - grid.pml - 1 - index}  # pixels from the absorbing layers
        sides = [_rise(depth[side], (guided if (axis, side) in ends else free) / grid.pitch - 3) for side in (-1, 1)]
        kept = np.multiply.outer(kept, sides[0] * sides[1])
    return kept


def _rise(position: NDArray[np.int_], length: float) -> Floats:
    """From 0 at position 0 to 1 at the length."""
    return 0.5 - 0.5 * np.cos(np.pi * np.clip(position / length, 0.0, 1.0))


def index_error(device: AnyDevice, dt: float) -> float:
    """Largest difference over the band between an index in a run with this time step and the material's own."""
    frequency, band = 1.0 / device.centre_um, device.wavelengths
    step, poles = _STEP * frequency, poles_around(frequency, dt)

    def epsilon(f: float) -> Floats:
        return np.square(list(device.indices_at(1.0 / f).values()))

    slope = (epsilon(frequency + step) - epsilon(frequency - step)) / (2 * step)
    errors = [
        np.sqrt(epsilon(frequency) + slope * shape(poles, f, dt)) - np.sqrt(epsilon(f))
        for f in 1.0 / np.linspace(band.start_um, band.stop_um, 21)
    ]
    return float(np.abs(errors).max())


def _check_follows(device: AnyDevice, dt: float) -> None:
    error = index_error(device, dt)
    if error > _TOLERANCE:
        expected = f"a band over which the run's index follows the material's to {_TOLERANCE:g}"
        band = device.wavelengths
        got = f"{band.start_um:g} to {band.stop_um:g} µm, where it errs by {error:.1e}"
        raise BadInput(f"{device.name}: wavelengths", expected, got, "Narrow the band, or run it in pieces.")


def _check_stable(found: Dispersion, chi: Permittivity, grid: Grid) -> None:
    """All Ω² of the discrete equations must lie below 4/Δt², where a step of time stops to oscillate.

    Fields and polarisations are coupled oscillators; bounding each block of their stiffness by its largest value
    (in units of 4/Δt²: S² d max χ for the fields, w² and w² σχ for a pole) leaves this condition.
    """
    pairs = [(getattr(chi, name), getattr(found.slope, name)) for name in ("xx", "yy", "zz")]
    fields = COURANT**2 * grid.dimensions * max(float(inverse.max()) for inverse, _ in pairs)
    strength = max(float((inverse * slope).max()) for inverse, slope in pairs)
    steps = [(np.pi * pole.frequency * grid.dt) ** 2 for pole in found.poles]
    taken = fields + sum(
        q * pole.weight * strength / (1 - q) if q < 1 else np.inf for q, pole in zip(steps, found.poles, strict=True)
    )
    if taken >= 1.0:
        raise FdtdOnnError(
            f"the time step at {grid.resolution:g} px/µm is too long for so much dispersion: its stability number is "
            f"{taken:.2f} and must be below 1. Choose a finer fidelity, or a material that falls less with wavelength"
        )
