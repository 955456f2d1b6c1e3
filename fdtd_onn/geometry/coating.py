"""Absorbing matter that is not the core's: a film on top of a guide, in a plane, in space and from above; a strip."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.geometry.shapes import Geometry, rectangle
from fdtd_onn.specs.device import Absorber, AnyDevice, LayerPlacement, StripPlacement


def coated(drawn: Geometry, device: AnyDevice) -> Geometry:
    """A device in space, or the upright plane through it, with its absorbing film or strip, if it has one."""
    if not isinstance(device, Absorber):
        return drawn
    if isinstance(device.placement, LayerPlacement):
        return _with_film(drawn, device, device.placement)
    return _with_own_index(drawn, device.placement) if isinstance(device.placement, StripPlacement) else drawn


def _with_film(drawn: Geometry, device: Absorber, film: LayerPlacement) -> Geometry:
    """The film on its section: as wide as the guide in space."""
    half, edge = 0.5 * device.parameters.length_um, 0.5 * device.parameters.width_um
    if drawn.z_range_um is None:
        low, top = drawn.y_range_um
        layer = rectangle(-half, half, top, top + film.thickness_um, film.index, "absorber")
        return replace(drawn, regions=(*drawn.regions, layer), y_range_um=(low, top + film.thickness_um))
    low, top = drawn.z_range_um
    heights = (top, top + film.thickness_um)
    layer = replace(rectangle(-half, half, -edge, edge, film.index, "absorber"), z_range_um=heights)
    return replace(drawn, regions=(*drawn.regions, layer), z_range_um=(low, heights[1]))


def _with_own_index(space: Geometry, strip: StripPlacement) -> Geometry:
    """The strip is not of the core's matter: what raised the core's index to that of its bulk leaves it alone."""
    regions = (replace(r, index=strip.index) if r.role == "absorber" else r for r in space.regions)
    return replace(space, regions=tuple(regions))


def film_outline(device: AnyDevice) -> NDArray[np.float64] | None:
    """Corners (4, 2) of the film on the chip, as wide as the guide; None for a device without one."""
    if not (isinstance(device, Absorber) and isinstance(device.placement, LayerPlacement)):
        return None
    x, y = 0.5 * device.parameters.length_um, 0.5 * device.parameters.width_um
    return np.array([(-x, -y), (x, -y), (x, y), (-x, y)])
