"""S-matrices of an assembly's parts, joined: what leaves it, and the waves at every port within."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.geometry.assembly import Connections, End

Complex = NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class Joined:
    """What joining gives.

    s: (n_wl, n, n) S[out, in] of the open ports. entering: (n_wl, m, n) waves into the parts' m ends, for light into
    each open port.
    """

    s: Complex
    entering: Complex
    ends: tuple[End, ...]

    def into(self, end: End) -> Complex:
        """(n_wl, n) wave into one end, for light into each open port."""
        return self.entering[:, self.ends.index(end)]


def join(found: Connections, s_parts: Sequence[Complex]) -> Joined:
    """Solve for all waves at once, multiple reflections included; s_parts: (n_wl, p, p) of each part, in order.

    With a the waves into the ends, S a those out of them, and J the joints that turn out into in: a = J S a + e
    (Monaco and Tiberio, IEEE Trans. Microw. Theory Tech. 22, 650 (1974)).
    """
    ends = tuple((number, port.name) for number, part in enumerate(found.parts) for port in part.ports)
    place = {end: k for k, end in enumerate(ends)}
    apart = _block_diagonal(s_parts)
    partner = np.zeros(apart.shape[1:])
    for left, right in found.joints:
        partner[place[left], place[right]] = partner[place[right], place[left]] = 1.0
    open_places = [place[end] for end in found.open_ends.values()]
    sources = np.eye(len(ends))[:, open_places]
    entering = np.linalg.solve(np.eye(len(ends)) - partner @ apart, sources[None])
    return Joined((apart @ entering)[:, open_places], entering, ends)


def transmission_only(found: Connections, s_parts: Sequence[Complex]) -> list[Complex]:
    """The parts without what they return to their own side."""
    kept = []
    for part, s in zip(found.parts, s_parts, strict=True):
        side = np.array([port.outward for port in part.ports])
        kept.append(np.where(side[:, None] == side, 0.0, s))
    return kept


def _block_diagonal(blocks: Sequence[Complex]) -> Complex:
    counts = np.cumsum([0, *(block.shape[-1] for block in blocks)])
    whole = np.zeros((len(blocks[0]), counts[-1], counts[-1]), dtype=complex)
    for block, start, stop in zip(blocks, counts, counts[1:], strict=False):
        whole[:, start:stop, start:stop] = block
    return whole
