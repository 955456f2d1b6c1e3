import numpy as np
import pytest

from fdtd_onn.analytic.coupled import coupler_s, coupling_length_um

WAVELENGTHS = np.array([1.5, 1.55, 1.6])


def test_lossless_reciprocal_and_matched():
    s = coupler_s(17.0, WAVELENGTHS, 2.41, 2.39)
    np.testing.assert_allclose(s @ s.conj().transpose(0, 2, 1), np.tile(np.eye(4), (3, 1, 1)), atol=1e-14)
    np.testing.assert_allclose(s, s.transpose(0, 2, 1), atol=1e-15)


def test_the_power_is_across_after_a_coupling_length_and_back_after_two():
    length = coupling_length_um(1.55, 2.41, 2.39)
    across, back = (np.abs(coupler_s(n * length, 1.55, 2.41, 2.39)[:, 0]) ** 2 for n in (1, 2))
    assert across == pytest.approx([0, 0, 1, 0], abs=1e-14)
    assert back == pytest.approx([0, 0, 0, 1], abs=1e-14)


def test_the_coupled_mode_equations_hold():
    # da/dz = i(β a + κ b), db/dz = i(β b + κ a) for the amplitudes of the two guides.
    even, odd, h = 2.41, 2.39, 1e-4
    beta, kappa = 2 * np.pi / 1.55 * np.array([(even + odd) / 2, (even - odd) / 2])
    before, here, after = (coupler_s(20.0 + d, 1.55, even, odd)[2:, 1] for d in (-h, 0.0, h))
    expected = 1j * np.array([[beta, kappa], [kappa, beta]]) @ here
    np.testing.assert_allclose((after - before) / (2 * h), expected, atol=1e-5)
