"""Walls and gaps of a drawing that are too thin for a grid."""

from __future__ import annotations

from collections.abc import Sequence

import gdstk
import numpy as np

from fdtd_onn.geometry.gds_read import ROUNDING_UM, polygon
from fdtd_onn.geometry.shapes import Geometry

# A wedge between two guides that part is thin at its tip in any drawing: only what stays thin over this many times
# its width counts.
_SLENDER = 10.0


def thin_places(drawn: Geometry, limit_um: float) -> list[tuple[str, float, float]]:
    """Where a wall or a gap is thinner than the limit over a length: ("wall" or "gap", x, y) in µm."""
    core = [polygon(region.vertices) for region in drawn.regions]
    core = gdstk.boolean(core, [], "or", ROUNDING_UM)
    half = 0.5 * limit_um
    opened = _grown(_grown(core, -half), half)
    closed = _grown(_grown(core, half), -half)
    walls = gdstk.boolean(core, opened, "not", ROUNDING_UM)
    gaps = gdstk.boolean(closed, core, "not", ROUNDING_UM)
    places = []
    for what, pieces in (("wall", walls), ("gap", gaps)):
        for piece in pieces:
            if 0.5 * piece.perimeter() > _SLENDER * limit_um and piece.area() > ROUNDING_UM * piece.perimeter():
                x, y = np.mean(piece.points, axis=0)
                places.append((what, float(x), float(y)))
    return places


def _grown(polygons: Sequence[gdstk.Polygon], by_um: float) -> list[gdstk.Polygon]:
    # Sharp corners stay sharp, or opening would take them for thin.
    return gdstk.offset(polygons, by_um, join="miter", tolerance=10, precision=ROUNDING_UM, use_union=True)
