import numpy as np
import pytest

from fdtd_onn.training.adam import Adam
from fdtd_onn.training.head import Head, cross_entropy
from fdtd_onn.training.metrics import accuracy, cosine

LABELS = np.array([0, 1, 1, 0, 1])
READINGS = np.random.default_rng(0).standard_normal((2, 5)) * 0.02


def test_equal_scores_cost_log_two_and_large_ones_do_not_overflow():
    assert cross_entropy(np.zeros((2, 5)), LABELS)[0] == pytest.approx(np.log(2.0))
    assert cross_entropy(np.array([[1e4], [0.0]]), np.array([1]))[0] == pytest.approx(1e4)


def test_gradients_against_finite_differences():
    def loss(readings, gain, bias):
        return cross_entropy(Head(gain, bias, 0.03).scores(readings), LABELS)[0]

    gain, bias, step = 4.0, np.array([0.3, -0.2]), 1e-6
    head = Head(gain, bias, 0.03)
    reading_gradient, gain_gradient, bias_gradient = head.gradients(
        READINGS, cross_entropy(head.scores(READINGS), LABELS)[1]
    )
    for index in np.ndindex(READINGS.shape):
        move = np.zeros_like(READINGS)
        move[index] = step
        numeric = (loss(READINGS + move, gain, bias) - loss(READINGS - move, gain, bias)) / (2 * step)
        assert abs(numeric - reading_gradient[index]) < 1e-6
    numeric = (loss(READINGS, gain + step, bias) - loss(READINGS, gain - step, bias)) / (2 * step)
    assert abs(numeric - gain_gradient) < 1e-8
    for unit, expected in zip(np.eye(2), bias_gradient, strict=True):
        numeric = (loss(READINGS, gain, bias + step * unit) - loss(READINGS, gain, bias - step * unit)) / (2 * step)
        assert abs(numeric - expected) < 1e-8


def test_first_adam_step_has_the_size_of_the_learning_rate_whatever_the_gradient():
    values = np.zeros(3)
    _state, moved = Adam.start(3).step(values, np.array([1e-3, -5.0, 200.0]), 0.1)
    np.testing.assert_allclose(moved, [-0.1, 0.1, -0.1], rtol=1e-4)


def test_adam_reaches_the_minimum_of_an_ill_conditioned_bowl():
    values, adam, curvature = np.array([1.0, -2.0]), Adam.start(2), np.array([1.0, 1e3])
    for _step in range(800):
        adam, values = adam.step(values, curvature * values, 0.02)
    assert np.abs(values).max() < 1e-3


def test_accuracy_and_cosine():
    assert accuracy(np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 2.0]]), np.array([0, 1, 0])) == pytest.approx(2 / 3)
    assert cosine(np.array([1.0, 1.0]), np.array([2.0, 0.0])) == pytest.approx(np.sqrt(0.5))
    assert np.isnan(cosine(np.zeros(2), np.ones(2)))
