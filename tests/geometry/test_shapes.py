import numpy as np
import pytest

from fdtd_onn.errors import FdtdOnnError
from fdtd_onn.geometry.shapes import Region, rectangle, ribbon, s_path


def area(region):
    x, y = region.vertices.T
    return 0.5 * np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)


def test_winding_does_not_matter():
    corners = np.array([(0.0, 0.0), (2.0, 0.0), (1.5, 1.0)])
    for vertices in (corners, corners[::-1]):
        assert area(Region(vertices, 2.0, "core")) == pytest.approx(1.0)


def test_a_region_is_frozen_and_needs_three_corners():
    corners = np.array([(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)])
    region = Region(corners, 2.0, "core")
    corners[0] = 9.0
    assert region.vertices[0, 0] == 0.0
    with pytest.raises(ValueError, match="read-only"):
        region.vertices[0] = 1.0
    with pytest.raises(FdtdOnnError, match=r"shape \(m >= 3, 2\)"):
        Region(corners[:2], 2.0, "core")


@pytest.mark.parametrize(("length", "offset"), [(8.0, 1.5), (5.0, -2.0), (3.0, 0.0)])
def test_the_s_path_is_smooth_and_its_chords_stay_close(length, offset):
    path, slope, arc = s_path(length, offset)
    np.testing.assert_allclose(path[[0, -1]], [(0.0, 0.0), (length, offset)], atol=1e-12)
    np.testing.assert_allclose(slope[[0, 1, -2, -1]], 0.0, atol=2 * abs(offset) / len(path))
    dense = np.linspace(0.0, 1.0, 20_001)
    curve = offset * (dense - np.sin(2 * np.pi * dense) / (2 * np.pi))
    assert np.abs(np.interp(length * dense, *path.T) - curve).max() < 1.01e-5
    assert arc == pytest.approx(np.sum(np.hypot(length / 20_000, np.diff(curve))), rel=1e-8)
    np.testing.assert_allclose(
        slope, np.interp(path[:, 0], length * dense, np.gradient(curve, length * dense)), atol=1e-6
    )


def test_a_ribbon_has_the_area_of_its_length_times_its_width():
    """Steiner's formula: what the outer side of a bend gains, the inner side loses."""
    path, slope, arc = s_path(6.0, 1.7)
    region = ribbon(path, slope, 0.5, 2.85, "core")
    assert area(region) == pytest.approx(0.5 * arc, rel=2e-6)
    lower, upper = region.vertices[: len(path)], region.vertices[len(path) :][::-1]
    np.testing.assert_allclose(np.hypot(*(upper - lower).T), 0.5, rtol=1e-12)
    np.testing.assert_allclose(
        np.sum((upper - lower) * np.stack([np.ones_like(slope), slope], axis=1), axis=1), 0, atol=1e-12
    )


def test_a_rectangle_is_what_it_says():
    assert area(rectangle(-1.0, 2.0, 0.5, 1.5, 2.0, "core")) == pytest.approx(3.0)
