"""The network and its training on parts compiled by the package itself."""

import numpy as np
import pytest

from fdtd_onn.errors import OutOfRange
from fdtd_onn.network.build import build_network
from fdtd_onn.specs.layout import NetworkSpec
from fdtd_onn.training.datasets import make_dataset
from fdtd_onn.training.loop import train
from tests.network.compiled_parts import compiled_parts

PARTS = compiled_parts()


def make_network(wavelength_um=1.55, probe="coherent"):
    spec = NetworkSpec(
        ports=4,
        wavelength_um=wavelength_um,
        input={"power_mw": 2.0, "reference": 1.5},
        layers=(
            {"kind": "mesh", "sections": 3},
            {"kind": "absorber", "sections": 4, "probe": probe},
            {"kind": "mesh", "sections": 3},
        ),
        readout={"kind": "homodyne", "ports": (0, 1)},
    )
    return build_network(spec, PARTS)


def test_exact_gradient_against_finite_differences():
    network, rng = make_network(), np.random.default_rng(0)
    phases = rng.uniform(0, 2 * np.pi, network.phase_count)
    x = np.sqrt(5e-4) * (rng.standard_normal((4, 5)) + 1j * rng.standard_normal((4, 5)))
    weights = rng.standard_normal((2, 5))
    y, residuals = network.forward(phases, x)
    gradient = network.adjoint(phases, residuals, network.readout.pull_back(y, weights))[1]

    def loss(p):
        return np.sum(weights * network.readout.read(network.forward(p, x)[0]))

    step = 1e-5
    numeric = [(loss(phases + step * e) - loss(phases - step * e)) / (2 * step) for e in np.eye(phases.size)]
    np.testing.assert_allclose(gradient, numeric, atol=1e-6 * np.abs(gradient).max())


@pytest.mark.parametrize("probe", ["coherent", "time-gated"])
def test_optical_training_learns_rings(probe):
    run = train(make_network(probe=probe), make_dataset("rings", 0), "optical-bp", 0, 60, 30, 0.03)
    assert run.test_accuracy > 0.9


def test_wavelength_outside_the_models_is_refused():
    with pytest.raises(OutOfRange, match="wavelength_um"):
        make_network(wavelength_um=1.6)
