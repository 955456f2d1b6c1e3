import numpy as np
import pytest

from fdtd_onn.reduce.absorption import Absorption
from fdtd_onn.reduce.probe_error import error_over_depth, probe_error
from fdtd_onn.report.figures.probe_gradient import draw_probe_gradient
from tests.reduce.synthetic import guide_profile, uniform_profile
from tests.reduce.test_absorber import P_SAT, absorber

UNIFORM = absorber(uniform_profile(), Absorption(1.5, 0.0, P_SAT, 0.0, 0.0, 0.0))
POWERS = P_SAT * np.geomspace(1e-6, 20.0, 121)


@pytest.mark.parametrize("kind", ["coherent", "time-gated"])
def test_the_error_is_that_of_signals_of_random_phase(kind):
    power = P_SAT * np.array([0.3, 1.0, 5.0])
    e = np.sqrt(power)
    signal = np.exp(2j * np.pi * np.random.default_rng(0).random((200_000, 1)))
    along, across = UNIFORM.jacobian(e)
    exact, seen = signal * along + np.conj(signal * across), signal * UNIFORM.probe(e, kind)
    error = np.sqrt(np.mean(np.abs(seen - exact) ** 2, axis=0) / np.mean(np.abs(exact) ** 2, axis=0))
    cosine = np.mean(np.real(np.conj(seen) * exact), axis=0) / np.sqrt(
        np.mean(np.abs(seen) ** 2, axis=0) * np.mean(np.abs(exact) ** 2, axis=0)
    )
    found = probe_error(UNIFORM, kind, power)
    np.testing.assert_allclose(found.error, error, rtol=2e-2)
    np.testing.assert_allclose(found.cosine, cosine, atol=2e-3)


def test_weak_light_has_no_error_and_depth_makes_it_grow():
    for kind in ("coherent", "time-gated"):
        assert probe_error(UNIFORM, kind, POWERS[:1]).error[0] < 1e-5
    rows = error_over_depth(UNIFORM, POWERS)
    assert [row.optical_depth for row in rows] == [0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0]
    for name in ("coherent_error", "gated_error"):
        assert np.all(np.diff([getattr(row, name) for row in rows]) > 0)
    assert all(row.coherent_error < row.gated_error and row.coherent_cosine >= row.gated_cosine - 1e-12 for row in rows)


def test_thin_sections_err_in_proportion_to_their_depth():
    """To first order in the depth, δ at I: t and ∂y/∂E differ by it, and so does the conjugate part."""
    intensity = np.array([0.5, 2.0])
    depth = 1e-3
    thin = absorber(uniform_profile(), Absorption(depth, 0.0, P_SAT, 0.0, 0.0, 0.0))
    # y = E(1 − ½ depth/(1 + I)): ∂y/∂E = 1 − ½ depth/(1 + I)², the coherent probe's own; ∂y/∂E* = ½ depth I/(1 + I)².
    conjugate = 0.5 * depth * intensity / (1 + intensity) ** 2
    np.testing.assert_allclose(probe_error(thin, "coherent", P_SAT * intensity).error, conjugate, rtol=1e-2)
    np.testing.assert_allclose(probe_error(thin, "time-gated", P_SAT * intensity).error, 2**0.5 * conjugate, rtol=1e-2)


def test_the_figure_shows_both_probes_beside_the_exact_derivative():
    figure = draw_probe_gradient(absorber(guide_profile(), Absorption(1.2, 0.05, P_SAT, 0.3, 0.4, 0.5)))
    main, error, depth = figure.axes
    exact, coherent, gated = (line.get_ydata() for line in main.lines)
    assert np.all((gated <= coherent + 1e-9) & (coherent <= 1.0))
    assert exact[0] == pytest.approx(coherent[0], rel=1e-3)
    assert len(error.lines) == len(depth.lines) == 2
