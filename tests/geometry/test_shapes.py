import numpy as np
import pytest

from fdtd_onn.errors import FdtdOnnError
from fdtd_onn.geometry.shapes import Region, rectangle
from tests.geometry.measure import polygon_area


def test_winding_does_not_matter():
    corners = np.array([(0.0, 0.0), (2.0, 0.0), (1.5, 1.0)])
    for vertices in (corners, corners[::-1]):
        assert polygon_area(Region(vertices, 2.0, "core").vertices) == pytest.approx(1.0)


def test_a_region_is_frozen_and_needs_three_corners():
    corners = np.array([(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)])
    region = Region(corners, 2.0, "core")
    corners[0] = 9.0
    assert region.vertices[0, 0] == 0.0
    with pytest.raises(ValueError, match="read-only"):
        region.vertices[0] = 1.0
    for too_few in (corners[:2], corners[[0, 0, 1, 1]], corners[:, 0]):
        with pytest.raises(FdtdOnnError, match=r"shape \(m >= 3, 2\)"):
            Region(too_few, 2.0, "core")


def test_repeated_corners_are_dropped():
    corners = np.array([(0.0, 0.0), (1.0, 0.0), (1.0, 0.0), (0.0, 1.0), (0.0, 0.0)])
    assert len(Region(corners, 2.0, "core").vertices) == 3


def test_a_rectangle_is_what_it_says():
    assert polygon_area(rectangle(-1.0, 2.0, 0.5, 1.5, 2.0, "core").vertices) == pytest.approx(3.0)
