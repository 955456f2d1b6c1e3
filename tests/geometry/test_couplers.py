import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fdtd_onn.geometry.devices import geometry
from tests.geometry.make import make_device
from tests.geometry.measure import cut, raster


@pytest.mark.parametrize(("kind", "length"), [("coupler", 0.0), ("coupler", 7.3), ("mzi", 0.0), ("mzi", 1.3)])
def test_couplers_and_nodes_are_mirror_symmetric_both_ways(kind, length):
    core = raster(geometry(make_device(kind, length_um=length), 0.5))
    np.testing.assert_allclose(core, core[::-1], atol=1e-12)
    np.testing.assert_allclose(core, core[:, ::-1], atol=1e-12)


def distance_between_guides(drawn, x, guess):
    (_, lower), (_, upper) = (cut(drawn, x, side * 0.5 * guess, guess) for side in (-1, 1))
    return upper - lower


def test_a_coupler_has_its_gap_in_the_middle_and_its_pitch_at_the_ports():
    drawn = geometry(make_device("coupler"), 0.5)
    for x, distance in ((0.0, 0.7), (0.49, 0.7), (4.7, 2.2)):
        assert distance_between_guides(drawn, x, distance) == pytest.approx(distance, abs=1e-9)


def test_a_node_has_two_couplers_and_straight_arms():
    drawn = geometry(make_device("mzi"), 0.5)
    assert drawn.x_range_um == pytest.approx((-8.0, 8.0))  # 2 (1 + 2 · 3) + 2
    for x, distance in ((-4.5, 0.7), (4.5, 0.7), (-0.9, 2.0), (0.0, 2.0), (0.9, 2.0), (8.2, 2.0)):
        assert distance_between_guides(drawn, x, distance) == pytest.approx(distance, abs=1e-9)


@settings(max_examples=25)
@given(st.floats(0.3, 0.8), st.floats(0.05, 0.5), st.floats(0.0, 3.0), st.floats(2.0, 5.0), st.floats(0.1, 4.0))
def test_any_node_is_seamless_and_fills_its_box(width, gap, length, bend, arm):
    pitch = width + gap + 0.7
    device = make_device(
        "mzi", width_um=width, gap_um=gap, length_um=length, bend_length_um=bend, arm_length_um=arm, pitch_um=pitch
    )
    drawn = geometry(device, 0.5)
    core = raster(drawn, pitch=0.1, margin=0.2)
    assert core.max() <= 1.0 + 1e-12
    assert drawn.x_range_um[1] == pytest.approx(length + 2 * bend + 0.5 * arm)
    for x in (-0.5 * arm, 0.5 * arm):  # where core and heated core meet
        assert cut(drawn, x, -0.5 * pitch, pitch)[0] == pytest.approx(width, abs=1e-6)
