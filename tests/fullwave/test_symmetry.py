import numpy as np

from fdtd_onn.specs.fidelity import FIDELITIES
from tests.fullwave.support import needs_engine, response_of
from tests.geometry.make import make_device

pytestmark = needs_engine


def test_a_crossing_of_fourfold_symmetry_is_symmetric_though_nobody_said_so():
    """Every port is run by itself; ports along x and along y are different components of the field on the grid."""
    small = {"resolution": 12, "coarse_resolution": 9, "lead_um": 0.8, "margin_um": 0.8, "pml_um": 0.8}
    device = make_device("crossing", taper_length_um=1.2, centre_width_um=1.2)
    response = response_of(device, FIDELITIES["draft"].model_copy(update=small))
    reflections = np.abs(np.diagonal(response.s, axis1=1, axis2=2))
    bars = np.diagonal(response.s_error, axis1=1, axis2=2)
    assert np.all(np.abs(reflections - reflections[:, :1]) <= bars)
    turned = np.roll(response.s, (1, 1), axis=(1, 2))  # by a quarter turn: o1 is where o2 was
    np.testing.assert_allclose(np.abs(turned), np.abs(response.s), atol=1e-5)
    assert reflections.min() > 1e-2  # there is something to compare
