"""Meshes for the mask, read back: devices in their places, no overlaps, heaters with wires of their own."""

import gdstk
import numpy as np
import pytest

from fdtd_onn.api import write_layout_gds
from fdtd_onn.cli.export import export_to
from fdtd_onn.errors import BadInput
from fdtd_onn.geometry.gds import GDS_LAYERS, GDS_PORT_LAYER
from fdtd_onn.geometry.gds_mesh import METAL_LAYERS, PAD_LABEL_LAYER
from fdtd_onn.library import design_folder
from fdtd_onn.specs.load import load_device

PLAIN, BENCH = (design_folder("layouts") / f"rings_{name}_4.toml" for name in ("clements", "bench"))
SECTIONS, PORTS, NODES = 10, 4, 6


@pytest.fixture
def drawn(tmp_path):
    """The top cell of a layout's drawing, some lines of its file replaced."""

    def read(layout, *changes):
        text = layout.read_text()
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "layout.toml").write_text(text)
        write_layout_gds(tmp_path / "layout.toml", tmp_path / "mesh.gds")
        (top,) = gdstk.read_gds(tmp_path / "mesh.gds").top_level()
        return top

    return read


def on(cell, layer):
    return cell.get_polygons(layer=layer[0], datatype=layer[1])


def area(polygons):
    return sum(polygon.area() for polygon in polygons)


def test_every_device_is_there(drawn):
    top = drawn(PLAIN)
    assert len(on(top, GDS_LAYERS["heated core"])) == 2 * 9 * SECTIONS * PORTS
    idle = 2 * (8 * PORTS - 2 * 2 * NODES)
    assert len(on(top, GDS_LAYERS["core"])) == 2 * (2 * 2 * NODES) + idle
    for layer in METAL_LAYERS.values():
        assert not on(top, layer)


@pytest.mark.parametrize("layout", [PLAIN, BENCH])
def test_no_guide_overlaps_another_and_none_has_a_gap(drawn, layout):
    top = drawn(layout)
    guides = [polygon for role in ("core", "heated core", "groove") for polygon in on(top, GDS_LAYERS[role])]
    whole = gdstk.boolean(guides, [], "or", 1e-4)
    # One piece from port to port for every guide of both meshes, which covers what its parts cover each for itself.
    assert len(whole) == 2 * PORTS
    assert area(whole) == pytest.approx(area(guides), rel=1e-5)


def test_taps_and_pitches(drawn):
    """A tap behind every shifter; planes and guides where the layer says."""
    top = drawn(BENCH)
    assert len(on(top, GDS_LAYERS["groove"])) == 2 * 9 * PORTS * load_device("grating_tap").parameters.grooves
    middles = np.array([np.mean(strip.bounding_box(), axis=0) for strip in on(top, METAL_LAYERS["heater"])])
    of_one_mesh = middles[: PORTS**2]
    columns, guides = (np.unique(np.round(places, 3)) for places in of_one_mesh.T)
    np.testing.assert_allclose(np.diff(columns), 400.0, atol=1e-2)
    np.testing.assert_allclose(np.diff(guides), 60.0, atol=1e-2)
    with pytest.raises(BadInput, match=r"plane_pitch_um of 357\.989 or more.*got 330"):
        drawn(BENCH, ("sections = 10", "sections = 25"), ("plane_pitch_um = 400.0", "plane_pitch_um = 330.0"))


def test_size_and_ports(drawn):
    top = drawn(PLAIN)
    length = 9 * SECTIONS * 10.0 + 8 * (5.04 + 2 * 6.5)
    (left, _), (right, _) = top.bounding_box()
    assert right - left == pytest.approx(length, abs=2e-3)
    labels = [label for label in top.get_labels() if (label.layer, label.texttype) == GDS_PORT_LAYER]
    assert sorted(label.text for label in labels) == sorted(2 * [f"o{k}" for k in range(1, 9)])
    guides = on(top, GDS_LAYERS["heated core"])
    for label in labels:
        x, y = label.origin
        inside = x + (1e-2 if x < 0 else -1e-2)
        assert gdstk.any_inside([(inside, y)], guides)
        assert not gdstk.any_inside([(2 * x - inside, y)], guides)


def test_heaters_lie_over_the_driven_shifters(drawn):
    top = drawn(BENCH)
    strips = on(top, METAL_LAYERS["heater"])
    assert len(strips) == 2 * PORTS**2
    assert area(strips) == pytest.approx(2 * PORTS**2 * SECTIONS * 10.0 * 2.0)
    sections = on(top, GDS_LAYERS["heated core"])
    covered = area(gdstk.boolean(strips, sections, "and", 1e-4))
    assert covered == pytest.approx(2 * PORTS**2 * SECTIONS * 10.0 * 0.5, rel=1e-4)


def test_every_wire_joins_one_end_of_a_heater_to_one_pad_of_its_own(drawn):
    top = drawn(BENCH)
    pads, contacts, wires = (on(top, METAL_LAYERS[what]) for what in ("pad", "contact", "wire"))
    count = 2 * 2 * PORTS**2
    assert len(pads) == len(contacts) == count
    # Wires that touched would be united.
    nets = gdstk.boolean(wires, [], "or", 1e-4)
    assert len(nets) == count
    for others in (pads, contacts):
        touched = [sum(bool(gdstk.boolean(net, other, "and", 1e-4)) for other in others) for net in nets]
        assert touched == [1] * count
    # All of a strip carries current: its two contacts are at its ends.
    for strip in on(top, METAL_LAYERS["heater"]):
        (left, _), (right, _) = strip.bounding_box()
        ends = sorted(c.bounding_box()[0][0] for c in contacts if gdstk.boolean(c, strip, "and", 1e-4))
        assert ends == pytest.approx([left, right - np.ptp(contacts[0].bounding_box(), axis=0)[0]], abs=2e-3)
    labels = [label for label in top.get_labels() if (label.layer, label.texttype) == PAD_LABEL_LAYER]
    expected = [f"h{k}{end}" for k in range(PORTS**2) for end in "+-"]
    assert sorted(label.text for label in labels) == sorted(2 * expected)
    for label in labels:
        assert gdstk.any_inside([label.origin], pads)
    spread = np.array([pad.bounding_box() for pad in pads])
    assert np.all(np.ptp(spread, axis=1) == pytest.approx(80.0))


def test_triangular_meshes_are_drawn_too(drawn):
    top = drawn(BENCH, ('kind = "mesh"', 'kind = "mesh"\ntopology = "reck"'))
    assert len(on(top, METAL_LAYERS["heater"])) == 2 * PORTS**2
    assert len(on(top, GDS_LAYERS["heated core"])) == 2 * 11 * SECTIONS * PORTS


def test_heaters_without_room_are_refused(drawn):
    with pytest.raises(BadInput, match=r"heaters of 26 µm or more.*got 10 µm.*more sections"):
        drawn(BENCH, ("sections = 10\n", "sections = 1\n"))


def test_the_command_tells_layouts_from_devices(tmp_path):
    by_name = export_to("rings_clements_4", tmp_path / "a.gds", [], None, None, None)
    by_file = export_to(str(PLAIN), tmp_path / "b.gds", [], None, None, None)
    assert by_name.read_bytes() == by_file.read_bytes()
    with pytest.raises(BadInput, match="none for a layout"):
        export_to("rings_clements_4", tmp_path / "c.gds", ["gap_um=0.2"], None, None, None)
    assert not (tmp_path / "c.gds").exists()
