import numpy as np
import pytest

from fdtd_onn.network.drive import Converter, MeshDrive
from fdtd_onn.network.heating import heater_drive, heater_positions
from fdtd_onn.network.topology import clements
from tests.network.stand_ins import AnalyticHeater

TWO_PI = 2 * np.pi
HEATERS = heater_drive(AnalyticHeater(), 1.55, heater_positions(clements(3), 100.0, 30.0))
PHASES = np.random.default_rng(0).uniform(-TWO_PI, TWO_PI, 9)


def test_crosstalk_brings_each_phase_its_neighbours():
    actual = MeshDrive(HEATERS, False, None).actual(PHASES)
    np.testing.assert_allclose(actual, HEATERS.coupling @ np.mod(PHASES, TWO_PI), rtol=1e-12)
    assert np.abs(actual - np.mod(PHASES, TWO_PI)).max() > 0.1
    assert MeshDrive(HEATERS, False, None).power_mw(PHASES) == pytest.approx(np.mod(PHASES, TWO_PI).sum() / 0.15)


def test_corrected_powers_give_the_phases_asked_for():
    drive = MeshDrive(HEATERS, True, None)
    turns = (drive.actual(PHASES) - PHASES) / TWO_PI
    np.testing.assert_allclose(turns, np.round(turns), atol=1e-9)
    assert drive.power_mw(PHASES) == pytest.approx(HEATERS.powers(PHASES).sum(), rel=1e-12)


def test_converter_steps_are_even_in_voltage():
    """Even steps of voltage V give phases that go with V²; the nearest code is off by at most half a step of V."""
    converter = Converter(6, 4 * np.pi)
    phases = np.linspace(0.0, 4 * np.pi, 5000)
    given = converter.nearest(phases)
    assert np.unique(given).size == 64
    off = np.sqrt(given / (4 * np.pi)) - np.sqrt(phases / (4 * np.pi))
    assert np.abs(off).max() == pytest.approx(0.5 / 63, rel=1e-2)
    assert converter.nearest(np.array([100.0]))[0] == pytest.approx(4 * np.pi)


def test_error_of_the_converter_falls_by_half_per_bit():
    errors = [np.std(MeshDrive(None, False, Converter(b, TWO_PI)).actual(p) - p) for b in (6, 8, 10)
              for p in [np.random.default_rng(1).uniform(0, TWO_PI, 4000)]]  # fmt: skip
    np.testing.assert_allclose([errors[0] / errors[1], errors[1] / errors[2]], 4.0, rtol=0.1)


@pytest.mark.parametrize("corrected", [False, True])
def test_pull_back_is_the_transposed_derivative(corrected):
    drive, rng = MeshDrive(HEATERS, corrected, None), np.random.default_rng(0)
    gradient, move, step = *rng.standard_normal((2, 9)), 1e-6
    change = (drive.actual(PHASES + step * move) - drive.actual(PHASES - step * move)) / (2 * step)
    assert gradient @ change == pytest.approx(drive.pull_back(gradient) @ move, rel=1e-6)
