from datetime import datetime

import gdstk
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fdtd_onn.cli.export import export_to
from fdtd_onn.errors import BadInput
from fdtd_onn.geometry.coverage import PixelGrid, coverage
from fdtd_onn.geometry.devices import geometry
from fdtd_onn.geometry.gds import GDS_LAYERS, GDS_PORT_LAYER, read_gds, write_gds
from fdtd_onn.library import design_names
from fdtd_onn.specs.load import load_device
from tests.geometry.make import PARAMETERS, make_device
from tests.geometry.measure import area, polygon_area

CORE = {(1, 0): 2.85}


def write(path, *shapes, name="top", others=()):
    """A file of one cell of these shapes, after other cells."""
    library = gdstk.Library(unit=1e-6, precision=1e-9)
    library.add(*others, gdstk.Cell(name).add(*shapes))
    library.write_gds(path, timestamp=datetime(2000, 1, 1))
    return path


def square(x, y, side=1.0, layer=1):
    return gdstk.rectangle((x, y), (x + side, y + side), layer=layer)


def covered(regions, grid):
    return sum(coverage(region.vertices, grid)[0] for region in regions)


@pytest.mark.parametrize("kind", sorted(PARAMETERS))
def test_what_is_written_comes_back_to_a_nanometre(tmp_path, kind):
    drawn = geometry(make_device(kind), 0.0)
    write_gds(make_device(kind), tmp_path / "device.gds")
    used = [GDS_LAYERS[role] for role in dict.fromkeys(region.role for region in drawn.regions)]
    regions = read_gds(tmp_path / "device.gds", kind, dict.fromkeys(used, 2.85))
    pitch = 0.02
    x, y = drawn.x_range_um[0] - 0.1, drawn.y_range_um[0] - 0.1
    grid = PixelGrid(x, y, pitch, int(-2 * x / pitch) + 1, int(-2 * y / pitch) + 1)
    before, after = covered(drawn.regions, grid), covered(regions, grid)
    # An edge moved by at most half a grid step (a corner by that in both directions) changes its pixel by this much.
    assert np.abs(before - after).max() < 2 * 1e-3 / pitch
    corners = np.concatenate([region.vertices for region in regions])
    np.testing.assert_allclose(corners, np.round(corners, 3), atol=1e-9)
    np.testing.assert_allclose([corners[:, 0].min(), corners[:, 0].max()], drawn.x_range_um, atol=5.1e-4)
    np.testing.assert_allclose([corners[:, 1].min(), corners[:, 1].max()], drawn.y_range_um, atol=5.1e-4)


def test_layers_labels_and_units_are_those_of_the_map(tmp_path):
    device = make_device("mzi")
    write_gds(device, tmp_path / "mzi.gds")
    library = gdstk.read_gds(tmp_path / "mzi.gds")
    assert (library.unit, library.precision) == pytest.approx((1e-6, 1e-9))
    (cell,) = library.cells
    assert cell.name == "mzi"
    assert sorted({(p.layer, p.datatype) for p in cell.polygons}) == [(1, 0), (2, 0)]
    (heated,) = (p for p in cell.polygons if p.layer == 2)
    assert heated.area() == pytest.approx(2.0 * 0.5)
    labels = {label.text: (label.origin, label.layer, label.texttype) for label in cell.labels}
    for port in geometry(device, 0.0).ports:
        origin, *layer = labels.pop(port.name)
        assert origin == pytest.approx((port.x_um, port.y_um), abs=5.1e-4)
        assert tuple(layer) == GDS_PORT_LAYER
    assert not labels


def test_the_same_device_gives_the_same_bytes_and_nothing_else_in_the_folder(tmp_path):
    for name in ("a.gds", "b.gds"):
        write_gds(make_device("crossing"), tmp_path / name)
    assert (tmp_path / "a.gds").read_bytes() == (tmp_path / "b.gds").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.gds", "b.gds"]


def test_a_file_that_cannot_be_written_leaves_what_was_there(tmp_path):
    (tmp_path / "folder.gds").mkdir()
    for target in (tmp_path / "folder.gds", tmp_path / "absent" / "a.gds"):
        with pytest.raises(BadInput, match="a file that can be written"):
            write_gds(make_device("straight"), target)
    assert [path.name for path in tmp_path.iterdir()] == ["folder.gds"]


def test_polygons_too_large_for_a_record_come_back_whole(tmp_path):
    """A wavy bar of 2000 corners is divided into several polygons by the helper above, which allows 199."""
    x = np.linspace(0.0, 200.0, 1000)
    y = 0.2 * np.sin(x)
    outline = np.concatenate([np.stack([x, y], 1), np.stack([x, y + 0.5], 1)[::-1]])
    write(tmp_path / "wave.gds", gdstk.Polygon(outline.tolist(), layer=1))
    assert len(gdstk.read_gds(tmp_path / "wave.gds").cells[0].polygons) > 5
    (region,) = read_gds(tmp_path / "wave.gds", None, CORE)
    assert polygon_area(region.vertices) == pytest.approx(100.0, rel=1e-4)


def test_overlaps_and_seams_vanish(tmp_path):
    path = write(tmp_path / "a.gds", square(0, 0), square(1, 0), square(0.5, 0.5))
    (region,) = read_gds(path, "top", CORE)
    assert polygon_area(region.vertices) == pytest.approx(2.0 + 0.5)
    grid = PixelGrid(-0.5, -0.5, 0.1, 30, 30)
    core, normal = coverage(region.vertices, grid)
    assert core.max() <= 1.0 + 1e-12
    np.testing.assert_allclose(normal[14:17, 6:9], 0.0, atol=1e-12)  # nothing is left of the seam at x = 1


def test_holes_stay_open(tmp_path):
    ring = gdstk.boolean(square(0, 0, 3.0), square(1, 1), "not", layer=1)
    path = write(tmp_path / "ring.gds", *ring)
    regions = read_gds(path, "top", CORE)
    core = covered(regions, PixelGrid(-0.5, -0.5, 0.25, 16, 16))
    expected = np.zeros((16, 16))
    expected[2:14, 2:14] = 1.0
    expected[6:10, 6:10] = 0.0
    np.testing.assert_allclose(core, expected, atol=1e-12)
    normal = sum(coverage(region.vertices, PixelGrid(-0.5, -0.5, 0.25, 16, 16))[1] for region in regions)
    normal[5:11, 5:11] = 0.0  # the hole's own boundary
    np.testing.assert_allclose(normal[3:13, 3:13], 0.0, atol=1e-12)  # the cut to the hole has none


def test_where_layers_overlap_the_later_one_wins(tmp_path):
    path = write(tmp_path / "a.gds", square(0, 0, 2.0), square(0.5, 0.5, layer=2))
    regions = read_gds(path, "top", {(1, 0): 2.8, (2, 0): 2.9})
    areas = {index: sum(polygon_area(r.vertices) for r in regions if r.index == index) for index in (2.8, 2.9)}
    assert areas == pytest.approx({2.8: 3.0, 2.9: 1.0})
    assert covered(regions, PixelGrid(-0.1, -0.1, 0.05, 50, 50)).max() <= 1.0 + 1e-12


def test_references_arrays_and_paths_count(tmp_path):
    part = gdstk.Cell("part").add(square(0, 0))
    array = gdstk.Reference(part, (10, 0), columns=3, rows=2, spacing=(2, 2))
    path = gdstk.FlexPath([(0, -5), (4, -5)], 0.5, layer=1, simple_path=True)
    write(tmp_path / "a.gds", gdstk.Reference(part, (0, 0), rotation=0.5 * np.pi), array, path, others=[part])
    regions = read_gds(tmp_path / "a.gds", None, CORE)
    assert sum(polygon_area(region.vertices) for region in regions) == pytest.approx(1 + 6 + 2)
    assert min(region.vertices[:, 0].min() for region in regions) == pytest.approx(-1.0)


def test_cells_and_layers_that_are_not_there_are_named(tmp_path):
    part = gdstk.Cell("part").add(square(0, 0, layer=7))
    path = write(tmp_path / "a.gds", square(0, 0), others=[part])
    for cell, layers, told in (
        (None, CORE, r"one top cell, got 2 \(part, top\)"),
        ("tip", CORE, "a cell of part, top, got 'tip'"),
        ("part", CORE, "polygons on layer 1/0 of cell part, got layers 7/0"),
    ):
        with pytest.raises(BadInput, match=told):
            read_gds(path, cell, layers)


def test_a_small_file_that_stands_for_a_billion_polygons_is_refused(tmp_path):
    cells = [gdstk.Cell("c0").add(square(0, 0))]
    for level in range(1, 9):
        cells.append(gdstk.Cell(f"c{level}").add(gdstk.Reference(cells[-1], columns=10, rows=10, spacing=(5, 5))))
    path = write(tmp_path / "bomb.gds", gdstk.Reference(cells[-1]), others=cells)
    with pytest.raises(BadInput, match="at most 1000000 vertices in cell top, got 40000000000000000"):
        read_gds(path, "top", CORE)


def test_cells_in_a_circle_are_refused(tmp_path):
    one, two = gdstk.Cell("one"), gdstk.Cell("two")
    one.add(gdstk.Reference(two))
    two.add(gdstk.Reference(one))
    path = write(tmp_path / "circle.gds", gdstk.Reference(one), others=[one, two])
    with pytest.raises(BadInput, match="a cell that contains itself"):
        read_gds(path, "top", CORE)


def test_a_cell_that_was_left_out_is_named(tmp_path):
    path = write(tmp_path / "a.gds", square(0, 0), gdstk.Reference(gdstk.Cell("lost")))
    with pytest.raises(BadInput, match="none named lost"):
        read_gds(path, "top", CORE)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "an end after 0 bytes"),
        (b"not a layout at all, but text", "whole GDSII records"),
        (bytes([0, 4, 1, 2]), "does not begin as one|an end after"),
    ],
)
def test_other_files_are_refused(tmp_path, content, told):
    path = tmp_path / "a.gds"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=told):
        read_gds(path, None, CORE)


def test_files_that_are_no_files_or_too_large_are_refused(tmp_path):
    with pytest.raises(BadInput, match="a regular file"):
        read_gds(tmp_path, None, CORE)
    with pytest.raises(BadInput, match="a file that can be read"):
        read_gds(tmp_path / "absent.gds", None, CORE)
    with (tmp_path / "large.gds").open("wb") as file:
        file.truncate(64 * 2**20 + 1)
    with pytest.raises(BadInput, match="at most 67108864 bytes"):
        read_gds(tmp_path / "large.gds", None, CORE)


@pytest.fixture(scope="module")
def whole_file(tmp_path_factory):
    part = gdstk.Cell("part").add(square(0, 0))
    reference = gdstk.Reference(part, (10, 0), rotation=1.0, magnification=2.0)
    label = gdstk.Label("o1", (0, 0), layer=10)
    path = tmp_path_factory.mktemp("gds") / "whole.gds"
    return write(path, square(0, 0), reference, label, others=[part]).read_bytes()


@settings(max_examples=300)
@given(st.data())
def test_any_damage_is_refused_in_words_or_harmless(tmp_path_factory, whole_file, data):
    """The library that parses the file trusts it and may crash: nothing broken may get that far."""
    damaged = bytearray(whole_file)
    for place, value in data.draw(
        st.lists(st.tuples(st.integers(0, len(damaged) - 1), st.integers(0, 255)), max_size=3)
    ):
        damaged[place] = value
    length = data.draw(st.one_of(st.just(len(damaged)), st.integers(0, len(damaged))))
    path = tmp_path_factory.getbasetemp() / "damaged.gds"
    path.write_bytes(damaged[:length])
    try:
        regions = read_gds(path, data.draw(st.sampled_from([None, "top"])), CORE)
    except BadInput:
        return
    assert all(np.all(np.isfinite(region.vertices)) for region in regions)


def draw(name, file, overrides):
    def compile_nothing(device):
        raise AssertionError(f"{device.name} needs no model to be drawn")

    export_to(name, file, overrides, None, None, compile_nothing)


@pytest.mark.parametrize("name", design_names("devices"))
def test_every_design_of_the_library_can_be_exported(tmp_path, name):
    draw(name, tmp_path / "out.gds", [])
    roles = {GDS_LAYERS[region.role] for region in geometry(load_device(name), 0.0).regions}
    regions = read_gds(tmp_path / "out.gds", name, dict.fromkeys(sorted(roles), 2.85))
    total = sum(polygon_area(region.vertices) for region in regions)
    assert total == pytest.approx(area(geometry(load_device(name), 0.0)), rel=1e-3)


def test_exported_devices_take_overrides(tmp_path):
    draw("straight", tmp_path / "out.gds", ["length_um=2.5"])
    (region,) = read_gds(tmp_path / "out.gds", "straight", CORE)
    assert polygon_area(region.vertices) == pytest.approx(1.25)
