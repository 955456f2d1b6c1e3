"""Guided modes of a guide's cross-section in three dimensions: eigenvectors of the operator that the engine steps.

For light along x with Ω and B as in `modes`, and with differences between neighbouring Yee points written ∂,

    B Ey =  Ω Hz + Ω⁻¹ ∂y χx (∂y Hz − ∂z Hy)      B Hz =  Ω Ey/χy − Ω⁻¹ ∂z (∂y Ez − ∂z Ey)
    B Ez = −Ω Hy + Ω⁻¹ ∂z χx (∂y Hz − ∂z Hy)      B Hy = −Ω Ez/χz − Ω⁻¹ ∂y (∂y Ez − ∂z Ey)

that is B·E = P·H and B·H = Q·E, so P Q E = B² E. Ey and Hz share their points (j + ½, k), Ez and Hy theirs
(j, k + ½); tangential E is zero on the window's rim. H lies half a pixel further along x, less exp(iβΔ/2).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.linalg import eigh_tridiagonal
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigs, splu

from fdtd_onn.errors import FdtdOnnError
from fdtd_onn.fullwave.modes import Mode, Part, normalised

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CrossSection:
    """χ over a window of n × m pixels across the guide.

    along: (n − 1, m − 1), χ of the component along the axis at inner integer points.
    across: (n, m − 1), of the component in the plane, at (j + ½, k).
    up: (n − 1, m), of the vertical component, at (j, k + ½).
    handedness: +1 if (along, across, up) is right-handed, −1 if not: light along y with x across.
    """

    pitch: float
    dt: float
    along: Floats
    across: Floats
    up: Floats
    handedness: int


def vector_modes(section: CrossSection, frequency: float, count: int) -> tuple[Mode, ...]:
    """The guided modes of highest effective index, at most `count`, at a frequency in 1/µm.

    The first part of each has its electric field in the plane, the second its electric field upright.
    """
    highest = _omega(section, frequency) ** 2 / min(section.across.min(), section.up.min())
    # Just above the core's own index: the nearest eigenvalues are the best guided modes. The start has to share
    # something with every mode, whatever its symmetry.
    start = np.random.default_rng(0).standard_normal(section.across.size + section.up.size)
    return _nearest_modes(section, frequency, count, 1.0001 * highest, start)


def named_vector_modes(section: CrossSection, frequency: float, names: Collection[str]) -> dict[str, Mode]:
    """Those of the named modes that are guided: te-like and tm-like ones, each counted by falling effective index."""
    count = 2 + 2 * max(int(name[2:]) for name in names)
    while True:
        modes = vector_modes(section, frequency, count)
        kinds = ["te" if te_fraction(mode) > 0.5 else "tm" for mode in modes]
        found = {f"{kind}{kinds[:k].count(kind)}": modes[k] for k, kind in enumerate(kinds)}
        if found.keys() >= set(names) or len(modes) < count:
            return {name: found[name] for name in names if name in found}
        count += 4


def modes_near(section: CrossSection, frequency: float, neighbour: Mode, count: int) -> tuple[Mode, ...]:
    """The guided ones of the `count` modes nearest in B² to where a mode at a neighbouring frequency goes.

    By first-order perturbation dB²/dΩ² = Σ(e h/χ)/Σ(e h), each with the sign of its part.
    """
    b, omega = (2 / section.pitch) * np.sin(0.5 * neighbour.beta * section.pitch), _omega(section, neighbour.frequency)
    chi = (section.across, section.up)
    weighted = [part.sign * float(np.sum(part.e * part.h / x)) for part, x in zip(neighbour.parts, chi, strict=True)]
    slope = sum(weighted) / sum(part.flux for part in neighbour.parts)
    shift = b**2 + slope * (_omega(section, frequency) ** 2 - omega**2)
    start = np.concatenate([part.e.ravel() for part in neighbour.parts])
    return _nearest_modes(section, frequency, count, shift, start)


def _nearest_modes(
    section: CrossSection, frequency: float, count: int, shift: float, start: Floats
) -> tuple[Mode, ...]:
    """The guided ones among the modes whose B² are nearest to a shift, by falling effective index."""
    omega = _omega(section, frequency)
    p, q = _operators(section, omega)
    operator = (p @ q).tocsc()
    # Its pattern is symmetric and its diagonal needs no pivots: half the fill-in of SuperLU's own choice.
    factors = splu(
        operator - shift * sp.identity(len(start), format="csc"),
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0.0,
        options={"SymmetricMode": True},
    )
    inverse = LinearOperator(operator.shape, factors.solve, dtype=float)
    try:
        values, vectors = eigs(operator, k=count, sigma=shift, v0=start, OPinv=inverse)
    except ArpackNoConvergence as error:
        raise FdtdOnnError(f"the mode solver did not converge at {1 / frequency:.4f} µm: {error}") from error
    light_line = _light_line(section, omega)
    order = [k for k in np.argsort(-values.real) if values[k].real > light_line]
    return tuple(_mode(section, frequency, float(np.sqrt(values[k].real)), vectors[:, k].real, q) for k in order)


def _omega(section: CrossSection, frequency: float) -> float:
    """The discrete Ω."""
    return float((2 / section.dt) * np.sin(np.pi * frequency * section.dt))


def _light_line(section: CrossSection, omega: float) -> float:
    """The highest B² of what can carry light away: claddings above and below, and the films at the window's sides."""
    bulk = omega**2 / min(section.across[:, [0, -1]].min(), section.up[:, [0, -1]].min())
    return max(bulk, *(_film_line(section, side, omega) for side in (0, -1)))


def _film_line(section: CrossSection, side: int, omega: float) -> float:
    """The highest B² of a wave in the films at one side of the window, its electric field level or upright."""
    ones = np.ones(section.up.shape[1]) / section.pitch**2
    level = _highest(omega**2 / section.across[side] - ones[1:] - ones[:-1], ones[1:-1])
    stiffness, epsilon = np.pad(section.along[side], 1) / section.pitch**2, 1 / section.up[side]
    diagonal, scale = (omega**2 - stiffness[1:] - stiffness[:-1]) * epsilon, np.sqrt(epsilon)
    return max(level, _highest(diagonal, stiffness[1:-1] * scale[1:] * scale[:-1]))


def _highest(diagonal: Floats, off: Floats) -> float:
    """Largest eigenvalue of a symmetric tridiagonal matrix."""
    last = len(diagonal) - 1
    return float(eigh_tridiagonal(diagonal, off, eigvals_only=True, select="i", select_range=(last, last))[0])


def _operators(section: CrossSection, omega: float) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """P: (Hz, Hy) → (Ey, Ez) and Q back."""
    n, m = section.across.shape[0], section.up.shape[1]
    forward_y, forward_z = (_difference(size, section.pitch) for size in (n, m))
    inner_y, inner_z = sp.identity(n - 1), sp.identity(m - 1)
    all_y, all_z = sp.identity(n), sp.identity(m)
    # From the points of Hz (n, m − 1) and Hy (n − 1, m) to the inner integer points (n − 1, m − 1), and back.
    dy_hz, dz_hy = sp.kron(forward_y, inner_z), sp.kron(inner_y, forward_z)
    curl = sp.hstack([dy_hz, -dz_hy])
    back = sp.vstack([-sp.kron(forward_y.T, inner_z), -sp.kron(inner_y, forward_z.T)])
    chi = sp.diags(section.along.ravel())
    swap = sp.block_diag([sp.identity(n * (m - 1)), -sp.identity((n - 1) * m)])
    p = omega * swap + (1 / omega) * back @ chi @ curl
    # From Ey (n, m − 1) and Ez (n − 1, m) to the points of Hx (n, m), and back.
    dz_ey, dy_ez = sp.kron(all_y, -forward_z.T), sp.kron(-forward_y.T, all_z)
    curl_e = sp.hstack([-dz_ey, dy_ez])
    back_h = sp.vstack([-sp.kron(all_y, forward_z), -sp.kron(forward_y, all_z)])
    inverse = sp.diags(np.concatenate([1 / section.across.ravel(), -1 / section.up.ravel()]))
    q = omega * inverse + (1 / omega) * back_h @ curl_e
    return p.tocsr(), q.tocsr()


def _difference(size: int, pitch: float) -> sp.csr_matrix:
    """(size − 1, size): difference of neighbours."""
    return sp.diags([-1.0, 1.0], [0, 1], shape=(size - 1, size), format="csr") / pitch


def _mode(section: CrossSection, frequency: float, b: float, vector: Floats, q: sp.csr_matrix) -> Mode:
    beta = (2 / section.pitch) * np.arcsin(0.5 * b * section.pitch)
    # A mirror turns the magnetic field, an axial vector, round; it is solved for in a right-handed frame.
    e, h = vector, section.handedness * (q @ vector) / b
    split = section.across.size
    parts = (
        Part(e[:split].reshape(section.across.shape), h[:split].reshape(section.across.shape), section.handedness),
        Part(e[split:].reshape(section.up.shape), h[split:].reshape(section.up.shape), -section.handedness),
    )
    return normalised(frequency, float(beta), section.pitch, parts)


def te_fraction(mode: Mode) -> float:
    """Share of the flux carried by the in-plane electric field: about 1 for TE-like, about 0 for TM-like modes."""
    in_plane, upright = (part.flux for part in mode.parts)
    return in_plane / (in_plane + upright)
