"""Where an absorber's matter is drawn: nothing overlaps, nothing of the core is lost, and the mask has it."""

import gdstk
import numpy as np
import pytest

from fdtd_onn.geometry.devices import geometry
from fdtd_onn.geometry.gds import GDS_LAYERS, write_gds
from fdtd_onn.geometry.scene import draw
from fdtd_onn.specs.load import load_device
from tests.fullwave.test_saturation import LAYER, placed


def area(region):
    x, y = region.vertices.T
    return 0.5 * abs(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def by_role(drawn, role):
    return [region for region in drawn.regions if region.role == role]


@pytest.mark.parametrize(
    ("offset", "covered"), [(0.0, 0.3), (0.1, 0.3), (0.25, 0.15), (-0.25, 0.15), (0.4, 0.0), (0.5, 0.0)]
)
def test_a_strip_displaces_just_what_it_covers_of_the_core(offset, covered):
    device = placed({"kind": "strip", "width_um": 0.3, "offset_um": offset, "index": 1.9})
    drawn = geometry(device, 1.0)
    (strip,) = by_role(drawn, "absorber")
    length = device.parameters.length_um
    assert area(strip) == pytest.approx(0.3 * length)
    core = sum(area(region) for region in by_role(drawn, "core"))
    assert core == pytest.approx(0.5 * (length + 2.0) - covered * length)
    assert drawn.y_range_um[0] == -drawn.y_range_um[1]
    assert drawn.y_range_um[1] >= strip.vertices[:, 1].max()


def test_a_film_lies_on_the_core_in_the_upright_plane_and_ports_stay_in_the_core():
    device = placed(LAYER, "xz")
    drawn = draw(device, 1.0)
    (film,) = by_role(drawn, "absorber")
    assert film.vertices[:, 1].min() == pytest.approx(device.stack.thickness_um)
    assert area(film) == pytest.approx(0.1 * device.parameters.length_um)
    assert all(port.y_um == pytest.approx(0.5 * device.stack.thickness_um) for port in drawn.ports)
    assert drawn.y_range_um[1] == pytest.approx(device.stack.thickness_um + 0.1)


def test_the_mask_of_a_film_has_the_whole_core_and_the_film(tmp_path):
    device = load_device("absorber_film")
    write_gds(device, tmp_path / "film.gds")
    (cell,) = gdstk.read_gds(tmp_path / "film.gds").cells
    expected = device.parameters.length_um * device.parameters.width_um
    for role in ("core", "absorber"):
        layer, datatype = GDS_LAYERS[role]
        drawn = sum(p.area() for p in cell.polygons if (p.layer, p.datatype) == (layer, datatype))
        assert drawn == pytest.approx(expected, rel=1e-6)
