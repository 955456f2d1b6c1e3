import numpy as np
import pytest

from fdtd_onn.errors import BadInput
from fdtd_onn.network.build import build_network
from fdtd_onn.specs.layout import NetworkSpec
from tests.network.stand_ins import AnalyticAbsorber, AnalyticCoupler, AnalyticShifter

MODELS = {
    "coupler": AnalyticCoupler(0.53, 0.01),
    "phase_shifter": AnalyticShifter(loss=0.002, heated_loss=1e-4),
    "absorber": AnalyticAbsorber(),
}
LAYERS = ({"kind": "mesh"}, {"kind": "absorber", "sections": 3}, {"kind": "mesh"})


def make_spec(layers=LAYERS, readout="homodyne"):
    return NetworkSpec(
        ports=4, wavelength_um=1.55, input={"power_mw": 2.0}, layers=layers, readout={"kind": readout, "ports": (0, 1)}
    )


def start(network, batch=6):
    rng = np.random.default_rng(3)
    x = np.sqrt(5e-4) * (rng.standard_normal((4, batch)) + 1j * rng.standard_normal((4, batch)))
    return rng.uniform(0, 2 * np.pi, network.phase_count), x


@pytest.mark.parametrize("readout", ["homodyne", "power"])
def test_every_phase_gradient_against_finite_differences_through_the_absorbers(readout):
    network = build_network(make_spec(readout=readout), MODELS)
    phases, x = start(network)
    weights = np.random.default_rng(4).standard_normal((2, x.shape[1]))

    def loss(p):
        return np.sum(weights * network.readout.read(network.forward(p, x)[0]))

    y, residuals = network.forward(phases, x)
    _delta, gradient = network.adjoint(phases, residuals, network.readout.pull_back(y, weights))
    step = 1e-4  # fourth-order differences: error of order step⁴
    numeric = [
        (
            8 * (loss(phases + step * e) - loss(phases - step * e))
            - loss(phases + 2 * step * e)
            + loss(phases - 2 * step * e)
        )
        / (12 * step)
        for e in np.eye(phases.size)
    ]
    np.testing.assert_allclose(gradient, numeric, atol=1e-8 * np.abs(gradient).max())


def test_adjoint_identity_for_small_changes_of_the_input():
    network = build_network(make_spec(), MODELS)
    phases, x = start(network)
    rng = np.random.default_rng(5)
    delta, move = (rng.standard_normal((2, 4, 6)) + 1j * rng.standard_normal((2, 4, 6))) * 1e-2
    _y, residuals = network.forward(phases, x)
    delta_in, _gradient = network.adjoint(phases, residuals, delta)
    step = 1e-4
    change = (network.forward(phases, x + step * move)[0] - network.forward(phases, x - step * move)[0]) / (2 * step)
    expected = np.real(np.sum(delta_in * move))
    assert np.real(np.sum(delta * change)) == pytest.approx(expected, abs=1e-6 * np.linalg.norm(delta_in * move))


def test_no_output_carries_more_power_than_went_in():
    network = build_network(make_spec(), MODELS)
    phases, x = start(network)
    y, _residuals = network.forward(phases, x)
    assert np.all(np.sum(np.abs(y) ** 2, axis=0) < np.sum(np.abs(x) ** 2, axis=0))


def test_phases_of_the_layers_follow_one_another():
    network = build_network(make_spec(), MODELS)
    assert network.phase_slices == (slice(0, 16), slice(16, 16), slice(16, 32))
    assert network.phase_count == 32


def test_sections_multiply_the_optical_depth():
    spec = make_spec(layers=({"kind": "absorber", "sections": 3},))
    dark = np.full((4, 1), 1e-9 + 0j)
    y, _residuals = build_network(spec, MODELS).forward(np.empty(0), dark)
    np.testing.assert_allclose(np.abs(y / dark) ** 2, np.exp(-3.0), rtol=1e-6)


def test_missing_model_is_named():
    with pytest.raises(BadInput, match="device 'absorber': expected a compiled model"):
        build_network(make_spec(), {k: v for k, v in MODELS.items() if k != "absorber"})


def test_models_in_each_others_places_are_refused():
    with pytest.raises(BadInput, match="a linear device"):
        build_network(make_spec(), {**MODELS, "coupler": MODELS["absorber"]})
    with pytest.raises(BadInput, match="a saturable absorber"):
        build_network(make_spec(), {**MODELS, "absorber": MODELS["coupler"]})
