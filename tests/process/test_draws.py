import numpy as np
import pytest

from fdtd_onn.errors import BadInput
from fdtd_onn.process import correlated_draws, lattice_draws

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


def test_a_lattice_is_as_alike_as_the_covariance_says():
    along, across, chips = np.arange(4) * 250.0, np.arange(3) * 120.0, 4000
    draws = np.stack([lattice_draws(along, across, LENGTH, seed).ravel() for seed in range(chips)])
    places = np.stack(np.meshgrid(along, across, indexing="ij"), axis=-1).reshape(-1, 2)
    distances = np.linalg.norm(places[:, None] - places[None], axis=-1)
    expected = np.exp(-0.5 * (distances / LENGTH) ** 2)
    # The scatter of each estimated covariance is at most √2/√N; of 78 of them one in 16 000 is beyond 4 times that.
    np.testing.assert_allclose(draws.T @ draws / chips, expected, atol=4 * np.sqrt(2 / chips))
    assert np.abs(draws.mean(axis=0)).max() < 4 / np.sqrt(chips)


def test_a_lattice_is_drawn_as_its_places_one_by_one():
    """The Cholesky factor of a product of two covariances is the product of theirs."""
    along, across = np.arange(5) * 450.0, np.arange(4) * 200.0
    places = np.stack(np.meshgrid(along, across, indexing="ij"), axis=-1).reshape(-1, 2)
    one_by_one = correlated_draws(places, [LENGTH], 1, seed=7)[0, :, 0]
    np.testing.assert_allclose(lattice_draws(along, across, LENGTH, 7).ravel(), one_by_one, atol=1e-6)


def test_a_large_lattice_takes_a_moment_however_long_the_correlation():
    for length in (10.0, 1e3, 1e6):
        draws = lattice_draws(np.arange(513) * 400.0, np.arange(256) * 60.0, length, seed=0)
        assert draws.shape == (513, 256)
        assert np.all(np.isfinite(draws))
