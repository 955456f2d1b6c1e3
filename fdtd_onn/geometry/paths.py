"""Centre lines of guides, and the guides drawn along them.

Curves are polylines whose chords deviate from the curve by less than the tolerance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import quad

from fdtd_onn.geometry.shapes import Region

Floats = NDArray[np.float64]

QUARTER_TURN = 0.5 * np.pi
TOLERANCE_UM = 1e-5


@dataclass(frozen=True, eq=False)
class Path:
    """A centre line: points (m, 2) in µm, tangent directions (m,) in rad from +x, and the curve's exact length."""

    points: Floats
    angles: Floats
    length_um: float

    def moved(self, dx_um: float, dy_um: float) -> Path:
        """The path elsewhere."""
        return Path(self.points + np.array([dx_um, dy_um]), self.angles, self.length_um)

    def upside_down(self) -> Path:
        """The mirror image at the x axis."""
        return Path(self.points * (1.0, -1.0), -self.angles, self.length_um)

    def left_right(self) -> Path:
        """The mirror image at the y axis, run through the other way: still from left to right."""
        return Path(self.points[::-1] * (-1.0, 1.0), -self.angles[::-1], self.length_um)

    def then(self, other: Path) -> Path:
        """One path and then the other, with a straight line between them if there is a distance."""
        distance = float(np.hypot(*(other.points[0] - self.points[-1])))
        first = 1 if distance == 0.0 else 0
        return Path(
            np.concatenate([self.points, other.points[first:]]),
            np.concatenate([self.angles, other.angles[first:]]),
            self.length_um + distance + other.length_um,
        )

    def extended(self, start_um: float, stop_um: float) -> Path:
        """The path with straight pieces of these lengths before its start and after its end."""
        return self._end(0, -start_um).then(self).then(self._end(-1, stop_um))

    def _end(self, which: int, distance_um: float) -> Path:
        angle = self.angles[which]
        point = self.points[which] + distance_um * np.array([np.cos(angle), np.sin(angle)])
        return Path(point[None], self.angles[which, None], 0.0)

    def edges(self, width_um: float) -> tuple[Floats, Floats]:
        """Right and left edge (m, 2), each from start to end, of a guide of this width."""
        half = 0.5 * width_um * np.stack([-np.sin(self.angles), np.cos(self.angles)], axis=1)
        return self.points - half, self.points + half


def ribbon(path: Path, width_um: float, index: float, role: str) -> Region:
    """Guide of constant width along a centre line."""
    right, left = path.edges(width_um)
    return Region(np.concatenate([right, left[::-1]]), index, role)


def s_path(length_um: float, offset_um: float) -> Path:
    """The curve y = offset·(t − sin(2πt)/2π), t = x/length, from (0, 0).

    Its curvature is continuous and zero at both ends, so that light does not scatter where it meets straight guides.
    """
    curvature = 2 * np.pi * abs(offset_um) / length_um**2
    m = max(3, int(np.ceil(length_um * np.sqrt(curvature / (8 * TOLERANCE_UM)))) + 1)
    t = np.linspace(0.0, 1.0, m)
    y = offset_um * (t - np.sin(2 * np.pi * t) / (2 * np.pi))
    steepness = offset_um / length_um
    arc, _ = quad(lambda u: np.hypot(1.0, steepness * (1 - np.cos(2 * np.pi * u))), 0.0, 1.0, epsabs=1e-12)
    angles = np.arctan(steepness * (1 - np.cos(2 * np.pi * t)))
    return Path(np.stack([length_um * t, y], axis=1), angles, length_um * arc)


def bend_path(radius_um: float, euler_fraction: float) -> Path:
    """A turn to the left by 90°, from (0, 0) along +x to (radius, radius) along +y.

    The curvature rises linearly along a clothoid, stays, and falls along another; `euler_fraction` of the turn is in
    the two clothoids (0: a circular arc, 1: no arc). The curve is scaled so that it ends where the arc of `radius_um`
    does, and its least radius is smaller (Vogelbacher et al., Opt. Express 27, 31394 (2019): partial Euler bends).
    """
    clothoid = euler_fraction * QUARTER_TURN  # lengths in units of the least radius
    length = 2.0 * clothoid + (1.0 - euler_fraction) * QUARTER_TURN

    def angle(s: Floats) -> Floats:
        return np.piecewise(
            s,
            [s < clothoid, s > length - clothoid],
            [
                lambda u: u**2 / (2.0 * clothoid),
                lambda u: QUARTER_TURN - (length - u) ** 2 / (2.0 * clothoid),
                lambda u: u - 0.5 * clothoid,
            ],
        )

    joints = [0.0, clothoid, length - clothoid, length]
    reach, _ = quad(lambda s: float(np.cos(angle(np.array(s)))), 0.0, length, points=joints[1:3], epsabs=1e-13)
    least_radius = radius_um / reach
    # Half the tolerance: chords of the guide's outer edge are longer, and deviate up to twice as much.
    step = np.sqrt(4.0 * TOLERANCE_UM / least_radius)
    pieces = [np.linspace(a, b, 1 + int(np.ceil((b - a) / step)))[:-1] for a, b in pairwise(joints)]
    s = np.append(np.concatenate(pieces), length)
    points = least_radius * _integral_of_direction(angle, s)
    return Path(points, angle(s), least_radius * length)


def _integral_of_direction(angle: Callable[[Floats], Floats], s: Floats) -> Floats:
    """Points (m, 2) of the curve with these tangent angles, from (0, 0): Gauss–Legendre quadrature in each step."""
    nodes, weights = np.polynomial.legendre.leggauss(4)
    half = 0.5 * np.diff(s)[:, None]
    a = angle(s[:-1, None] + half * (1.0 + nodes))
    steps = half * np.stack([np.cos(a) @ weights, np.sin(a) @ weights], axis=1)
    return np.concatenate([np.zeros((1, 2)), np.cumsum(steps, axis=0)])
