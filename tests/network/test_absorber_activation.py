import numpy as np
import pytest

from fdtd_onn.network.activation import AbsorberActivation
from tests.network.stand_ins import AnalyticAbsorber

NO_PHASES = np.empty(0)
ABSORBER = AnalyticAbsorber(optical_depth=3.0, saturation_power_w=1.0)


def fields(scale):
    rng = np.random.default_rng(1)
    return scale * (rng.standard_normal((4, 6)) + 1j * rng.standard_normal((4, 6)))


def test_adjoint_against_finite_differences_along_both_quadratures():
    activation, e, delta = AbsorberActivation(ABSORBER, "coherent"), fields(1.0), fields(0.3)[::-1]

    def loss(x):
        return 2 * np.real(np.sum(delta * activation.forward(NO_PHASES, x)[0]))

    got, _none = activation.adjoint(NO_PHASES, activation.forward(NO_PHASES, e)[1], delta)
    step = 1e-5
    for turn, component in ((1.0, got.real), (1j, -got.imag)):
        for index in np.ndindex(e.shape):
            move = np.zeros_like(e)
            move[index] = step * turn
            numeric = (loss(e + move) - loss(e - move)) / (2 * step)
            assert abs(numeric - 2 * component[index]) < 1e-8


@pytest.mark.parametrize("probe", ["coherent", "time-gated"])
def test_weak_light_makes_probe_and_derivative_agree(probe):
    """Far below saturation the absorber is linear: probe, chord and slope are all exp(−OD/2)."""
    activation, e, light = AbsorberActivation(ABSORBER, probe), fields(1e-4), fields(1.0)
    back, _none = activation.send_back(NO_PHASES, e, light)
    np.testing.assert_allclose(back, activation.adjoint(NO_PHASES, e, light)[0], atol=1e-6)
    np.testing.assert_allclose(np.abs(back), np.abs(light) * np.exp(-1.5), rtol=1e-6)


def test_time_gated_probe_sees_the_pumps_transmission_and_a_coherent_one_more():
    e, light = fields(1.0), np.ones((4, 6), dtype=complex)
    gated = AbsorberActivation(ABSORBER, "time-gated").send_back(NO_PHASES, e, light)[0]
    coherent = AbsorberActivation(ABSORBER, "coherent").send_back(NO_PHASES, e, light)[0]
    np.testing.assert_allclose(gated, AbsorberActivation(ABSORBER, "coherent").forward(NO_PHASES, e)[0] / e, rtol=1e-12)
    assert np.all(np.abs(coherent) > np.abs(gated))
