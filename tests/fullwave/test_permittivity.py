import re

import numpy as np
import pytest

from fdtd_onn.errors import FdtdOnnError
from fdtd_onn.fullwave.grid import Grid
from fdtd_onn.fullwave.meep import meep
from fdtd_onn.fullwave.permittivity import permittivity
from fdtd_onn.geometry.shapes import Geometry, Layer, Region, rectangle
from tests.fullwave.loaded_permittivity import ENTRIES, held, largest_difference
from tests.fullwave.support import needs_engine, on_ranks

CORE, CLADDING = 2.85, 1.444
BAR = np.array([(-9.0, -0.21), (9.0, -0.21), (9.0, 0.21), (-9.0, 0.21)])


def of_regions(*regions):
    return Geometry(regions, CLADDING, (), (-0.5, 0.5), (-0.5, 0.5))


def averaged_by_meep(grid, shape):
    mp = meep()
    sim = mp.Simulation(
        cell_size=mp.Vector3(*grid.size_um),
        resolution=grid.resolution,
        geometry=[shape],
        default_material=mp.Medium(index=CLADDING),
        eps_averaging=True,
        subpixel_tol=1e-6,
        subpixel_maxeval=1_000_000,
        dimensions=2,
    )
    sim._init_structure(mp.Vector3())
    return sim.structure


def largest_differences(grid, shape, vertices):
    """From Meep's own averages, of the entries of χ that it averages over pixels too."""
    chi = permittivity(of_regions(Region(vertices, CORE, "core")), grid)
    structure = averaged_by_meep(grid, shape)
    return [
        np.abs(held(structure, grid, component, direction) - getattr(chi, name)[1:-1, 1:-1]).max()
        for name, component, direction in ENTRIES
        if name != "zz"
    ]


@needs_engine
@pytest.mark.parametrize("resolution", [10, 16])
@pytest.mark.parametrize(("angle", "tolerance"), [(0.0, 1e-12), (0.1, 1e-5), (0.5, 1e-5), (0.785, 1e-5)])
def test_bars_agree_with_the_averages_of_meep(resolution, angle, tolerance):
    mp = meep()
    c, s = np.cos(angle), np.sin(angle)
    size, material = mp.Vector3(18.0, 0.42, 1.0), mp.Medium(index=CORE)
    block = mp.Block(size=size, e1=mp.Vector3(c, s), e2=mp.Vector3(-s, c), material=material)
    turned = BAR @ np.array([[c, s], [-s, c]])
    assert max(largest_differences(Grid(resolution, 16, 16, 0), block, turned)) < tolerance


@needs_engine
@pytest.mark.parametrize("resolution", [10, 20])
def test_circles_agree_with_the_averages_of_meep_but_for_its_straight_edges(resolution):
    """Meep takes the boundary in a pixel for a straight line with the normal nearest to the pixel's middle."""
    mp = meep()
    circle = mp.Cylinder(radius=0.37, height=1.0, material=mp.Medium(index=CORE))
    angle = 2 * np.pi * np.arange(2000) / 2000
    vertices = 0.37 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    assert max(largest_differences(Grid(resolution, 20, 20, 0), circle, vertices)) < 2e-3


@needs_engine
def test_the_engine_holds_what_it_was_given():
    assert largest_difference() < 1e-15


@needs_engine
def test_two_ranks_hold_what_they_were_given():
    run = on_ranks(2, "-m", "tests.fullwave.loaded_permittivity")
    found = re.search(r"ranks (\d) difference (\S+)", run.stdout)
    assert found, run.stderr
    assert found[1] == "2"
    assert float(found[2]) < 1e-15


def test_a_flat_boundary_has_the_textbook_averages():
    """χ across a boundary is the mean of 1/ε, along it the inverse of the mean of ε."""

    def mean(share, power):
        return share * CORE**power + (1 - share) * CLADDING**power

    grid, edge = Grid(10, 8, 8, 0), 0.08
    lying = permittivity(of_regions(rectangle(-9.0, 9.0, -9.0, edge, CORE, "core")), grid)
    standing = permittivity(of_regions(rectangle(-9.0, edge, -9.0, 9.0, CORE, "core")), grid)
    # Of the pixel from 0 to 0.1 µm 80 % is core, of the one from 0.05 to 0.15 µm 30 %.
    np.testing.assert_allclose(lying.yy[:, 4], mean(0.8, -2))
    np.testing.assert_allclose(standing.xx[4, :], mean(0.8, -2))
    np.testing.assert_allclose([lying.xx[:, 5], standing.yy[5, :]], 1 / mean(0.3, 2))
    # Under the hat around 0.1 µm lies ½ + t − t²/2 of it, of its left half all, for t = −0.2: ½·0.8².
    np.testing.assert_allclose([lying.zz[:, 5], standing.zz[5, :]], 1 / mean(0.5 * 0.8**2, 2))
    np.testing.assert_array_equal([lying.xy, standing.xy], 0.0)


def test_layers_and_regions_are_averaged_alike_out_of_the_plane():
    face, grid = 0.037, Grid(10, 8, 8, 0)
    region = permittivity(of_regions(rectangle(-9.0, 9.0, -9.0, face, CORE, "core")), grid)
    layer = Geometry((), CLADDING, (), (-0.5, 0.5), (-0.5, 0.5), layers=(Layer(CORE, (-np.inf, face)),))
    np.testing.assert_allclose(permittivity(layer, grid).zz, region.zz, rtol=1e-12)


def test_overlapping_regions_are_refused():
    one, other = rectangle(-0.3, 0.1, -0.2, 0.2, CORE, "core"), rectangle(0.0, 0.3, -0.2, 0.2, CORE, "core")
    with pytest.raises(FdtdOnnError, match=r"overlap: a pixel is covered 2\.000 times"):
        permittivity(of_regions(one, other), Grid(20, 16, 16, 0))
