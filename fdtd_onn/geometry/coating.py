"""An absorbing film on top of a guide: in the upright plane along it, and seen from above."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.geometry.shapes import Geometry, rectangle
from fdtd_onn.specs.device import Absorber, AnyDevice, LayerPlacement


def coated(plane: Geometry, device: AnyDevice) -> Geometry:
    """The upright plane through a device, with the film that lies on its section, if it has one."""
    if not (isinstance(device, Absorber) and isinstance(device.placement, LayerPlacement)):
        return plane
    (low, top), film, half = plane.y_range_um, device.placement, 0.5 * device.parameters.length_um
    layer = rectangle(-half, half, top, top + film.thickness_um, film.index, "absorber")
    return replace(plane, regions=(*plane.regions, layer), y_range_um=(low, top + film.thickness_um))


def film_outline(device: AnyDevice) -> NDArray[np.float64] | None:
    """Corners (4, 2) of the film on the chip, as wide as the guide; None for a device without one."""
    if not (isinstance(device, Absorber) and isinstance(device.placement, LayerPlacement)):
        return None
    x, y = 0.5 * device.parameters.length_um, 0.5 * device.parameters.width_um
    return np.array([(-x, -y), (x, -y), (x, y), (-x, y)])
