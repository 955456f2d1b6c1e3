import numpy as np
import pytest

from fdtd_onn.network.readout import Readout
from fdtd_onn.specs.layout import ReadoutSpec


@pytest.mark.parametrize("kind", ["homodyne", "power"])
def test_pull_back_against_finite_differences(kind):
    readout, rng = Readout(ReadoutSpec(kind=kind, ports=(2, 0))), np.random.default_rng(0)
    y = rng.standard_normal((4, 3)) + 1j * rng.standard_normal((4, 3))
    weights = rng.standard_normal((2, 3))
    delta, step = readout.pull_back(y, weights), 1e-6
    for index in np.ndindex(y.shape):
        for turn, expected in ((1.0, 2 * delta[index].real), (1j, -2 * delta[index].imag)):
            move = np.zeros_like(y)
            move[index] = step * turn
            numeric = np.sum(weights * (readout.read(y + move) - readout.read(y - move))) / (2 * step)
            assert abs(numeric - expected) < 1e-8


def test_readings_are_in_the_order_of_the_ports():
    y = np.array([[1.0 + 5j], [2.0], [3.0 - 4j]])
    np.testing.assert_array_equal(Readout(ReadoutSpec(kind="homodyne", ports=(2, 0))).read(y), [[3.0], [1.0]])
    np.testing.assert_allclose(Readout(ReadoutSpec(kind="power", ports=(2, 0))).read(y), [[25.0], [26.0]])
