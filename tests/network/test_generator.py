import numpy as np
import pytest

from fdtd_onn.network.generator import ModulatorBank

FIELDS = np.array([[0.3, 0.0, 0.9j], [-0.6, 0.02j, 3.0]], dtype=complex)


def bank(bits=None, darkest=0.0, errors=(1.0, 1.0)):
    return ModulatorBank(1.0, bits, darkest, np.array(errors, dtype=complex))


def test_amplitudes_within_reach_come_out_with_the_errors_of_their_ports():
    out = bank(errors=(1.02, np.exp(0.1j))).emit(FIELDS)
    np.testing.assert_allclose(out[0], 1.02 * FIELDS[0], atol=1e-15)
    np.testing.assert_allclose(out[1], np.exp(0.1j) * np.array([-0.6, 0.02j, 1.0]), atol=1e-15)  # 3.0 is out of reach


def test_a_dark_modulator_lets_through_what_its_extinction_says():
    out = bank(darkest=0.1).emit(FIELDS)
    np.testing.assert_allclose(np.abs(out), [[0.3, 0.1, 0.9], [0.6, 0.1, 1.0]], atol=1e-15)
    np.testing.assert_allclose(np.angle(out[1, 1]), np.pi / 2)


def test_converter_steps_are_those_of_the_amplitude():
    out = bank(bits=2).emit(FIELDS)
    np.testing.assert_allclose(np.abs(out), [[1 / 3, 0.0, 1.0], [2 / 3, 0.0, 1.0]], atol=1e-15)
    np.testing.assert_array_less(np.abs(bank(bits=12).emit(FIELDS[:, :2]) - FIELDS[:, :2]), 0.5 / 4095 + 1e-12)


def test_light_of_free_scale_uses_the_whole_converter():
    weak = 1e-9 * FIELDS
    np.testing.assert_allclose(bank(bits=8).emit_scaled(weak), weak, atol=0.5 * 3e-9 / 255 * 1.01)
    np.testing.assert_array_equal(bank(bits=8).emit_scaled(0.0 * weak), 0.0 * weak)


def test_no_more_than_the_limit_comes_out():
    rng = np.random.default_rng(0)
    modulators = bank(bits=10, darkest=0.05, errors=(1.1, 0.9j))
    x = rng.standard_normal((2, 200)) * 0.3
    limit = 0.2
    allowed = np.sum(np.abs(x) ** 2, axis=0) <= modulators.input_limit_w(limit)
    assert 20 < allowed.sum() < 180
    powers = np.sum(np.abs(modulators.emit(x.astype(complex))) ** 2, axis=0)
    assert powers[allowed].max() <= limit * (1 + 2 / 1023)  # and half a step of the converter


def test_pull_back_is_the_transposed_derivative():
    modulators, rng = bank(errors=(1.1, 0.9j)), np.random.default_rng(0)
    delta, move = rng.standard_normal((2, 2, 3)) + 1j * rng.standard_normal((2, 2, 3))
    x = FIELDS / 4
    step = 1e-6
    change = (modulators.emit(x + step * move) - modulators.emit(x - step * move)) / (2 * step)
    expected = np.sum(modulators.pull_back(delta) * move)
    assert np.sum(delta * change) == pytest.approx(expected, rel=1e-8)
