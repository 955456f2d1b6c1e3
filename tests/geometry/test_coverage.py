import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fdtd_onn.geometry.coverage import PixelGrid, coverage, hat_coverage

GRID = PixelGrid(-0.7, -0.55, 0.2, 7, 6)


def shoelace(v):
    x, y = v.T
    return 0.5 * np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)


def clipped(vertices, axis, limit, side):
    """The part of a polygon on one side of a grid line (Sutherland and Hodgman)."""
    kept = []
    for a, b in zip(vertices, np.roll(vertices, -1, axis=0), strict=True):
        da, db = side * (a[axis] - limit), side * (b[axis] - limit)
        if da >= 0:
            kept.append(a)
        if da * db < 0:
            kept.append(a + (b - a) * da / (da - db))
    return np.array(kept).reshape(-1, 2)


def pixel_by_pixel(vertices, grid):
    """The same areas by clipping the polygon to each pixel."""
    areas = np.empty((grid.nx, grid.ny))
    for i, j in np.ndindex(areas.shape):
        part = vertices
        for axis, low in ((0, grid.x0 + i * grid.pitch), (1, grid.y0 + j * grid.pitch)):
            for limit, side in ((low, 1), (low + grid.pitch, -1)):
                part = clipped(part, axis, limit, side)
        areas[i, j] = shoelace(part) / grid.pitch**2
    return areas


@st.composite
def star_polygons(draw):
    """Simple polygons, counter-clockwise and as ragged as one likes, some of them partly outside the grid."""
    count = draw(st.integers(5, 12))
    jitter = draw(st.lists(st.floats(0.0, 0.9), min_size=count, max_size=count))
    radii = draw(st.lists(st.floats(0.05, 1.0), min_size=count, max_size=count))
    centre = [draw(st.floats(-0.4, 0.4)), draw(st.floats(-0.4, 0.4))]
    angle = 2 * np.pi * (np.arange(count) + jitter) / count
    return centre + np.array(radii)[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)


@given(star_polygons())
def test_every_pixel_agrees_with_clipping_the_polygon_to_it(vertices):
    area, _normal = coverage(vertices, GRID)
    np.testing.assert_allclose(area, pixel_by_pixel(vertices, GRID), atol=1e-12)


@given(star_polygons(), st.floats(-0.3, 0.3), st.floats(-0.3, 0.3))
def test_a_moved_polygon_keeps_its_area_and_stays_closed(vertices, dx, dy):
    everything = PixelGrid(-2.0, -2.0, 0.1, 40, 40)
    area, normal = coverage(vertices + np.array([dx, dy]), everything)
    assert np.sum(area) * everything.pitch**2 == pytest.approx(shoelace(vertices), abs=1e-13)
    np.testing.assert_allclose(normal.sum(axis=(0, 1)), 0.0, atol=1e-12)


@given(star_polygons(), st.integers(-3, 3), st.integers(-3, 3))
def test_moving_by_whole_pixels_moves_the_picture(vertices, i, j):
    everything = PixelGrid(-2.0, -2.0, 0.125, 32, 32)
    area, normal = coverage(vertices, everything)
    moved_area, moved_normal = coverage(vertices + 0.125 * np.array([i, j]), everything)
    np.testing.assert_allclose(moved_area, np.roll(area, (i, j), (0, 1)), atol=1e-11)
    np.testing.assert_allclose(moved_normal.sum(axis=(0, 1)), normal.sum(axis=(0, 1)), atol=1e-11)


@given(star_polygons(), st.floats(-0.3, 0.3), st.floats(-0.3, 0.3))
def test_hats_keep_area_and_centre_of_gravity(vertices, dx, dy):
    """As linear interpolation does: to where in their pixels the walls lie they are blind up to second moments."""
    everything = PixelGrid(-2.0, -2.0, 0.1, 40, 40)
    moved = vertices + np.array([dx, dy])
    hats = hat_coverage(moved, everything) * everything.pitch**2
    x, y = moved.T
    cross = x * np.roll(y, -1) - np.roll(x, -1) * y
    gravity = [np.sum((c + np.roll(c, -1)) * cross) / 6.0 for c in (x, y)]
    centres = -2.0 + 0.1 * (np.arange(40) + 0.5)
    assert hats.sum() == pytest.approx(shoelace(vertices), abs=1e-13)
    assert [np.sum(hats * centres[:, None]), np.sum(hats * centres)] == pytest.approx(gravity, abs=1e-12)


def test_hats_are_boxes_of_boxes():
    """A hat is the mean of the pixels that lie around its middle by up to half their side, some outside the grid."""
    vertices = np.array([(-0.9, -0.2), (0.3, -0.5), (0.61, 0.12), (0.05, 0.81), (-0.4, 0.23)])
    count = 16
    shifts = GRID.pitch * ((np.arange(count) + 0.5) / count - 0.5)
    grids = [PixelGrid(GRID.x0 + a, GRID.y0 + b, GRID.pitch, GRID.nx, GRID.ny) for a in shifts for b in shifts]
    mean = np.mean([coverage(vertices, grid)[0] for grid in grids], axis=0)
    np.testing.assert_allclose(hat_coverage(vertices, GRID), mean, atol=2e-3)


def test_a_circle_converges_to_pi_and_its_polygon_is_exact():
    for corners in (60, 600, 6000):
        angle = 2 * np.pi * np.arange(corners) / corners
        area, _normal = coverage(
            0.9 * np.stack([np.cos(angle), np.sin(angle)], axis=1), PixelGrid(-1, -1, 0.07, 30, 30)
        )
        polygon = 0.5 * corners * 0.9**2 * np.sin(2 * np.pi / corners)
        assert np.sum(area) * 0.07**2 == pytest.approx(polygon, rel=1e-12)
    assert polygon == pytest.approx(np.pi * 0.9**2, rel=1e-6)


def test_edges_on_grid_lines_cover_whole_pixels_only():
    grid = PixelGrid(0.0, 0.0, 1.0, 4, 3)
    area, normal = coverage(np.array([(1, 1), (3, 1), (3, 2), (1, 2)], dtype=float), grid)
    expected = np.zeros((4, 3))
    expected[1:3, 1] = 1.0
    np.testing.assert_array_equal(area, expected)
    np.testing.assert_array_equal(normal.sum(axis=(0, 1)), 0.0)


@pytest.mark.parametrize("axis", [0, 1])
def test_the_normal_is_minus_the_gradient_of_coverage(axis):
    """Coverage of moving pixels is quadratic between kinks, so that a small step leaves only rounding."""
    angle = 2 * np.pi * np.arange(40) / 40 + 0.01
    vertices = np.stack([0.61 * np.cos(angle), 0.47 * np.sin(2 * angle) * 0.3 + 0.47 * np.sin(angle)], axis=1)
    step = 1e-6
    x0, y0 = GRID.x0, GRID.y0

    def moved(by):
        shift = np.array([by, 0.0]) if axis == 0 else np.array([0.0, by])
        grid = PixelGrid(x0 + shift[0], y0 + shift[1], GRID.pitch, GRID.nx, GRID.ny)
        return coverage(vertices, grid)[0]

    slope = (moved(step) - moved(-step)) / (2 * step / GRID.pitch)
    np.testing.assert_allclose(coverage(vertices, GRID)[1][..., axis], -slope, atol=1e-5)


def test_abutting_polygons_leave_no_seam():
    """A tilted rectangle cut in two along a slanting line: areas and normals add up to those of the whole."""
    corners = np.array([(-0.6, -0.2), (0.6, -0.2), (0.6, 0.2), (-0.6, 0.2)])
    turn = np.array([[np.cos(0.3), np.sin(0.3)], [-np.sin(0.3), np.cos(0.3)]])
    whole = corners @ turn
    lower, upper = 0.37 * whole[0] + 0.63 * whole[1], 0.55 * whole[3] + 0.45 * whole[2]
    halves = (np.array([whole[0], lower, upper, whole[3]]), np.array([lower, whole[1], whole[2], upper]))
    parts = [coverage(half, GRID) for half in halves]
    for together, alone in zip(coverage(whole, GRID), zip(*parts, strict=True), strict=True):
        np.testing.assert_allclose(sum(alone), together, atol=1e-14)
