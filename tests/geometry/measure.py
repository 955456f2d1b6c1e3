"""What a drawing covers: widths on cuts, areas, and rasters."""

from __future__ import annotations

import numpy as np

from fdtd_onn.geometry.coverage import PixelGrid, coverage

FINE = 1 / 128


def covered(drawn, grid):
    return sum(coverage(region.vertices, grid)[0] for region in drawn.regions)


def raster(drawn, pitch=0.05, margin=0.5):
    """Coverage of the box and a margin around it, on pixels placed symmetrically about the box's centre."""
    centre = [0.5 * (low + high) for low, high in (drawn.x_range_um, drawn.y_range_um)]
    size = [high - low + 2 * margin for low, high in (drawn.x_range_um, drawn.y_range_um)]
    nx, ny = (int(np.ceil(s / pitch)) for s in size)
    return covered(drawn, PixelGrid(centre[0] - 0.5 * nx * pitch, centre[1] - 0.5 * ny * pitch, pitch, nx, ny))


def polygon_area(vertices):
    x, y = np.asarray(vertices).T
    return 0.5 * float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def area(drawn):
    return sum(polygon_area(region.vertices) for region in drawn.regions)


def cut(drawn, x, y, height=0.9, axis="x"):
    """Width of core, and its centre, on a cut through (x, y) across an axis."""
    n = round(height / FINE)
    if axis == "x":
        core = covered(drawn, PixelGrid(x - 0.5 * FINE, y - 0.5 * n * FINE, FINE, 1, n))[0]
    else:
        core = covered(drawn, PixelGrid(x - 0.5 * n * FINE, y - 0.5 * FINE, FINE, n, 1))[:, 0]
    places = (y if axis == "x" else x) + FINE * (np.arange(n) + 0.5 - 0.5 * n)
    return np.sum(core) * FINE, np.sum(core * places) / np.sum(core)


def beside(port, distance):
    """A point on the port's axis, this far outside its reference plane."""
    shift = port.outward * distance
    return (port.x_um + shift, port.y_um) if port.axis == "x" else (port.x_um, port.y_um + shift)
