"""Grating taps as they are written down, drawn and written again."""

import numpy as np
import pytest
from pydantic import ValidationError

from fdtd_onn.api.design import design_tap
from fdtd_onn.errors import BadInput
from fdtd_onn.geometry.scene import draw
from fdtd_onn.library import design_names
from fdtd_onn.responses.tap import EVERYWHERE, Directions
from fdtd_onn.specs.device import Aperture, device_adapter
from fdtd_onn.specs.load import load_device
from fdtd_onn.specs.write import write_device
from tests.geometry.make import bulk, make_device, with_stack
from tests.geometry.measure import polygon_area


def altered(**changes):
    return device_adapter.validate_python(make_device("grating_tap").model_dump(mode="json") | changes)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"plane": "xy"}, "a tap radiates out of the chip's plane"),
        ({"symmetries": ["x"]}, "leave symmetries out"),
        ({"tunable": {"parameter": "etch_um", "values": [0.01, 0.02]}}, "leave tunable out"),
        ({"camera": {"centre_deg": 95.0, "half_width_deg": 10.0}}, "centre_deg"),
    ],
)
def test_taps_that_cannot_be_run_are_refused(changes, told):
    with pytest.raises(ValidationError, match=told):
        altered(**changes)


def test_a_groove_may_not_cut_the_guide():
    with pytest.raises(ValidationError, match=r"etch_um \(0.22\) must be below what stands above the slab \(0.22\)"):
        make_device("grating_tap", etch_um=0.22)


def test_a_wafer_and_its_distance_go_together():
    with pytest.raises(ValidationError, match=r"stack\.wafer and stack\.box_um go together"):
        with_stack(make_device("grating_tap"), box_um=2.0)


def test_the_upright_plane_has_the_film_less_its_grooves_between_the_layers():
    device = with_stack(make_device("grating_tap"), wafer=bulk(3.4757), box_um=2.0, overlay_um=1.0)
    p, drawn = device.parameters, draw(device, 0.0)
    length = p.row_um + 2 * p.access_um
    assert length == pytest.approx(4 * 0.57 - 0.285 + 5.0)
    area = sum(polygon_area(region.vertices) for region in drawn.regions)
    assert area == pytest.approx(0.22 * length - 4 * 0.285 * 0.04)
    assert drawn.y_range_um == pytest.approx((-2.0, 1.22))
    wafer, air = drawn.layers
    assert (wafer.index, wafer.range_um, wafer.apart) == (3.4757, (-np.inf, -2.0), True)
    assert (air.index, air.range_um[0]) == (1.0, pytest.approx(1.22))


def test_space_has_the_grooves_of_the_upright_plane():
    device = with_stack(make_device("grating_tap"), plane="xy", dimensions=3)
    heights = {region.role: region.z_range_um for region in draw(device, 0.0).regions}
    assert heights["core"] == (0.0, 0.22)
    assert heights["groove"] == (0.0, pytest.approx(0.18))


def test_apertures_weigh_directions_by_their_share():
    plane = Directions(np.linspace(-0.995, 0.995, 200), np.zeros(1))
    narrow = Aperture(centre_deg=10.0, half_width_deg=1.0)
    assert plane.weights(narrow).sum() == pytest.approx(np.sin(np.radians(11.0)) - np.sin(np.radians(9.0)))
    assert plane.weights(EVERYWHERE).sum() == pytest.approx(2.0)
    cosines = (2 * np.arange(300) + 1) / 300 - 1
    space = Directions(cosines, cosines)
    # A cone around the normal has π sin² of its half angle, tilted by θ cos θ of that (to first order in its size).
    cone = Aperture(centre_deg=0.0, half_width_deg=30.0)
    assert space.weights(cone).sum() == pytest.approx(np.pi * 0.25, rel=1e-2)
    assert space.weights(EVERYWHERE).sum() == pytest.approx(np.pi, rel=1e-2)


@pytest.mark.parametrize("name", design_names("devices"))
def test_a_device_that_is_written_is_read_as_the_same(name, tmp_path):
    device = load_device(name)
    write_device(device, tmp_path / "copy.toml")
    assert load_device(tmp_path / "copy.toml") == device


@pytest.mark.parametrize("ratio", [0.0, 0.5, float("nan")])
def test_ratios_that_no_shallow_tap_has_are_refused_before_any_run(ratio):
    with pytest.raises(BadInput, match=r"ratio: expected a tap ratio from 0.001 to 0.2, got"):
        design_tap(load_device("grating_tap"), ratio)
