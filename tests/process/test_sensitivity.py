"""Central differences on lattices, with functions whose slopes are known."""

import numpy as np
import pytest

from fdtd_onn.process import scatter, sensitivities

STEPS = (2.0, 4.0)
POSITIONS = np.arange(4) / 4
NOTHING = np.zeros(1)


def found(function, positions=POSITIONS, noise=NOTHING):
    """Of a function of one variation x and of the lattice's position, both broadcast."""

    def at(x):
        return function(x, positions)[:, None] + np.zeros((positions.size, 1))

    up, down = (np.stack([at(sign * step)[None] for step in STEPS]) for sign in (1.0, -1.0))
    return sensitivities(at(0.0), up, down, STEPS, noise)


def smooth(x, _position):
    return 0.3 + 0.05 * x - 0.01 * x**2 + 0.0 * _position


def with_pixels(x, position):
    """An edge that moves by a tenth of a pixel per standard deviation, its error of the first two harmonics."""
    phase = 2 * np.pi * (0.1 * x + position + 0.07)
    return smooth(x, position) + 0.06 * np.cos(phase) + 0.02 * np.sin(2 * phase)


def test_a_parabola_is_exact_and_known_to_be():
    of = found(smooth)
    assert of.expansion.nominal == pytest.approx(0.3)
    assert (of.expansion.first, of.expansion.second) == (pytest.approx(0.05), pytest.approx(-0.02))
    assert of.error == pytest.approx(0.0, abs=1e-15)


def test_pixels_drown_the_slope_on_one_lattice_and_not_over_four():
    """Four positions leave of a periodic error its fourth harmonic only; the scatter says what they had to take out."""
    single = [found(with_pixels, np.array([position])).expansion.first[0, 0] for position in POSITIONS]
    assert np.abs(np.array(single) - 0.05).max() > 0.02
    of = found(with_pixels)
    assert of.expansion.first == pytest.approx(0.05, abs=1e-12)
    assert 0.0 < of.error[0, 0] < 0.02
    assert of.step == 4.0  # where the same error is divided by more


def test_a_cubic_is_taken_with_the_smaller_step_and_its_error_is_that_of_the_difference():
    """D(h) = q′ + h² q‴/6, of which both steps together tell the second part."""
    of = found(lambda x, p: smooth(x, p) + 0.004 * x**3)
    assert of.step == 2.0
    assert of.expansion.first - 0.05 == pytest.approx(of.error)
    assert of.error == pytest.approx(0.004 * 2.0**2)


def test_noise_of_single_values_counts_as_that_of_a_difference():
    of = found(smooth, noise=np.array([0.02]))
    assert of.error == pytest.approx(0.02 / np.sqrt(2.0) / STEPS[1])


def test_a_single_lattice_has_no_scatter():
    assert scatter(np.ones((3, 1, 2))) == pytest.approx(np.zeros((3, 2)))
    assert scatter(np.array([[0.0], [2.0]])) == pytest.approx([1.0])
