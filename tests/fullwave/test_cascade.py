"""S-matrices joined port to port against the full wave of the whole: what joining loses.

Joints and arms lie on the same grid lines alone and in the whole, so that both have the same discretisation, and only
what passes outside the joined modes (radiation, evanescent tails) is left. Differences are relative to the outgoing
state: |joined − whole| / |whole| over a column of S.
"""

import numpy as np
import pytest

from fdtd_onn.geometry import scene
from fdtd_onn.geometry.paths import ribbon, s_path
from fdtd_onn.geometry.shapes import Geometry, PortPlacement, Stretch
from fdtd_onn.reduce.composition import cascade, star_product
from fdtd_onn.specs.fidelity import FIDELITIES
from tests.fullwave.columns import column_of, s_on_grid, without_dispersion
from tests.fullwave.support import needs_engine
from tests.geometry.make import make_device

pytestmark = needs_engine

SETTINGS = FIDELITIES["draft"].model_copy(update={"settle_tolerance": 1e-4})


def two_in_a_row(device, extension_um):
    """An S-bend and, where it ends, the same again."""
    p = device.parameters
    one = s_path(p.length_um, p.offset_um)
    path = one.moved(-p.length_um, -p.offset_um).then(one)
    guide = ribbon(path.extended(extension_um, extension_um), p.width_um, device.materials.core.index, "core")
    ports = tuple(
        PortPlacement(name, side * p.length_um, side * p.offset_um, side, p.width_um, (Stretch(one.length_um, None),))
        for name, side in (("o1", -1), ("o2", 1))
    )
    edge = p.offset_um + 0.5 * p.width_um
    return Geometry((guide,), device.materials.cladding.index, ports, (-p.length_um, p.length_um), (-edge, edge))


def difference(joined, whole):
    """Largest over the band, of states (n_wl, n)."""
    return float(np.max(np.linalg.norm(joined - whole, axis=1) / np.linalg.norm(whole, axis=1)))


def interferometer(coupler, arm):
    """S of coupler, two arms, coupler; ports as a Mach–Zehnder node has them."""
    left = star_product(coupler, arm, [(2, 0)])  # o1, o2, o4, upper arm
    left = star_product(left, arm, [(2, 0)])  # o1, o2, upper arm, lower arm
    return star_product(left, coupler, [(2, 1), (3, 0)])


def test_two_bends_in_a_row(monkeypatch):
    """Bends directly joined. Once the grid's dispersion is taken out the light that passes still composes.

    Reflections do so no more: their phase is set right as if all of them came from the middle of the device.
    """
    device, resolution = make_device("s_bend", length_um=6.0, offset_um=0.75), 16
    joined = cascade(s_on_grid(device, SETTINGS, resolution), 2)[:, :, 0]
    once = without_dispersion(device, column_of(device, SETTINGS, resolution))
    monkeypatch.setattr(scene, "geometry", two_in_a_row)
    whole = column_of(device, SETTINGS, resolution)
    assert difference(joined, whole.s.T) < 3e-3
    twice = without_dispersion(device, whole)
    reflected_twice = np.abs(once[:, 0]).max() ** 2
    np.testing.assert_allclose(once[:, 1] ** 2, twice[:, 1], atol=3e-3 + reflected_twice)


@pytest.mark.long
def test_couplers_and_arms_are_an_interferometer():
    shape = {"gap_um": 0.2, "length_um": 1.0, "bend_length_um": 5.0, "pitch_um": 1.6}
    resolution = 20
    coupler = s_on_grid(make_device("coupler", **shape), SETTINGS, resolution)
    arm = s_on_grid(make_device("straight", length_um=4.0), SETTINGS, resolution)
    node = make_device("mzi", arm_length_um=4.0, arm_delta_t_k=0.0, **shape)
    whole = column_of(node, SETTINGS, resolution).s.T
    assert difference(interferometer(coupler, arm)[:, :, 0], whole) < 3e-3
