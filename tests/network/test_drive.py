import numpy as np
import pytest

from fdtd_onn.network.drive import Converter, IdealDrive, MeshDrive, NetworkDrive
from fdtd_onn.network.heating import heater_drive
from fdtd_onn.network.topology import clements
from tests.network.stand_ins import AnalyticHeater

TWO_PI = 2 * np.pi
HEATERS = heater_drive(AnalyticHeater(), 1.55, clements(3), 100.0, 30.0)
PHASES = np.random.default_rng(0).uniform(-TWO_PI, TWO_PI, 9)


def test_powers_are_those_of_each_phase_alone_unless_crosstalk_is_corrected():
    left, corrected = MeshDrive(HEATERS, False, None), MeshDrive(HEATERS, True, None)
    np.testing.assert_allclose(left.actual(PHASES), np.mod(PHASES, TWO_PI), rtol=1e-12)
    np.testing.assert_allclose(left.power_mw(PHASES), np.mod(PHASES, TWO_PI) / 0.15)
    np.testing.assert_allclose(corrected.power_mw(PHASES), HEATERS.powers(PHASES), rtol=1e-12)
    assert np.abs(corrected.power_mw(PHASES) - left.power_mw(PHASES)).max() > 1.0


def test_powers_of_heaters_that_are_not_named_are_unknown():
    slices = (slice(0, 9), slice(9, 9), slice(9, 18))
    parts = tuple(zip(slices, (MeshDrive(HEATERS, False, None), IdealDrive(), IdealDrive()), strict=True))
    power = NetworkDrive(parts).power_mw(np.concatenate([PHASES, PHASES]))
    np.testing.assert_array_equal(np.isnan(power), np.arange(18) >= 9)
    assert np.all(np.isnan(MeshDrive(None, False, Converter(8, TWO_PI)).power_mw(PHASES)))


def test_corrected_powers_give_the_phases_asked_for():
    own = MeshDrive(HEATERS, True, None).actual(PHASES)
    turns = (HEATERS.folded @ own - PHASES) / TWO_PI
    np.testing.assert_allclose(turns, np.round(turns), atol=1e-9)


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
    """In the phases by own heaters, and in those of the driven sections that all sections' heat comes to."""
    drive, rng = MeshDrive(HEATERS, corrected, None), np.random.default_rng(0)
    gradient, move, step = *rng.standard_normal((2, 9)), 1e-6
    change = (drive.actual(PHASES + step * move) - drive.actual(PHASES - step * move)) / (2 * step)
    assert gradient @ change == pytest.approx(drive.pull_back(gradient) @ move, rel=1e-6)
    assert gradient @ HEATERS.folded @ change == pytest.approx(drive.pull_back_sections(gradient) @ move, rel=1e-6)
