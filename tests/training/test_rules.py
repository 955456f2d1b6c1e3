import dataclasses
import inspect

import numpy as np
import pytest
from scipy.stats import norm

from fdtd_onn.errors import BadInput
from fdtd_onn.network.network import Network
from fdtd_onn.training.metrics import cosine
from fdtd_onn.training.rules import Effort, encapsulated_network, make_rule, physical_network, probed_network
from fdtd_onn.training.rules.spsa import STEP_RAD, spsa
from tests.training.devices import fabricated, make_network, quadratic_loss, start, tapped

LOSS = quadratic_loss(8)
MEASURED = {
    "optical-bp": "physical",
    "in-situ": "physical",
    "asymmetric": "encapsulated",
    "physics-aware": "probed",
    "dfa": "probed",
    "spsa": "encapsulated",
}


def estimate(name, network, seed=0):
    phases, x = start(network)
    return make_rule(name, network, seed)(phases, x, LOSS, np.random.default_rng(0))


def gradients(network, name="optical-bp"):
    exact, got = estimate("digital-bp", network), estimate(name, network)
    np.testing.assert_allclose(got.readings, exact.readings, rtol=1e-12)
    return exact.gradient, got.gradient


@pytest.mark.parametrize("readout", ["homodyne", "power"])
@pytest.mark.parametrize("probe", ["coherent", "time-gated"])
def test_optical_is_exact_where_the_network_is_linear_and_reciprocal(probe, readout):
    exact, optical = gradients(make_network(probe, saturation_power_w=1e9, readout=readout))
    np.testing.assert_allclose(optical, exact, atol=1e-10 * np.abs(exact).max())


def test_optical_is_wrong_where_a_coupler_is_not_reciprocal():
    exact, optical = gradients(make_network(saturation_power_w=1e9, nonreciprocity=0.5))
    assert cosine(exact, optical) < 0.99


@pytest.mark.parametrize("probe", ["coherent", "time-gated"])
def test_saturation_leaves_the_last_mesh_exact_and_the_first_approximate(probe):
    network = make_network(probe)
    exact, optical = gradients(network)
    first, _absorbers, last = network.phase_slices
    np.testing.assert_allclose(optical[last], exact[last], atol=1e-10 * np.abs(exact).max())
    assert 0.5 < cosine(exact[first], optical[first]) < 0.999


@pytest.mark.parametrize("integration", ["sample", "batch"])
@pytest.mark.parametrize("protocol", ["three-reading", "toggled"])
def test_in_situ_with_ideal_taps_is_exact_in_a_network_without_loss_and_saturation(protocol, integration):
    network = make_network(saturation_power_w=1e9, lossless=True)
    exact, in_situ = gradients(tapped(network, protocol, integration), "in-situ")
    np.testing.assert_allclose(in_situ, exact, atol=1e-10 * np.abs(exact).max())


def test_in_situ_is_refused_without_taps():
    with pytest.raises(BadInput, match="taps that read powers"):
        estimate("in-situ", make_network())


def test_errors_of_fabrication_do_not_touch_rules_of_light():
    """The copy's calibration stays right: phase errors and turned couplers lose nothing."""
    network = fabricated(make_network(saturation_power_w=1e9, lossless=True))
    for name, bench in (("optical-bp", network), ("in-situ", tapped(network))):
        exact, got = gradients(bench, name)
        np.testing.assert_allclose(got, exact, atol=1e-10 * np.abs(exact).max())


@pytest.mark.parametrize("name", ["asymmetric", "physics-aware", "in-silico"])
def test_digital_models_are_exact_where_the_device_is_the_model(name):
    exact, got = gradients(make_network(readout="power"), name)
    np.testing.assert_allclose(got, exact, atol=1e-12 * np.abs(exact).max())


def test_measured_states_mend_a_wrong_model_and_measured_errors_mend_less():
    """Averaged over ten devices: the more is measured, the nearer to the exact gradient."""
    means = {}
    for name in ("in-silico", "asymmetric", "physics-aware"):
        devices = [fabricated(make_network(), seed=seed) for seed in range(10)]
        pairs = [(estimate("digital-bp", d).gradient, estimate(name, d).gradient) for d in devices]
        means[name] = np.mean([cosine(*pair) for pair in pairs])
    assert means["in-silico"] < means["asymmetric"] < means["physics-aware"] < 0.999


def test_the_rule_in_silico_never_sees_the_device():
    network = make_network()
    np.testing.assert_array_equal(
        estimate("in-silico", fabricated(network)).gradient, estimate("digital-bp", network).gradient
    )


def test_direct_feedback_gives_the_last_mesh_its_own_error_and_the_first_a_fixed_random_one():
    network = make_network()
    exact, aligned = gradients(network, "dfa")
    first, _absorbers, last = network.phase_slices
    np.testing.assert_allclose(aligned[last], exact[last], atol=1e-12 * np.abs(exact).max())
    assert abs(cosine(aligned[first], exact[first])) < 0.9
    np.testing.assert_array_equal(aligned, estimate("dfa", network).gradient)
    assert np.any(aligned[first] != estimate("dfa", network, seed=1).gradient[first])


def test_direct_feedback_is_linear_in_the_output_error():
    """Its first mesh's gradient for fixed states is a fixed linear map of the error: twice the loss, twice of it."""
    network, twice = make_network(), lambda readings: tuple(2 * part for part in LOSS(readings))
    phases, x = start(network)
    rule = make_rule("dfa", network, 0)
    once, doubled = (rule(phases, x, loss, np.random.default_rng(0)).gradient for loss in (LOSS, twice))
    np.testing.assert_allclose(doubled, 2 * once, rtol=1e-12)


def test_spsa_has_the_gradient_as_its_mean():
    """Each phase within what the scatter of 1500 draws allows at 99.9 % for all 32, and the step's bias."""
    network, draws = make_network(), 400
    phases, x = start(network)
    rng, rule = np.random.default_rng(2), spsa(encapsulated_network(network))
    got = np.array([rule(phases, x, LOSS, rng).gradient for _draw in range(draws)])
    exact = estimate("digital-bp", network).gradient
    scatter = got.std(axis=0, ddof=1) / np.sqrt(draws)
    bias = STEP_RAD**2 * np.linalg.norm(exact)
    assert np.all(np.abs(got.mean(axis=0) - exact) < norm.isf(0.5e-3 / exact.size) * scatter + bias)


def test_each_view_gives_what_can_be_measured_and_nothing_else():
    network = make_network()
    phases, x = np.zeros(network.phase_count), np.full((4, 3), 0.01 + 0j)
    rng = np.random.default_rng(0)
    physical = physical_network(network)
    assert {field.name for field in dataclasses.fields(physical)} == {"readout", "illuminate", "pull_back", "effort"}
    y, send_back = physical.illuminate(phases, x, rng)
    readings = send_back(y)
    assert (y.shape, readings.shape, readings.dtype) == ((4, 3), (network.phase_count,), np.float64)
    encapsulated = encapsulated_network(network)
    assert {field.name for field in dataclasses.fields(encapsulated)} == {"shine", "effort"}
    seen = encapsulated.shine(phases, x, rng)
    assert (type(seen), seen.shape, seen.dtype) == (np.ndarray, (2, 3), np.float64)
    probed = probed_network(network)
    assert {field.name for field in dataclasses.fields(probed)} == {"shine", "effort"}
    seen, fields = probed.shine(phases, x, rng)
    assert (seen.shape, [field.shape for field in fields]) == ((2, 3), 3 * [(4, 3)])


@pytest.mark.parametrize("name", list(MEASURED))
def test_a_rule_of_measurements_holds_its_view_and_at_most_the_drawn_network(name):
    device = tapped(fabricated(make_network()))
    held = inspect.getclosurevars(make_rule(name, device, 0)).nonlocals
    assert MEASURED[name] in held
    assert not any(isinstance(value, Network) for value in vars(held[MEASURED[name]]).values())
    networks = [value for value in held.values() if isinstance(value, Network)]
    assert all(network is device.design for network in networks)
    assert bool(networks) == (name in ("asymmetric", "physics-aware", "dfa"))


def test_hidden_errors_do_not_reach_an_encapsulated_rule():
    """Two devices with the same outputs and other hidden fields: a turn in front of the last mesh, and back in it."""
    network = make_network(saturation_power_w=1e9)
    first, absorbers, last = network.layers
    turn = np.exp(0.7j)
    guides = dataclasses.replace(first.guides, forward=first.guides.forward.copy())
    guides.forward[-1] *= turn
    back = dataclasses.replace(last.guides, forward=last.guides.forward.copy())
    back.forward[0] /= turn
    moved = (dataclasses.replace(first, guides=guides), absorbers, dataclasses.replace(last, guides=back))
    other = dataclasses.replace(network, layers=moved, design=network)
    fields = [probed_network(n).shine(*start(n), np.random.default_rng(0))[1] for n in (network, other)]
    assert np.abs(fields[0][1] - fields[1][1]).max() > 0.1 * np.abs(fields[0][1]).max()
    for name in ("asymmetric", "spsa"):
        same = [estimate(name, n).gradient for n in (network, other)]
        np.testing.assert_allclose(*same, rtol=1e-9, atol=1e-12 * np.abs(same[0]).max())


def test_what_each_rule_takes_for_eight_samples():
    """Two detectors, four guides, 32 phases, three layers; taps of three readings a sample, copies from both meshes."""
    network = tapped(make_network())
    outputs = Effort(passes=8, readings=16, settings=1)
    expected = {
        "digital-bp": Effort(model_passes=16),
        "in-silico": Effort(model_passes=16),
        "optical-bp": outputs + Effort(passes=8, readings=4 * 8 * 32),
        "in-situ": outputs + Effort(passes=24, readings=3 * 8 * 32 + 2 * 2 * 4 * 8),
        "asymmetric": outputs + Effort(model_passes=16),
        "physics-aware": Effort(passes=8, readings=2 * 3 * 32, settings=1, model_passes=16),
        "dfa": Effort(passes=8, readings=2 * 3 * 32, settings=1, model_passes=16),
        "spsa": outputs * 2,
    }
    assert {name: estimate(name, network).effort for name in expected} == expected


def test_unknown_rule_is_refused():
    with pytest.raises(BadInput, match="one of digital-bp"):
        make_rule("hebb", make_network(), 0)
