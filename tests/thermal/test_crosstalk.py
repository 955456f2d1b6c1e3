"""Heaters of finite length against the closed form for two line segments."""

import numpy as np
import pytest
from scipy.special import k0

from fdtd_onn.thermal.crosstalk import finite_length, spectrum_rates


def test_two_segments_over_a_cold_plane():
    """∬ dx dx′ (1/R − 1/R′) in closed form, from the spectrum K₀(qr) − K₀(qr′)."""
    length, height = 80.0, 3.0
    aside = np.array([0.4, 5.0, 12.0])
    along = np.array([0.0, 20.0, 80.0, 100.0])
    q = spectrum_rates(300.0, 0.3)
    image = np.hypot(aside, 2 * height)
    spectrum = np.empty((len(q), len(aside)))
    spectrum[0] = np.log(image / aside)
    spectrum[1:] = k0(np.outer(q[1:], aside)) - k0(np.outer(q[1:], image))

    def segments(r):
        def second_integral(u):
            return u * np.arcsinh(u / r) - np.hypot(u, r)

        x = along[:, None]
        return second_integral(x + length) - 2 * second_integral(x) + second_integral(x - length)

    closed = segments(aside[None]) - segments(image[None])
    table = finite_length(q, spectrum, length, along)
    assert table == pytest.approx(closed / closed[0, 0], rel=2e-3, abs=2e-6)
    assert table[0, 0] == 1.0
