import numpy as np
import pytest

from fdtd_onn.analytic.fresnel import etalon_s, interface_s


def test_an_interface_conserves_power_and_turns_its_reflection_with_the_side():
    s = interface_s(1.0, 3.5)
    np.testing.assert_allclose(s @ s.T, np.eye(2), atol=1e-15)
    assert s[0, 0] == pytest.approx(-2.5 / 4.5)
    assert s[1, 1] == -s[0, 0]


def test_a_half_wave_film_is_invisible_and_a_quarter_wave_film_reflects_most():
    half, quarter = (etalon_s(1.0, 2.0, thickness, 1.5) for thickness in (1.5 / 4, 1.5 / 8))
    assert abs(half[0, 0]) < 1e-15
    assert quarter[0, 0] == pytest.approx(-(4.0 - 1.0) / (4.0 + 1.0))  # (n₁² − n₂²)/(n₁² + n₂²)


def test_an_etalon_is_lossless_at_every_wavelength():
    s = etalon_s(1.44, 2.85, 7.3, np.linspace(1.5, 1.6, 11))
    np.testing.assert_allclose(s @ s.conj().transpose(0, 2, 1), np.tile(np.eye(2), (11, 1, 1)), atol=1e-14)
