import pytest

from fdtd_onn.analytic.slab import Slab, slab_index
from fdtd_onn.process import with_slab_index
from fdtd_onn.specs.load import moved
from tests.geometry.make import bulk, make_device, with_stack


@pytest.mark.parametrize(("polarization", "field"), [("te", "Ez"), ("tm", "Hz")])
def test_in_the_plane_the_core_follows_the_film(polarization, field):
    """By the difference of the closed form, from whatever index the file says."""
    device = with_stack(make_device("straight", polarization))
    stack = device.stack
    film = [
        slab_index(Slab(stack.thickness_um + added, stack.core.index, stack.cladding.index), device.centre_um, field)
        for added in (0.0, 0.004)
    ]
    amounts = with_slab_index(device, {"stack.thickness_um": 0.004, "parameters.width_um": 0.01})
    changed = moved(device, amounts)
    assert changed.materials.core.index - device.materials.core.index == pytest.approx(film[1] - film[0], rel=1e-9)
    assert changed.parameters.width_um == pytest.approx(device.parameters.width_um + 0.01)
    assert changed.physics() != device.physics()


def test_a_substrate_counts():
    """A film on a higher substrate reaches further into it, and follows its own thickness otherwise."""
    plain = with_stack(make_device("straight"))
    lifted = with_stack(make_device("straight"), substrate=bulk(2.0))
    steps = [with_slab_index(d, {"stack.thickness_um": 0.004})["materials.core.index"] for d in (plain, lifted)]
    assert 0.0 < steps[1] < steps[0]


def test_where_the_film_itself_is_run_nothing_follows():
    amounts = {"stack.thickness_um": 0.004}
    assert with_slab_index(make_device("straight", dimensions=3), amounts) == amounts
    assert with_slab_index(make_device("straight"), {"parameters.width_um": 0.01}) == {"parameters.width_um": 0.01}
