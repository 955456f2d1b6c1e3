"""Thin walls and gaps of a drawing are found, and only those."""

import gdstk
import pytest

from fdtd_onn.errors import BadInput
from fdtd_onn.fullwave.plan import plan
from fdtd_onn.geometry.devices import geometry
from fdtd_onn.geometry.features import thin_places
from fdtd_onn.geometry.gds import write_gds
from fdtd_onn.geometry.shapes import Geometry, rectangle
from fdtd_onn.specs.fidelity import FIDELITIES
from fdtd_onn.specs.load import load_device
from tests.geometry.make import PARAMETERS, make_device
from tests.geometry.test_gds_device import write_toml


def drawn(*regions):
    return Geometry(regions, 1.444, (), (-10.0, 10.0), (-10.0, 10.0))


@pytest.mark.parametrize("kind", sorted(set(PARAMETERS) - {"absorber"}))
def test_designs_have_nothing_thin(kind):
    assert thin_places(geometry(make_device(kind), 0.0), 0.125) == []


def test_a_thin_wall_and_a_thin_gap_are_found_where_they_are():
    wall = rectangle(2.0, 8.0, 1.0, 1.1, 2.85, "core")
    assert thin_places(drawn(wall), 0.125) == [("wall", pytest.approx(5.0, abs=0.1), pytest.approx(1.05, abs=0.02))]
    assert thin_places(drawn(wall), 0.09) == []
    pair = drawn(rectangle(0, 8, 0, 0.5, 2.85, "core"), rectangle(0, 8, 0.6, 1.1, 2.85, "core"))
    assert thin_places(pair, 0.125) == [("gap", pytest.approx(4.0, abs=0.1), pytest.approx(0.55, abs=0.02))]
    assert thin_places(pair, 0.09) == []


def test_a_drawing_too_fine_for_the_grid_is_refused_with_the_place(tmp_path):
    original = make_device("coupler", gap_um=0.09, length_um=3.0)
    write_gds(original, tmp_path / "layout.gds")
    assert gdstk.read_gds(tmp_path / "layout.gds").cells
    device = load_device(write_toml(tmp_path, "coupler", geometry(original, 0.0).ports))
    with pytest.raises(BadInput, match=r"at least 0\.09375 µm, .* got a thinner gap near \(-?0\.00, -?0\.00\) µm"):
        plan(device, FIDELITIES["draft"])
    assert plan(device, FIDELITIES["standard"])
