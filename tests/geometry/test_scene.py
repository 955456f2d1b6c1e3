import numpy as np
import pytest

from fdtd_onn.errors import BadInput
from fdtd_onn.geometry.scene import draw
from tests.geometry.make import bulk, make_device, with_stack


def upright(kind, **stack):
    return with_stack(make_device(kind), plane="xz", **stack)


def test_an_upright_plane_through_a_guide_shows_its_film():
    drawn = draw(upright("straight"), 1.0)
    (region,) = drawn.regions
    assert sorted(map(tuple, region.vertices)) == [(-2.0, 0.0), (-2.0, 0.22), (2.0, 0.0), (2.0, 0.22)]
    assert (region.index, drawn.cladding_index) == (3.4757, 1.444)
    assert [(p.name, p.x_um, p.y_um, p.width_um) for p in drawn.ports] == [
        ("o1", -1.0, 0.11, 0.22),
        ("o2", 1.0, 0.11, 0.22),
    ]
    assert (drawn.x_range_um, drawn.y_range_um, drawn.z_range_um) == ((-1.0, 1.0), (0.0, 0.22), None)


def test_a_heated_section_is_there_with_its_step_on_the_bulk_index():
    drawn = draw(upright("phase_shifter"), 1.0)
    assert [r.index for r in drawn.regions] == pytest.approx([3.4757, 3.4757 + 100.0 * 1.84e-4, 3.4757])
    assert drawn.regions[1].vertices[:, 0].max() == drawn.regions[2].vertices[:, 0].min()


@pytest.mark.parametrize("kind", ["bend", "coupler", "s_bend", "crossing"])
def test_a_device_off_one_line_has_no_upright_plane(kind):
    with pytest.raises(BadInput, match=r"plane: expected ports on one line along x.*o2 along.*dimensions = 3"):
        draw(upright(kind), 1.0)


def test_an_upright_plane_needs_a_stack_and_two_dimensions():
    with pytest.raises(ValueError, match=r"plane = 'xz' needs a \[stack\]"):
        type(make_device("straight")).model_validate(
            make_device("straight").model_dump(mode="json") | {"stack": None, "plane": "xz"}
        )
    with pytest.raises(ValueError, match="a run in two dimensions, not in 3"):
        with_stack(make_device("straight"), plane="xz", dimensions=3)


def test_a_rib_is_a_guide_on_a_layer_and_the_guide_alone_leans():
    drawn = draw(with_stack(make_device("straight"), dimensions=3, slab_um=0.09, sidewall_deg=8.0), 1.0)
    assert [(layer.index, layer.range_um) for layer in drawn.layers] == [(3.4757, (0.0, 0.09))]
    below, above = drawn.regions
    assert (below.z_range_um, below.walls) == ((0.0, 0.09), None)
    assert (above.z_range_um, above.walls.drawn_at_um) == ((0.09, 0.22), pytest.approx(0.155))
    assert (drawn.displaced_by(below), drawn.displaced_by(above)) == (3.4757, 1.444)


def test_layers_move_with_the_device():
    drawn = draw(with_stack(make_device("straight"), dimensions=3, slab_um=0.09, substrate=bulk(1.45)), 1.0)
    moved = drawn.shifted(1.0, 2.0, -0.1)
    assert [layer.range_um for layer in moved.layers] == [(-np.inf, -0.1), (-0.1, pytest.approx(-0.01))]
    flat = draw(upright("straight", substrate=bulk(1.45)), 1.0).shifted(1.0, 2.0)
    assert [layer.range_um for layer in flat.layers] == [(-np.inf, 2.0)]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"slab_um": 0.22}, "or no guide is left"),
        ({"substrate": bulk(3.6)}, "must exceed the substrate's"),
        (
            {"substrate": {"index": 1.4, "basis": "effective"}},
            r"stack\.substrate\s+Value error, the stack needs a bulk index",
        ),
        ({"sidewall_deg": -3.0}, "sidewall_deg"),
    ],
)
def test_stacks_that_cannot_be_are_refused(change, told):
    with pytest.raises(ValueError, match=told):
        with_stack(make_device("straight"), **change)
