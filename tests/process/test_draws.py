import numpy as np
import pytest

from fdtd_onn.errors import BadInput
from fdtd_onn.process import correlated_draws

CHIPS = 40_000
LENGTH = 300.0
PLACES = np.array([[0.0, 0.0], [300.0, 0.0], [300.0, 400.0], [0.0, 2000.0]])


def test_neighbours_are_as_alike_as_the_covariance_says():
    draws = correlated_draws(PLACES, [LENGTH], CHIPS, seed=3)[..., 0]
    distances = np.linalg.norm(PLACES[:, None] - PLACES[None], axis=-1)
    expected = np.exp(-0.5 * (distances / LENGTH) ** 2)
    # The scatter of each estimated covariance is at most √2/√N.
    np.testing.assert_allclose(draws.T @ draws / CHIPS, expected, atol=4 * np.sqrt(2 / CHIPS))
    assert np.abs(draws.mean(axis=0)).max() < 4 / np.sqrt(CHIPS)


def test_variations_are_independent_and_one_without_length_is_the_same_all_over_a_chip():
    draws = correlated_draws(PLACES, [LENGTH, None], CHIPS, seed=3)
    np.testing.assert_array_equal(draws[:, 0, 1], draws[:, 3, 1])
    assert abs(np.mean(draws[:, 0, 0] * draws[:, 0, 1])) < 4 / np.sqrt(CHIPS)
    assert draws[:, 2, 1].std() == pytest.approx(1.0, abs=4 / np.sqrt(2 * CHIPS))


def test_devices_at_one_place_are_alike():
    draws = correlated_draws(np.zeros((3, 2)), [LENGTH], 100, seed=1)[..., 0]
    np.testing.assert_allclose(draws[:, 1], draws[:, 0], atol=1e-4)


def test_positions_of_another_shape_are_refused():
    with pytest.raises(BadInput, match="shape"):
        correlated_draws(np.zeros(3), [LENGTH], 10, seed=0)
