"""Topology of the rectangular mesh of Mach–Zehnder interferometers (Clements et al., Optica 3, 1460 (2016)).

Guides are numbered from the bottom, as ports are in the plane of the chip (o1 lowest on the left), so a node on the
pair (i, i+1) has guide i below and i+1 above. Light passes a node from left to right through

    external phase shifter φ on guide i, coupler, internal phase shifter θ on guide i, coupler.

Both arms carry the same phase-shifter section; the one that is not driven stays at zero heating, and so does every
guide that a column leaves idle. N output shifters, one per guide, follow the last column: N(N−1)/2 nodes of two phases
and N outputs make the N² phases of an arbitrary unitary matrix.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class MeshTopology:
    """Where the couplers and the driven shifters of a mesh are.

    ports: number of guides N.
    blocks: guides that each column's nodes cover, as a slice of even length; consecutive two form a pair.
    shifter_plane, shifter_guide: (N²,) the place of each driven phase. Planes 2c and 2c+1 are the external and internal
        shifters of column c, the last plane (2·columns) the output shifters.
    """

    ports: int
    blocks: tuple[slice, ...]
    shifter_plane: NDArray[np.intp]
    shifter_guide: NDArray[np.intp]

    @property
    def planes(self) -> int:
        """Number of shifter planes, the output plane included."""
        return 2 * len(self.blocks) + 1


def column_blocks(ports: int) -> tuple[slice, ...]:
    """Guides coupled in each column: pairs (0,1), (2,3), … in even columns and (1,2), (3,4), … in odd ones."""
    blocks = []
    for column in range(ports):
        start = column % 2
        pairs = (ports - start) // 2
        if pairs > 0:
            blocks.append(slice(start, start + 2 * pairs))
    return tuple(blocks)


def clements(ports: int) -> MeshTopology:
    """The rectangular mesh on `ports` guides; phases run plane by plane, in each plane from the lowest guide up."""
    blocks = column_blocks(ports)
    driven = [np.arange(b.start, b.stop, 2) for b in blocks for _shifter in ("external", "internal")]
    driven.append(np.arange(ports))
    plane = np.repeat(np.arange(len(driven)), [guides.size for guides in driven])
    return MeshTopology(ports, blocks, plane, np.concatenate(driven))
