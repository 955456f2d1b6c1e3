import gdstk
import numpy as np
import pytest

from fdtd_onn.errors import BadInput
from fdtd_onn.fullwave.inference import columns_of
from fdtd_onn.geometry.coverage import PixelGrid, coverage
from fdtd_onn.geometry.devices import geometry
from fdtd_onn.geometry.gds import write_gds
from fdtd_onn.geometry.scene import draw
from fdtd_onn.specs.device import device_adapter
from fdtd_onn.specs.load import load_device
from tests.geometry.make import make_device, with_stack
from tests.geometry.measure import covered, raster

HEAD = """\
kind = "gds"
name = "drawn"
source = "a test"
polarization = "te"

[materials]
core = {index = 2.85, basis = "effective"}
cladding = {index = 1.444, basis = "bulk"}

[wavelengths]
start_um = 1.5
stop_um = 1.6
points = 3
"""


def drawn_again(tmp_path, kind, move=(0.0, 0.0)):
    """A device of the kind `gds` from the layout file of another, its ports copied."""
    original = make_device(kind)
    write_gds(original, tmp_path / "layout.gds")
    return write_toml(tmp_path, kind, geometry(original, 0.0).ports, move), original


def write_toml(tmp_path, cell, ports, move=(0.0, 0.0), file=None, parameters=""):
    file = tmp_path / "layout.gds" if file is None else file
    text = f'{HEAD}\n[parameters]\nfile = "{file}"\ncell = "{cell}"\nlayer = 1\ndatatype = 0\n{parameters}'
    for p in ports:
        text += (
            f'\n[[ports]]\nname = "{p.name}"\nx_um = {p.x_um + move[0]:.6f}\ny_um = {p.y_um + move[1]:.6f}\n'
            f'axis = "{p.axis}"\noutward = {p.outward}\nwidth_um = {p.width_um}\n'
        )
    (tmp_path / "device.toml").write_text(text)
    return tmp_path / "device.toml"


@pytest.mark.parametrize("kind", ["bend", "crossing", "mmi_1x2", "y_branch", "coupler"])
def test_a_device_drawn_again_from_its_layout_is_the_same_to_a_nanometre(tmp_path, kind):
    path, original = drawn_again(tmp_path, kind)
    again, before = geometry(load_device(path), 1.0), geometry(original, 1.0)
    grid = PixelGrid(-9.0, -4.0, 0.05, 360, 160)
    difference = covered(again, grid) - covered(before, grid)
    assert np.abs(difference).max() < 2 * 1e-3 / 0.05
    assert raster(again, margin=1.1).max() <= 1.0 + 1e-9
    for port, expected in zip(again.ports, before.ports, strict=True):
        assert (port.name, port.axis, port.outward) == (expected.name, expected.axis, expected.outward)
        assert (port.x_um, port.y_um) == pytest.approx((expected.x_um, expected.y_um), abs=1.1e-3)


def test_bars_beyond_the_ports_leave_no_seam(tmp_path):
    path, _ = drawn_again(tmp_path, "straight")
    (region,) = geometry(load_device(path), 1.5).regions
    assert sorted(map(tuple, np.round(region.vertices, 6))) == [(-2.5, -0.25), (-2.5, 0.25), (2.5, -0.25), (2.5, 0.25)]


def test_the_key_of_a_run_follows_the_content_and_not_the_place(tmp_path):
    path, original = drawn_again(tmp_path, "straight")
    first = load_device(path)
    moved = tmp_path / "elsewhere.gds"
    moved.write_bytes((tmp_path / "layout.gds").read_bytes())
    ports = geometry(original, 0.0).ports
    assert load_device(write_toml(tmp_path, "straight", ports, file=moved)).physics() == first.physics()
    write_gds(make_device("straight", length_um=2.02), moved)
    assert load_device(tmp_path / "device.toml").physics() != first.physics()


def test_a_file_that_changed_since_the_device_was_loaded_is_refused(tmp_path):
    path, _ = drawn_again(tmp_path, "straight")
    device = load_device(path)
    write_gds(make_device("straight", length_um=2.02), tmp_path / "layout.gds")
    with pytest.raises(BadInput, match="Load the device again"):
        geometry(device, 0.0)


def test_a_worker_elsewhere_gets_the_whole_device(tmp_path, monkeypatch):
    """A relative path is made absolute when the file is read; nothing is read again to validate the device."""
    drawn_again(tmp_path, "straight")
    ports = geometry(make_device("straight"), 0.0).ports
    monkeypatch.chdir(tmp_path)
    device = load_device(write_toml(tmp_path, "straight", ports, file="layout.gds"))
    monkeypatch.chdir("/")
    sent = device_adapter.validate_json(device.model_dump_json(), strict=True)
    assert sent == device
    assert len(geometry(sent, 0.0).regions) == 1
    (tmp_path / "layout.gds").unlink()
    assert device_adapter.validate_json(device.model_dump_json(), strict=True) == device


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("x_um = -1.000000", "x_um = -0.900000", r"port o1: expected x_um = -1, on the edge of the drawing"),
        ("outward = -1", "outward = 1", r"port o1: expected x_um = 1, on the edge"),
        ("width_um = 0.5", "width_um = 0.45", r"port o1: expected a guide 0.45 µm wide"),
        ("y_um = 0.000000", "y_um = 0.010000", r"port o1: expected a guide 0.5 µm wide and centred"),
        ("outward = -1", "outward = 2", r"ports\[0\].outward: expected a whole number, at least -1 and at most 1"),
        ("outward = -1", "outward = 0", r"ports\[0\]: .*outward must be -1 or 1, not 0"),
        ('axis = "x"', 'axis = "z"', r"ports\[0\].axis: expected one of x, y, got 'z'"),
        ('name = "o2"', 'name = "o1"', "port names must differ, got o1 more than once"),
        ('cell = "straight"', 'cell = "bent"', "a cell of straight, got 'bent'"),
        ("layer = 1", "layer = 4", "polygons on layer 4/0 of cell straight, got layers 1/0"),
        ("layer = 1", "layer = -1", r"parameters.layer: expected a whole number, at least 0"),
        ("layout.gds", "absent.gds", "absent.gds.*a file that can be read"),
        ("datatype = 0", 'datatype = 0\nsha256 = "00"', r"parameters.sha256: expected text matching"),
    ],
)
def test_each_mistake_is_told(tmp_path, old, new, told):
    path, _ = drawn_again(tmp_path, "straight")
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(BadInput, match=told):
        geometry(load_device(path), 0.0)


def test_a_pinned_hash_is_kept_to(tmp_path):
    path, original = drawn_again(tmp_path, "straight")
    digest = load_device(path).parameters.sha256
    pinned = write_toml(tmp_path, "straight", geometry(original, 0.0).ports, parameters=f'sha256 = "{digest}"')
    assert len(geometry(load_device(pinned), 0.0).regions) == 1
    pinned.write_text(pinned.read_text().replace(digest, digest[::-1]))
    with pytest.raises(BadInput, match="expected the content with SHA-256"):
        geometry(load_device(pinned), 0.0)


def test_a_drawing_anywhere_is_brought_to_the_origin(tmp_path):
    ports = geometry(make_device("straight"), 0.0).ports
    write_gds(make_device("straight"), tmp_path / "layout.gds")
    whole = (tmp_path / "layout.gds").read_bytes()
    library = gdstk.read_gds(tmp_path / "layout.gds")
    top = gdstk.Cell("moved").add(gdstk.Reference(library.cells[0], (100.0, -40.0)))
    library.add(top).write_gds(tmp_path / "layout.gds")
    assert (tmp_path / "layout.gds").read_bytes() != whole
    drawn = geometry(load_device(write_toml(tmp_path, "moved", ports, (100.0, -40.0))), 0.0)
    assert (drawn.x_range_um, drawn.y_range_um) == (pytest.approx((-1.0, 1.0)), pytest.approx((-0.25, 0.25)))
    assert [(p.x_um, p.y_um) for p in drawn.ports] == [pytest.approx((-1.0, 0.0)), pytest.approx((1.0, 0.0))]


LAYERS = """
[stack]
thickness_um = 0.22
core = {index = 3.4757, basis = "bulk"}
cladding = {index = 1.444, basis = "bulk"}

[[layers]]
layer = 4
datatype = 0
effective_index = 2.1
bulk_index = 3.4
z_um = [0.0, 0.09]

[[layers]]
layer = 1
datatype = 0
effective_index = 2.85
bulk_index = 3.5
z_um = [0.0, 0.22]
"""


def rib_from_layers(tmp_path, first_line="", text=LAYERS):
    """A rib drawn here, written with its slab on a layer of its own, and read again by a map of layers."""
    write_gds(with_stack(make_device("straight"), slab_um=0.09), tmp_path / "layout.gds")
    ports = geometry(make_device("straight"), 0.0).ports
    path = write_toml(tmp_path, "straight", ports)
    path.write_text(first_line + path.read_text().replace("layer = 1\ndatatype = 0\n", "", 1) + text)
    return path


def index_at(drawn, x, y, z=None):
    """Of the only region around a place, or of the cladding."""
    spot = PixelGrid(x - 5e-4, y - 5e-4, 1e-3, 1, 1)
    there = [r for r in drawn.regions if z is None or r.z_range_um[0] < z < r.z_range_um[1]]
    found = [r.index for r in there if coverage(r.vertices, spot)[0][0, 0] > 0.5]
    assert len(found) <= 1
    return found[0] if found else drawn.cladding_index


def test_layers_listed_later_win_in_the_plane(tmp_path):
    drawn = geometry(load_device(rib_from_layers(tmp_path)), 0.5)
    for x in (-1.3, 0.0, 1.3):  # before, in and after the drawing, whose slab runs on too
        assert [index_at(drawn, x, y) for y in (-3.5, -2.0, 0.0, 2.0)] == [1.444, 2.1, 2.85, 2.1]
    assert raster(drawn, margin=0.4).max() <= 1.0 + 1e-9


def test_layers_have_their_own_heights_in_space_and_the_later_wins_where_both_are(tmp_path):
    drawn = draw(load_device(rib_from_layers(tmp_path, "dimensions = 3\n")), 0.5)
    assert drawn.z_range_um == (0.0, 0.22)
    for x in (-1.3, 0.0, 1.3):
        assert [index_at(drawn, x, y, 0.05) for y in (-2.0, 0.0, 2.0)] == [3.4, 3.5, 3.4]
        assert [index_at(drawn, x, y, 0.15) for y in (-2.0, 0.0, 2.0)] == [1.444, 3.5, 1.444]


def test_an_upright_plane_through_layers_has_each_at_its_height(tmp_path):
    drawn = draw(load_device(rib_from_layers(tmp_path, 'plane = "xz"\n')), 0.5)
    assert [index_at(drawn, 0.0, z) for z in (-0.01, 0.05, 0.15, 0.23)] == [1.444, 3.5, 3.5, 1.444]


def test_only_what_counts_of_a_layer_is_in_the_key(tmp_path):
    flat = load_device(rib_from_layers(tmp_path)).physics()
    assert load_device(rib_from_layers(tmp_path, text=LAYERS.replace("3.5", "3.6"))).physics() == flat
    assert load_device(rib_from_layers(tmp_path, text=LAYERS.replace("2.85", "2.86"))).physics() != flat
    space = load_device(rib_from_layers(tmp_path, "dimensions = 3\n")).physics()
    changed = rib_from_layers(tmp_path, "dimensions = 3\n", LAYERS.replace("2.85", "2.86"))
    assert load_device(changed).physics() == space
    other = rib_from_layers(tmp_path, "dimensions = 3\n", LAYERS.replace("bulk_index = 3.5", "bulk_index = 3.6"))
    assert load_device(other).physics() != space


@pytest.mark.parametrize(
    ("first_line", "old", "new", "told"),
    [
        ("", "effective_index = 2.1\n", "", r"needs layers\[0\].effective_index for runs with dimensions = 2 in xy"),
        ("dimensions = 3\n", "z_um = [0.0, 0.22]\n", "", r"needs layers\[1\].z_um for runs with dimensions = 3"),
        ("", "[0.0, 0.09]", "[0.09, 0.0]", "z_um must go upwards"),
        ("", "layer = 4", "layer = 7", "polygons on layer 7/0"),
        ("", "thickness_um = 0.22", "thickness_um = 0.22\nsidewall_deg = 8.0", "sidewall_deg must be 0"),
        ("", LAYERS, "", r"either parameters.layer and parameters.datatype, or a list of \[\[layers\]\]"),
    ],
)
def test_each_mistake_in_layers_is_told(tmp_path, first_line, old, new, told):
    assert old in LAYERS
    with pytest.raises(BadInput, match=told):
        draw(load_device(rib_from_layers(tmp_path, first_line, LAYERS.replace(old, new, 1))), 0.0)


@pytest.mark.parametrize("first_line", ["dimensions = 3\n", 'plane = "xz"\n'])
def test_layers_have_the_declared_symmetry_each_by_itself(tmp_path, first_line):
    """A tooth within a wider slab: together they are the slab, which has the symmetry that the tooth lacks."""
    text = LAYERS.replace("effective_index = 2.1\n", "").replace("effective_index = 2.85\n", "")
    path = rib_from_layers(tmp_path, f'symmetries = ["x"]\n{first_line}', text)
    assert columns_of(load_device(path)).computed == ("o1",)
    library = gdstk.read_gds(tmp_path / "layout.gds")
    library.cells[0].add(gdstk.rectangle((0.3, 0.2), (0.6, 0.7), layer=1))
    library.write_gds(tmp_path / "layout.gds")
    with pytest.raises(BadInput, match="declared symmetry 'x'"):
        columns_of(load_device(path))
