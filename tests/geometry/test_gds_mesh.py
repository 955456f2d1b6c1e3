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
HEATER_SECTIONS = 32  # 320 µm, as long as the heater


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
    np.testing.assert_allclose(np.diff(columns), 450.0, atol=1e-2)
    np.testing.assert_allclose(np.diff(guides), 60.0, atol=1e-2)
    with pytest.raises(BadInput, match=r"plane_pitch_um of 427\.989 or more.*got 330"):
        drawn(BENCH, ("plane_pitch_um = 450.0", "plane_pitch_um = 330.0"))


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
    assert area(strips) == pytest.approx(2 * PORTS**2 * 320.0 * 2.0)
    sections = on(top, GDS_LAYERS["heated core"])
    covered = area(gdstk.boolean(strips, sections, "and", 1e-4))
    assert covered == pytest.approx(2 * PORTS**2 * 320.0 * 0.5, rel=1e-4)


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
    assert len(on(top, GDS_LAYERS["heated core"])) == 2 * 11 * HEATER_SECTIONS * PORTS


def with_heater(tmp_path, length_um):
    """Changes of the bench's layout for heaters, and shifters of one section, of that length."""
    for name in ("heater", "phase_shifter"):
        text = (design_folder("devices") / f"{name}.toml").read_text()
        own = "320.0" if name == "heater" else "10.0"
        (tmp_path / f"{name}.toml").write_text(text.replace(f"length_um = {own}", f"length_um = {length_um:g}"))
    names = [
        ('\nheater = "heater"', '\nheater = "heater.toml"'),
        ('phase_shifter = "phase_shifter"\nabsorber', 'phase_shifter = "phase_shifter.toml"\nabsorber'),
    ]
    return [*names, ("sections = 32\n", "sections = 1\n")]


def test_heaters_without_room_are_refused(drawn, tmp_path):
    with pytest.raises(BadInput, match=r"heaters of 26 µm or more.*got 10 µm.*longer phase shifters"):
        drawn(BENCH, *with_heater(tmp_path, 10.0))


@pytest.mark.parametrize(
    "changes", [(), (('kind = "mesh"', 'kind = "mesh"\ntopology = "reck"'), ("ports = 4", "ports = 5"))]
)
def test_nets_keep_their_distance_and_every_heater_has_two(drawn, changes):
    """Wires, contacts and pads, grown by almost half of the space between two wires, still are a net each."""
    top = drawn(BENCH, *changes)
    strips = on(top, METAL_LAYERS["heater"])
    metal = [polygon for what in ("wire", "contact", "pad") for polygon in on(top, METAL_LAYERS[what])]
    nets = gdstk.offset(gdstk.boolean(metal, [], "or", 1e-4), 1.99, use_union=True)
    assert len(nets) == len(gdstk.boolean(metal, [], "or", 1e-4)) == 2 * len(strips)
    assert len(gdstk.boolean(strips, [], "or", 1e-4)) == len(strips)
    contacts = on(top, METAL_LAYERS["contact"])
    on_strips = gdstk.boolean(strips, contacts, "and", 1e-4)
    for strip in strips:
        ends = gdstk.boolean(strip, on_strips, "and", 1e-4)
        touched = {k for k, net in enumerate(nets) for end in ends if gdstk.any_inside(end.points, net)}
        assert len(ends) == len(touched) == 2


def test_heaters_as_long_as_their_shifters_or_refused(drawn, tmp_path):
    with pytest.raises(BadInput, match=r"as long as heater: 320 µm, got 100 µm \(10 sections.*Take sections = 32, or"):
        drawn(BENCH, ("sections = 32\n", "sections = 10\n"))
    strips = on(drawn(BENCH, *with_heater(tmp_path, 100.0)), METAL_LAYERS["heater"])
    assert {round(float(np.ptp(strip.bounding_box(), axis=0)[0]), 3) for strip in strips} == {100.0}


def test_guides_nearer_than_the_couplers_ports_or_too_far_are_refused(drawn):
    pitch = 'kind = "mesh"\nguide_pitch_um = {}'
    with pytest.raises(BadInput, match=r"guide_pitch_um of 2\.2 or more: the pitch_um of coupler_50, got 2\.1"):
        drawn(PLAIN, ('kind = "mesh"', pitch.format(2.1)))
    with pytest.raises(BadInput, match=r"guide_pitch_um that S-bends reach.*got 300"):
        drawn(PLAIN, ('kind = "mesh"', pitch.format(300.0)))
    whole = gdstk.boolean(on(drawn(PLAIN, ('kind = "mesh"', pitch.format(2.2))), GDS_LAYERS["core"]), [], "or", 1e-4)
    assert whole


def test_planes_further_apart_than_the_longest_straight_guide(drawn):
    top = drawn(PLAIN, ('kind = "mesh"', 'kind = "mesh"\nplane_pitch_um = 5000.0'))
    guides = [polygon for role in ("core", "heated core") for polygon in on(top, GDS_LAYERS[role])]
    assert len(gdstk.boolean(guides, [], "or", 1e-4)) == 2 * PORTS
    assert np.ptp(top.bounding_box(), axis=0)[0] == pytest.approx(8 * 5000.0 + SECTIONS * 10.0, abs=2e-3)


def test_ends_off_the_grid_are_refused(drawn):
    with pytest.raises(BadInput, match=r"whole number of nm, the drawing's grid, got 31\.9605 µm in straight"):
        drawn(PLAIN, ('kind = "mesh"', 'kind = "mesh"\nplane_pitch_um = 150.0005'))


@pytest.mark.parametrize("name", ["coupler_50", "stage", "bond_pad", "x_layer0"])
def test_every_cell_has_a_name_of_its_own(drawn, tmp_path, name):
    for layout in (PLAIN, BENCH):
        top = drawn(layout, (f'name = "{layout.stem}"', f'name = "{name}"'))
        assert top.name == name
        names = [cell.name for cell in gdstk.read_gds(tmp_path / "mesh.gds").cells]
        assert len(set(names)) == len(names)


def test_devices_of_different_widths_are_refused(drawn, tmp_path):
    text = (design_folder("devices") / "phase_shifter.toml").read_text()
    (tmp_path / "phase_shifter.toml").write_text(text.replace("width_um = 0.5", "width_um = 0.45"))
    with pytest.raises(BadInput, match=r"guides 0\.5 µm wide.*got 0\.45 µm in phase_shifter"):
        drawn(PLAIN, ('phase_shifter = "phase_shifter"\nabsorber', 'phase_shifter = "phase_shifter.toml"\nabsorber'))


def test_sixty_four_ports_are_references_and_not_copies(tmp_path):
    (tmp_path / "large.toml").write_text(PLAIN.read_text().replace("ports = 4", "ports = 64"))
    mask = write_layout_gds(tmp_path / "large.toml", tmp_path / "large.gds")
    assert mask.devices == 2 * (129 * SECTIONS * 64 + 128 * 32 - 64 + 2 * 64)
    assert (tmp_path / "large.gds").stat().st_size < 100_000


def test_a_drawing_beyond_the_coordinates_of_the_format_is_refused(drawn, tmp_path):
    """The heaters of 220 guides need a row of pads of almost five metres."""
    with pytest.raises(BadInput, match=r"within ±2147 mm, GDSII's coordinates, got ±2409 mm.*fewer ports"):
        drawn(
            BENCH,
            *with_heater(tmp_path, 2000.0),
            ("ports = 4", "ports = 220"),
            ("plane_pitch_um = 450.0", "plane_pitch_um = 2200"),
        )


def test_the_command_tells_layouts_from_devices(tmp_path):
    by_name = export_to("rings_clements_4", tmp_path / "a.gds", [], None, None, None)
    by_file = export_to(str(PLAIN), tmp_path / "b.gds", [], None, None, None)
    assert (tmp_path / "a.gds").read_bytes() == (tmp_path / "b.gds").read_bytes()
    assert by_name == by_file | {"file": str(tmp_path / "a.gds")}
    with pytest.raises(BadInput, match="none for a layout"):
        export_to("rings_clements_4", tmp_path / "c.gds", ["gap_um=0.2"], None, None, None)
    assert not (tmp_path / "c.gds").exists()
