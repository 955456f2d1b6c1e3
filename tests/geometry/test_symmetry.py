"""What a declared symmetry does to ports and signs, and that a false one is refused."""

import numpy as np
import pytest

from fdtd_onn.errors import BadInput
from fdtd_onn.geometry.devices import geometry
from fdtd_onn.geometry.symmetry import port_images
from tests.geometry.make import make_device

OWN = {
    "straight": ["x", "y"],
    "phase_shifter": ["x", "y"],
    "coupler": ["x", "y"],
    "mmi_1x2": ["y"],
    "mmi_2x2": ["x", "y"],
    "y_branch": ["y"],
    "crossing": ["x", "y", "diagonal"],
    "bend": ["antidiagonal"],
    "s_bend": ["rotation"],
    "mzi": ["x"],
    "taper": ["y"],
}


def images(kind, symmetries, polarization="te", **parameters):
    return port_images(geometry(make_device(kind, **parameters), 0.0), symmetries, polarization)


@pytest.mark.parametrize("kind", OWN)
def test_every_kind_has_the_symmetries_of_its_design(kind):
    assert len(images(kind, OWN[kind])) > 1


@pytest.mark.parametrize(
    ("kind", "false"),
    [("taper", "x"), ("s_bend", "y"), ("y_branch", "x"), ("mzi", "y"), ("bend", "diagonal"), ("coupler", "diagonal")],
)
def test_a_symmetry_that_the_drawing_lacks_is_refused(kind, false):
    with pytest.raises(BadInput, match="symmetr"):
        images(kind, [false])


def test_an_interferometer_is_symmetric_only_while_both_arms_are_as_warm():
    assert len(images("mzi", ["y"], arm_delta_t_k=0.0)) == 2
    with pytest.raises(BadInput, match="no counterpart"):
        images("mzi", ["y"], arm_delta_t_k=1.0)


def test_the_mirrors_of_a_coupler_make_all_ports_alike():
    group = images("coupler", ["x", "y"])
    assert {image.to for image in group} == {(0, 1, 2, 3), (3, 2, 1, 0), (1, 0, 3, 2), (2, 3, 0, 1)}


def test_a_crossing_has_the_eight_maps_of_the_square():
    assert len(images("crossing", ["x", "diagonal"])) == 8


@pytest.mark.parametrize(("polarization", "sign"), [("te", -1), ("tm", 1)])
def test_a_mirror_turns_fields_along_its_normal_only(polarization, sign):
    """At o2 and o4, which face ±y, the electric field of te lies along x."""
    (_, mirror) = images("crossing", ["x"], polarization)
    assert mirror.to == (2, 1, 0, 3)
    np.testing.assert_array_equal(np.array(mirror.sign) * mirror.sign[0], [1, sign, 1, sign])
