"""An absorbing film on top of a guide, in the upright plane along it."""

from __future__ import annotations

from dataclasses import replace

from fdtd_onn.geometry.shapes import Geometry, rectangle
from fdtd_onn.specs.device import Absorber, AnyDevice, LayerPlacement


def coated(plane: Geometry, device: AnyDevice) -> Geometry:
    """The upright plane through a device, with the film that lies on its section, if it has one."""
    if not (isinstance(device, Absorber) and isinstance(device.placement, LayerPlacement)):
        return plane
    (low, top), film, half = plane.y_range_um, device.placement, 0.5 * device.parameters.length_um
    layer = rectangle(-half, half, top, top + film.thickness_um, film.index, "absorber")
    return replace(plane, regions=(*plane.regions, layer), y_range_um=(low, top + film.thickness_um))
