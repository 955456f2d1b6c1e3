"""Topologies of meshes of Mach–Zehnder interferometers: where nodes, couplers and phase shifters are.

Guides are numbered from the bottom, as ports are in the plane of the chip (o1 lowest on the left), so a node on the
pair (i, i+1) has guide i below and i+1 above. Light passes a node from left to right through

    external phase shifter φ on guide i, coupler, internal phase shifter θ on guide i, coupler.

Both arms carry the same phase-shifter section; the one that is not driven has no heating of its own, and neither has
any guide that a column leaves idle. N output shifters, one per guide, follow the last column: N(N−1)/2 nodes of two
phases and N outputs make the N² phases of an arbitrary unitary matrix.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.network.models import Real
from fdtd_onn.specs.layout import TopologyName

Indices = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class MeshTopology:
    """Where the couplers and the driven shifters of a mesh are.

    ports: number of guides N.
    columns: (nodes,) the lower guide of every node, column by column, ascending.
    Planes 2c and 2c+1 are the external and internal shifters of column c, each followed by that column's couplers; the
    last plane (2·columns) holds the output shifters.
    coupler_plane, coupler_guide: (K,) the shifter plane before each coupler, and its lower guide.
    shifter_plane, shifter_guide: (P,) the place of each driven phase.
    """

    ports: int
    columns: tuple[Indices, ...]
    coupler_plane: Indices
    coupler_guide: Indices
    shifter_plane: Indices
    shifter_guide: Indices

    @property
    def planes(self) -> int:
        """Number of shifter planes, the output plane included."""
        return 2 * len(self.columns) + 1

    @cached_property
    def coupler_at(self) -> Indices:
        """(planes, N) which of the K couplers is behind a plane with this lower guide; −1 where none is."""
        which = np.full((self.planes, self.ports), -1, dtype=np.intp)
        which[self.coupler_plane, self.coupler_guide] = np.arange(self.coupler_guide.size)
        return which

    @cached_property
    def shifter_at(self) -> Indices:
        """(P,) the places of the driven phases in a raveled (planes, N)."""
        return self.shifter_plane * self.ports + self.shifter_guide

    def as_driven(self, sections: Real) -> Real:
        """Phases (P, ...) of driven sections alone that come to the same as phases (planes·N, ...) of all sections.

        The same phase on both guides of a coupler may as well stand behind it, whatever the coupler. So what a section
        that is not driven adds to the light is taken off its driven partner and added to both guides of the next
        plane; idle guides hand theirs on. All guides of the last plane are driven, so that nothing is left over: the
        transfer matrix is the same, its outputs' phases included, if no section's loss depends on its phase.
        """
        phases = sections.reshape(self.planes, self.ports, *sections.shape[1:]).copy()
        for plane in range(self.planes - 1):
            driven = self.shifter_guide[self.shifter_plane == plane]
            common = phases[plane].copy()
            common[driven] = phases[plane, driven + 1]
            phases[plane] -= common
            phases[plane + 1] += common
        return phases[self.shifter_plane, self.shifter_guide]


def topology(name: TopologyName, ports: int) -> MeshTopology:
    """The mesh of that name on `ports` guides."""
    return {"clements": clements, "reck": reck}[name](ports)


def clements(ports: int) -> MeshTopology:
    """The rectangular mesh (Clements et al., Optica 3, 1460 (2016)): N columns, on even and odd pairs in turn."""
    columns = [np.arange(c % 2, ports - 1, 2) for c in range(ports)]
    return of_columns(ports, columns)


def reck(ports: int) -> MeshTopology:
    """The triangular mesh (Reck et al., Phys. Rev. Lett. 73, 58 (1994)), its diagonals laid into 2N − 3 columns."""
    last = 2 * ports - 4
    return of_columns(ports, [np.arange(c % 2, min(c, last - c) + 1, 2) for c in range(last + 1)])


def of_columns(ports: int, columns: Sequence[Indices]) -> MeshTopology:
    """The mesh of these columns, empty ones left out.

    Phases and couplers run plane by plane, in each plane from the lowest guide up.
    """
    filled = tuple(column.astype(np.intp) for column in columns if column.size)
    per_plane = [column for column in filled for _shifter in ("external", "internal")]
    coupler_plane, coupler_guide = _places(per_plane)
    shifter_plane, shifter_guide = _places([*per_plane, np.arange(ports)])
    return MeshTopology(ports, filled, coupler_plane, coupler_guide, shifter_plane, shifter_guide)


def _places(per_plane: Sequence[Indices]) -> tuple[Indices, Indices]:
    plane = np.repeat(np.arange(len(per_plane)), [guides.size for guides in per_plane])
    return plane, np.concatenate([np.empty(0, np.intp), *per_plane])
