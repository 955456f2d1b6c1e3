"""The grid's dispersion, taken out along the way that light goes."""

import numpy as np
import pytest

from fdtd_onn.analytic.slab import Slab, slab_index
from fdtd_onn.fullwave.cell import build_cell
from fdtd_onn.fullwave.lag import dispersion_of_ports
from fdtd_onn.specs.fidelity import FIDELITIES
from tests.fullwave.columns import column_of, without_dispersion
from tests.fullwave.support import needs_engine
from tests.geometry.make import make_device

DRAFT = FIDELITIES["draft"]
BAND = np.array([1.5, 1.55, 1.6])


def lag(device, resolution):
    return dispersion_of_ports(build_cell(device, DRAFT, resolution, BAND))[1]


@pytest.mark.parametrize("polarization", ["te", "tm"])
def test_a_slanted_guide_lags_by_the_mean_of_straight_ones(polarization):
    """An S-bend of any offset; straight guides are moved through a pixel by what is beside them."""
    bend = lag(make_device("s_bend", polarization), 20)[0]
    other = lag(make_device("s_bend", polarization, offset_um=1.3 + 0.02), 20)[0]
    np.testing.assert_allclose(bend, other, rtol=0.02)
    straight = lag(make_device("straight", polarization, length_um=6.2), 20)[0]
    apart = np.abs(bend / straight - 1.0).max()
    # Where its edges lie matters, and hardly where fields along them see hats.
    assert apart > 0.02 if polarization == "te" else apart < 5e-3


def test_mirror_images_lag_alike():
    """The gap's alignment differs from the ports', and is the same in all four arms."""
    rows = lag(make_device("coupler", gap_um=0.17), 20)
    np.testing.assert_allclose(rows, np.tile(rows[0], (4, 1)), rtol=1e-9)


@needs_engine
def test_the_phase_of_a_coupler_is_that_of_the_device_and_not_of_the_grid():
    """Two grids whose pixels the edges meet differently; by the ports' lag alone they would be 0.2 rad apart."""
    device = make_device("coupler", gap_um=0.15, length_um=3.0)
    s = [without_dispersion(device, column_of(device, DRAFT, resolution)) for resolution in (20, 28)]
    assert np.abs(np.angle(s[1][:, 3] / s[0][:, 3])).max() < 0.03


@needs_engine
@pytest.mark.parametrize("width", [0.45, 0.5])
def test_heat_turns_the_phase_by_what_the_slab_says(width):
    """At 20 px/µm the heated guide's own dispersion is 3 % of the phase that heat adds."""
    phases, exact = [], []
    for delta_t in (0.0, 100.0):
        device = make_device("phase_shifter", width_um=width, delta_t_k=delta_t)
        p, core = device.parameters, device.materials.core.index
        phases.append(np.angle(without_dispersion(device, column_of(device, DRAFT, 20))[:, 1]))
        guide = Slab(width, core + p.dn_dt_per_k * delta_t, device.materials.cladding.index)
        exact.append([2 * np.pi * slab_index(guide, w, "Hz") * p.length_um / w for w in BAND])
    expected = np.subtract(*exact[::-1])
    turned = np.angle(np.exp(1j * np.subtract(*phases[::-1])))
    np.testing.assert_allclose(turned, expected, rtol=2e-3)
