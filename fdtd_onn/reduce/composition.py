"""S-matrices joined port to port.

Source: R. Redheffer, "On a certain linear fractional transformation", J. Math. Phys. 39, 269 (1960), in the form for
arbitrary joints of V. Monaco and P. Tiberio, IEEE Trans. Microw. Theory Tech. 22, 650 (1974).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import BadInput

Complex = NDArray[np.complex128]


def star_product(s_a: Complex, s_b: Complex, joints: Sequence[tuple[int, int]]) -> Complex:
    """Join two circuits and return S[out, in] over the ports left open, those of a first, each in its own order.

    s_a: (..., n, n), s_b: (..., m, m), leading axes broadcast. joints: pairs (port of a, port of b), each port once.
    Every path through the joints is summed, multiple reflections included. Raises BadInput for joints that name a
    port twice or one that does not exist.
    """
    n, m = s_a.shape[-1], s_b.shape[-1]
    _check(joints, n, m)
    inner = [a for a, _ in joints] + [n + b for _, b in joints]
    outer = [port for port in range(n + m) if port not in inner]
    lead = np.broadcast_shapes(s_a.shape[:-2], s_b.shape[:-2])
    s = np.zeros((*lead, n + m, n + m), dtype=complex)
    s[..., :n, :n], s[..., n:, n:] = s_a, s_b
    # What leaves one side of a joint enters its other side.
    swap = np.roll(np.eye(len(inner)), len(joints), axis=0)
    entering = np.linalg.solve(
        np.eye(len(inner)) - swap @ s[..., inner, :][..., inner], swap @ s[..., inner, :][..., outer]
    )
    return np.asarray(s[..., outer, :][..., outer] + s[..., outer, :][..., inner] @ entering)


def cascade(s: Complex, sections: int) -> Complex:
    """Put equal 2-ports S (..., 2, 2) in series, o2 of each joined to o1 of the next, by repeated doubling."""
    if s.shape[-2:] != (2, 2) or sections < 1:
        got = f"S of shape {s.shape} and {sections} sections"
        raise BadInput("cascade", "2-ports (..., 2, 2) and at least one section", got, "Use star_product otherwise.")
    if sections == 1:
        return s
    half = cascade(s, sections // 2)
    doubled = star_product(half, half, [(1, 0)])
    return star_product(doubled, s, [(1, 0)]) if sections % 2 else doubled


def _check(joints: Sequence[tuple[int, int]], n: int, m: int) -> None:
    for side, ports, count in (("a", [a for a, _ in joints], n), ("b", [b for _, b in joints], m)):
        if len(set(ports)) != len(ports) or not all(0 <= port < count for port in ports):
            expected = f"different ports of {side} from 0 to {count - 1}"
            raise BadInput("joints", expected, list(joints), "Join each port at most once.")
