"""Observed order of convergence of S, light going through, over resolutions whose grid lines fall on the ports' edges.

The reference is Richardson's extrapolation of the two finest grids.
"""

import numpy as np
import pytest

from fdtd_onn.fullwave import permittivity
from fdtd_onn.geometry.coverage import coverage
from fdtd_onn.specs.fidelity import FIDELITIES
from tests.fullwave.columns import column_of, without_dispersion
from tests.fullwave.support import needs_engine
from tests.geometry.make import make_device

pytestmark = [needs_engine, pytest.mark.long]

SETTINGS = FIDELITIES["draft"].model_copy(update={"settle_tolerance": 1e-5})
BEND = make_device("bend", radius_um=3.35, shape="circular", euler_fraction=None)
COUPLER = make_device("coupler", bend_length_um=3.5, pitch_um=2.0, length_um=1.5, gap_um=0.25)


def transmitted(device, resolution):
    """(n_wl, n - 1) of every port but the one that light enters, without the ports' dispersion."""
    return without_dispersion(device, column_of(device, SETTINGS, resolution))[:, 1:]


def errors(resolutions, values):
    """Largest difference from the extrapolated value, of all resolutions but the two behind it."""
    *others, coarse, fine = values
    ratio = (resolutions[-1] / resolutions[-2]) ** 2
    limit = fine + (fine - coarse) / (ratio - 1)
    return np.array([np.abs(value - limit).max() for value in others])


def order(resolutions, values):
    """Slope of the error over the pitch, both as logarithms."""
    return -np.polyfit(np.log(resolutions[:-2]), np.log(errors(resolutions, values)), 1)[0]


def staircase(vertices, pixels):
    """Pixels either full or empty, without a boundary inside."""
    covered, boundary = coverage(vertices, pixels)
    return np.round(covered), np.zeros_like(boundary)


@pytest.fixture(scope="module")
def bend():
    resolutions = np.array([16, 20, 24, 28, 32, 40])
    return resolutions, [transmitted(BEND, resolution) for resolution in resolutions]


def test_a_bend_converges_at_second_order(bend):
    resolutions, s = bend
    assert 1.6 < order(resolutions, s) < 2.6
    assert order(resolutions, [np.abs(value) ** 2 for value in s]) > 1.2


def test_a_coupler_converges_at_second_order():
    resolutions = np.array([16, 24, 32, 40])
    s = [transmitted(COUPLER, resolution) for resolution in resolutions]
    assert 1.6 < order(resolutions, s) < 3.0
    assert order(resolutions, [np.abs(value) ** 2 for value in s]) > 1.2


def test_a_bend_of_full_and_empty_pixels_is_ten_times_worse(bend, monkeypatch):
    """What smoothing is for, at the resolution of drafts."""
    resolutions, s = bend
    limit = s[-1] + (s[-1] - s[-2]) / ((resolutions[-1] / resolutions[-2]) ** 2 - 1)
    smoothed = np.abs(np.abs(s[1]) ** 2 - np.abs(limit) ** 2).max()
    monkeypatch.setattr(permittivity, "coverage", staircase)
    stairs = np.abs(np.abs(transmitted(BEND, resolutions[1])) ** 2 - np.abs(limit) ** 2).max()
    assert stairs > 10.0 * smoothed
