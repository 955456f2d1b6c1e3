import numpy as np
import pytest

from fdtd_onn.process import independent_draws, sensitivities

SLOPES = np.array([[1.0, -2.0, 0.5], [0.0, 3.0, 0.1]])
STEPS = (2.0, 4.0)
BENDS = np.array([[0.4, 0.0, -0.3], [0.2, -0.5, 0.0]])


def expansion_of(function):
    steps = np.array([step * np.eye(3) for step in STEPS])
    up, down = (np.apply_along_axis(function, -1, sign * steps)[:, :, None] for sign in (1.0, -1.0))
    return sensitivities(function(np.zeros(3))[None], up, down, STEPS, np.zeros(up.shape[-1])).expansion


def linear(x):
    return np.array([2.0, -1.0]) + SLOPES @ x


def quadratic(x):
    return linear(x) + 0.5 * BENDS @ x**2


@pytest.mark.parametrize("function", [linear, quadratic])
def test_functions_without_mixed_terms_are_exact_everywhere(function):
    expansion = expansion_of(function)
    places = 3.0 * np.random.default_rng(1).standard_normal((20, 3))
    np.testing.assert_allclose(expansion.at(places), [function(x) for x in places], atol=1e-13)
    np.testing.assert_allclose(expansion.first, SLOPES, atol=1e-14)
    np.testing.assert_allclose(expansion.second, BENDS if function is quadratic else 0.0 * BENDS, atol=1e-14)


def test_a_mixed_term_is_what_corners_find():
    """q = x·y has no slope and no bend along the axes, and 9 at the corner (3, 3)."""
    expansion = expansion_of(lambda x: np.array([x[0] * x[1]]))
    assert expansion.at(np.array([3.0, 3.0, 0.0])) == pytest.approx(0.0)


def test_moments_are_those_of_random_devices():
    expansion = expansion_of(quadratic)
    draws = expansion.at(independent_draws(200_000, 3, seed=5))
    error = expansion.deviation / np.sqrt(200_000)
    assert np.all(np.abs(draws.mean(axis=0) - expansion.mean) < 4 * error)
    # The scatter of a variance estimate is √(κ − 1)/√N of it; these distributions have a kurtosis below 5.
    np.testing.assert_allclose(draws.std(axis=0), expansion.deviation, rtol=4 * 2.0 / 2 / np.sqrt(200_000))
