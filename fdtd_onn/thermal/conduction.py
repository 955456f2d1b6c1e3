"""Heat conduction on a cross-section: finite volumes on a rectangular grid of cells.

For a temperature T(y, z) exp(iqx) above that of the wafer's lower face, and power p per volume,

    c ∂T/∂t − ∂y(k ∂y T) − ∂z(k ∂z T) + q² k T = p.

Between the middles of two neighbouring cells their thermal resistances are in series, which is exact across an
interface that lies on the cells' common face. The operator is symmetric and positive.
Source: S. V. Patankar, Numerical Heat Transfer and Fluid Flow (1980), sections 4.2 and 5.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.linalg import splu

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class HeatSection:
    """Matter on the cells between y_edges (ny + 1,) and z_edges (nz + 1,), µm.

    conductivity, capacity: (ny, nz), mW/(µm K) and mW µs/(µm³ K). convection: through the upper face, mW/(µm² K).
    The lower face is kept at temperature zero; no heat crosses the sides.
    """

    y_edges: Real
    z_edges: Real
    conductivity: Real
    capacity: Real
    convection: float

    @property
    def y(self) -> Real:
        """(ny,) middles of the cells."""
        return 0.5 * (self.y_edges[1:] + self.y_edges[:-1])

    @property
    def z(self) -> Real:
        """(nz,) middles of the cells."""
        return 0.5 * (self.z_edges[1:] + self.z_edges[:-1])

    @property
    def areas(self) -> Real:
        """(ny, nz) of the cells, µm²."""
        return np.outer(np.diff(self.y_edges), np.diff(self.z_edges))

    @property
    def capacities(self) -> Real:
        """(ny·nz,) of the cells per length, mW µs/(µm K)."""
        return (self.capacity * self.areas).ravel()

    def operator(self, q: float = 0.0) -> sp.csc_matrix:
        """Conductances per length between cells, to the sinks, and (q in rad/µm) along x; mW/(µm K)."""
        shape = self.conductivity.shape
        index = np.arange(self.conductivity.size).reshape(shape)
        dy, dz = np.diff(self.y_edges)[:, None], np.diff(self.z_edges)[None, :]
        across, up = 0.5 * dy / self.conductivity, 0.5 * dz / self.conductivity
        links = (
            (index[:-1], index[1:], dz / (across[:-1] + across[1:])),
            (index[:, :-1], index[:, 1:], dy / (up[:, :-1] + up[:, 1:])),
        )
        rows = np.concatenate([a.ravel() for a, _, _ in links])
        columns = np.concatenate([b.ravel() for _, b, _ in links])
        values = np.concatenate([np.broadcast_to(g, a.shape).ravel() for a, _, g in links])
        between = sp.coo_matrix((values, (rows, columns)), shape=(index.size, index.size))
        between = between + between.T
        own = np.asarray(between.sum(axis=1)).ravel() + self._to_sinks() + q**2 * self._along()
        return (sp.diags(own) - between).tocsc()

    def sink_power(self, temperature: Real) -> float:
        """Power per length (mW/µm) that leaves through the lower face and by convection."""
        return float(self._to_sinks() @ temperature.ravel())

    def _along(self) -> Real:
        return (self.conductivity * self.areas).ravel()

    def _to_sinks(self) -> Real:
        """(ny·nz,) conductance from every cell to the lower face's temperature or to the air."""
        out = np.zeros_like(self.conductivity)
        dy, dz = np.diff(self.y_edges), np.diff(self.z_edges)
        out[:, 0] += dy * self.conductivity[:, 0] / (0.5 * dz[0])
        if self.convection > 0.0:
            out[:, -1] += dy / (0.5 * dz[-1] / self.conductivity[:, -1] + 1.0 / self.convection)
        return out.ravel()

    def weights(self, y: Real, z: Real, values: Real) -> Real:
        """(ny·nz,) so that weights @ T is Σ values·T(y, z), T being linear between the middles of cells."""
        total = np.zeros(self.conductivity.size)
        for cell, share in self._around(y, z):
            np.add.at(total, cell, values * share)
        return total

    def at(self, temperature: Real, y: Real, z: Real) -> Real:
        """The temperature (ny·nz,) at places (m,), linear between the middles of cells."""
        return np.asarray(sum(share * temperature[cell] for cell, share in self._around(y, z)))

    def _around(self, y: Real, z: Real) -> Iterator[tuple[NDArray[np.intp], Real]]:
        """The four cells around each place, and their shares."""
        iy, fy = _bracket(self.y, y)
        iz, fz = _bracket(self.z, z)
        for oy, wy in ((0, 1.0 - fy), (1, fy)):
            for oz, wz in ((0, 1.0 - fz), (1, fz)):
                yield (iy + oy) * len(self.z) + iz + oz, wy * wz


def solver(operator: sp.csc_matrix) -> Callable[[Real], Real]:
    """Factorise a symmetric operator once: the function from powers per length to temperatures, both (ny·nz,)."""
    factors = splu(operator, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    return lambda power: np.asarray(factors.solve(power))


def _bracket(middles: Real, x: Real) -> tuple[NDArray[np.intp], Real]:
    """Index of the middle below each x, and x's share of the way to the next; beyond the ends the end's value."""
    below = np.clip(np.searchsorted(middles, x) - 1, 0, len(middles) - 2)
    share = (x - middles[below]) / (middles[below + 1] - middles[below])
    return below, np.clip(share, 0.0, 1.0)
