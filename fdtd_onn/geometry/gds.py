"""Devices to and from GDSII layout files."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import gdstk
import numpy as np
from numpy.typing import NDArray

from fdtd_onn.atomic import whole_file
from fdtd_onn.errors import BadInput
from fdtd_onn.geometry.coating import film_outline
from fdtd_onn.geometry.devices import geometry
from fdtd_onn.geometry.gds_read import read_gds
from fdtd_onn.geometry.shapes import Geometry
from fdtd_onn.specs.device import AnyDevice

__all__ = ["GDS_LAYERS", "GDS_PORT_LAYER", "read_gds", "write_gds"]

#: (layer, datatype) by what a region is; a groove is core too, under a shallow etch.
GDS_LAYERS = {"core": (1, 0), "heated core": (2, 0), "absorber": (3, 0), "groove": (5, 0)}
#: (layer, datatype) of the film that a rib's etch leaves; it is drawn this far beyond the device's sides.
GDS_SLAB_LAYER, SLAB_MARGIN_UM = (4, 0), 3.0
#: (layer, texttype) of the labels at the ports.
GDS_PORT_LAYER = (10, 0)
GRID_UM = 1e-3
_MOST_POINTS = 8190  # of a polygon in a GDSII record; larger ones are divided, and `read_gds` unites them again
# The same device gives the same bytes, whose hash stands for them in the key of a run.
_TIMESTAMP = datetime(2000, 1, 1)


def write_gds(device: AnyDevice, file: str | Path) -> None:
    """Write a device, from port to port, as one cell of its name: polygons by GDS_LAYERS, a label at every port.

    The slab of a rib is a layer of its own; regions that come from a drawing keep the layers that they have there.
    The unit is 1 µm and corners are rounded to 1 nm. The file appears whole or not at all. Raises BadInput if it cannot
    be written.
    """
    library = gdstk.Library(device.name, unit=1e-6, precision=1e-9)
    cell = library.new_cell(device.name)
    add_device(cell, device)
    for port in geometry(device, 0.0).ports:
        layer, texttype = GDS_PORT_LAYER
        cell.add(gdstk.Label(port.name, (port.x_um, port.y_um), layer=layer, texttype=texttype))
    write_library(library, file)


def add_device(cell: gdstk.Cell, device: AnyDevice, origin_um: tuple[float, float] = (0.0, 0.0)) -> None:
    """Draw a device, from port to port, by GDS_LAYERS, into a cell whose (0, 0) is the device's `origin_um`."""
    drawn = geometry(device, 0.0)
    for region in drawn.regions:
        layer, datatype = GDS_LAYERS[region.role] if region.layer is None else region.layer
        cell.add(gdstk.Polygon(_on_grid(region.vertices - origin_um).tolist(), layer, datatype))
    if device.stack is not None and device.stack.slab_um > 0.0:
        cell.add(gdstk.Polygon(_on_grid(_slab(drawn) - origin_um).tolist(), *GDS_SLAB_LAYER))
    film = film_outline(device)
    if film is not None:
        cell.add(gdstk.Polygon(_on_grid(film - origin_um).tolist(), *GDS_LAYERS["absorber"]))


def write_library(library: gdstk.Library, file: str | Path) -> None:
    """Write a file that appears whole or not at all. Raises BadInput if it cannot be written."""
    try:
        with whole_file(Path(file)) as part:
            library.write_gds(part, max_points=_MOST_POINTS, timestamp=_TIMESTAMP)
    except (OSError, ValueError) as error:
        raise BadInput(str(file), "a file that can be written", error, "Choose another folder or name.") from error


def _slab(drawn: Geometry) -> NDArray[np.float64]:
    """From port to port, and a margin to the sides without one."""
    sides = {(port.axis, port.outward) for port in drawn.ports}
    margins = [[0.0 if (axis, out) in sides else out * SLAB_MARGIN_UM for axis in "xy"] for out in (-1, 1)]
    (x0, y0), (x1, y1) = np.array(margins) + np.transpose([drawn.x_range_um, drawn.y_range_um])
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])


def _on_grid(vertices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rounded to the grid, without corners that coincide then."""
    rounded = np.round(vertices / GRID_UM)
    return np.asarray(rounded[np.any(rounded != np.roll(rounded, 1, axis=0), axis=1)] * GRID_UM)
