"""Polygons from GDSII files, united so that neither seams nor overlaps are left."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import gdstk
import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import BadInput
from fdtd_onn.geometry.gds_records import check_records
from fdtd_onn.geometry.shapes import Region
from fdtd_onn.specs.device.drawing import read_gds_bytes

Floats = NDArray[np.float64]
Layer = tuple[int, int]

MOST_VERTICES = 1_000_000
DEEPEST_HIERARCHY = 100
LARGEST_COORDINATE_UM = 1e5
#: Corners are rounded to this when polygons are united: a tenth of the usual grid.
ROUNDING_UM = 1e-4


def read_gds(file: str | Path, cell: str | None, layers: Mapping[Layer, float]) -> tuple[Region, ...]:
    """Regions of a cell and all it refers to, from a GDSII file, in µm in the file's coordinates.

    cell: its name; None for the only top cell.  layers: refractive index by (layer, datatype).
    The polygons of each layer are united; where layers overlap, the one named later wins. A hole becomes part of the
    outline through a cut of no width, which `coverage` does not see. Raises BadInput for a file that is broken, larger
    than 64 MiB or 10⁶ vertices, and for cells or layers that it does not have.
    """
    path = Path(file)
    check_records(path, read_gds_bytes(path))
    top = _cell(path, _library(path), cell)
    _check_size(path, top)
    regions: list[Region] = []
    for (layer, datatype), index in layers.items():
        polygons = top.get_polygons(layer=layer, datatype=datatype)
        _check_polygons(path, top, (layer, datatype), polygons)
        below, regions = regions, []
        for region in below:
            rest = gdstk.boolean(polygon(region.vertices), polygons, "not", ROUNDING_UM)
            regions += _regions(rest, region.index, region.layer)
        regions += united(polygons, index, (layer, datatype))
    return tuple(regions)


def united(polygons: Sequence[gdstk.Polygon], index: float, layer: Layer | None) -> tuple[Region, ...]:
    """The regions that polygons cover together, corners rounded to 0.1 nm."""
    return _regions(gdstk.boolean(polygons, [], "or", ROUNDING_UM), index, layer)


def polygon(vertices: Floats) -> gdstk.Polygon:
    """The layout library's polygon of vertices (m, 2)."""
    return gdstk.Polygon(vertices.tolist())


def _regions(polygons: Sequence[gdstk.Polygon], index: float, layer: Layer | None) -> tuple[Region, ...]:
    return tuple(Region(np.asarray(p.points), index, "core", layer=layer) for p in polygons)


def _library(path: Path) -> gdstk.Library:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # it warns of records that it leaves out, such as absolute angles
            return gdstk.read_gds(path, unit=1e-6)
    except (OSError, RuntimeError, RuntimeWarning) as error:
        cure = "Write the file again from the layout tool, flattened."
        raise BadInput(str(path), "GDSII records that gdstk supports", error, cure) from error


def _cell(path: Path, library: gdstk.Library, name: str | None) -> gdstk.Cell:
    if name is None:
        tops = [c for c in library.top_level() if isinstance(c, gdstk.Cell)]
        if len(tops) != 1:
            names = ", ".join(sorted(c.name for c in tops))
            raise BadInput(str(path), "one top cell", f"{len(tops)} ({names})", "Name the cell.")
        return tops[0]
    cells = {c.name: c for c in library.cells if isinstance(c, gdstk.Cell)}
    if name not in cells:
        raise BadInput(str(path), f"a cell of {', '.join(sorted(cells))}", repr(name), "Name one of these.")
    return cells[name]


def _check_size(path: Path, top: gdstk.Cell) -> None:
    """A few lines of nested arrays can stand for any number of polygons: count before they are made."""
    counted: dict[str, int] = {}

    def count(cell: gdstk.Cell, above: tuple[str, ...]) -> int:
        if cell.name in above or len(above) == DEEPEST_HIERARCHY:
            got = "a cell that contains itself" if cell.name in above else "deeper ones"
            raise BadInput(str(path), f"at most {DEEPEST_HIERARCHY} levels of cells", got, "Flatten the layout.")
        if cell.name not in counted:
            counted[cell.name] = sum(_vertices(shape) for shape in [*cell.polygons, *cell.paths])
            for reference in cell.references:
                counted[cell.name] += max(1, reference.repetition.size) * count(reference.cell, (*above, cell.name))
        return counted[cell.name]

    vertices = count(top, ())
    if vertices > MOST_VERTICES:
        cure = "Keep only what is to be simulated."
        raise BadInput(str(path), f"at most {MOST_VERTICES} vertices in cell {top.name}", vertices, cure)


def _vertices(shape: gdstk.Polygon | gdstk.FlexPath | gdstk.RobustPath) -> int:
    """Of a polygon or a path, repetitions included."""
    outlines = [shape] if isinstance(shape, gdstk.Polygon) else shape.to_polygons()
    return max(1, shape.repetition.size) * sum(len(p.points) for p in outlines)


def _check_polygons(path: Path, top: gdstk.Cell, layer: Layer, polygons: Sequence[gdstk.Polygon]) -> None:
    if not polygons:
        there = sorted({(p.layer, p.datatype) for p in top.get_polygons()})
        names = ", ".join(f"{n}/{d}" for n, d in there) if there else "none"
        got, cure = f"layers {names}", "Name a layer that the cell has."
        raise BadInput(str(path), f"polygons on layer {layer[0]}/{layer[1]} of cell {top.name}", got, cure)
    farthest = max(float(np.abs(p.points).max()) for p in polygons)
    if not farthest <= LARGEST_COORDINATE_UM:
        raise BadInput(
            str(path), f"coordinates within {LARGEST_COORDINATE_UM:g} µm", f"{farthest:g}", "Move it to the origin."
        )
