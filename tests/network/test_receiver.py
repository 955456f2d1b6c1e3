import numpy as np
import pytest

from fdtd_onn.network.detector import ELEMENTARY_CHARGE_C, Detector
from fdtd_onn.network.receiver import CoherentReceiver


def receiver(bits=24, thermal=0.0, bandwidth=1e9, oscillator_w=0.01):
    return CoherentReceiver(Detector(0.8, bandwidth, 0.0, thermal, bits, 1e-3), oscillator_w)


def test_a_strong_oscillator_leaves_the_shot_noise_alone():
    """σ² = qB/R per quadrature, whatever the oscillator's power; thermal noise falls with it."""
    limit = np.sqrt(ELEMENTARY_CHARGE_C * 1e9 / 0.8)
    assert receiver().noise == pytest.approx(limit, rel=1e-12)
    assert receiver(oscillator_w=1.0).noise == pytest.approx(limit, rel=1e-12)
    assert receiver(thermal=1e-11, oscillator_w=10.0).noise == pytest.approx(limit, rel=1e-3)
    assert receiver(thermal=1e-11, oscillator_w=1e-4).noise > 1.5 * limit


def test_readings_scatter_about_the_field_by_the_noise_in_both_quadratures():
    count, field = 40_000, 0.01 - 0.005j
    r = receiver(thermal=1e-11)
    off = r.read(np.full(count, field), np.random.default_rng(0)) - field
    for quadrature in (off.real, off.imag):
        assert abs(quadrature.mean()) < 4 * r.noise / np.sqrt(count)
        assert quadrature.std() == pytest.approx(r.noise, rel=4 / np.sqrt(2 * count))
    assert abs(np.mean(off.real * off.imag)) < 4 * r.noise**2 / np.sqrt(count)


def test_codes_reach_from_minus_to_plus_full_scale():
    r = receiver(bits=3, bandwidth=1e-9)
    reach = np.sqrt(1e-3)
    read = r.read(np.linspace(-2, 2, 401) * reach * (1 + 1j), np.random.default_rng(0))
    assert np.unique(np.round(read.real / reach, 9)).size == 8
    assert (read.real.min(), read.imag.max()) == pytest.approx((-reach, reach))


def test_light_of_free_scale_is_read_with_the_relative_noise_of_full_scale():
    r, rng = receiver(thermal=1e-11), np.random.default_rng(0)
    field = 1e-9 * rng.standard_normal(20_000).astype(complex)
    off = r.read_scaled(field, rng) - field
    assert off.std() / np.abs(field).max() == pytest.approx(np.sqrt(2) * r.noise / np.sqrt(1e-3), rel=0.03)
    np.testing.assert_array_equal(r.read_scaled(0 * field, rng), 0 * field)
