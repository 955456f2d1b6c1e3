"""Networks with everything a bench has: taps, spread, crosstalk, port errors, electronic activations, netlists."""

import numpy as np
import pytest
from pydantic import ValidationError

from fdtd_onn.errors import BadInput
from fdtd_onn.network.build import build_network, mesh_parts
from fdtd_onn.network.circuit_layer import CircuitLayer
from fdtd_onn.network.electronic import ElectronicActivation
from fdtd_onn.network.generator import IdealGenerator
from fdtd_onn.specs.layout import NetworkSpec
from fdtd_onn.training.rules import digital_bp, physical_network
from fdtd_onn.training.rules.backward_light import backward_light
from tests.network.stand_ins import AnalyticAbsorber, AnalyticCoupler, AnalyticHeater, AnalyticShifter, AnalyticTap


class TunableCoupler(AnalyticCoupler):
    """Coupling ratio by the parameter itself."""

    def s_matrices(self, wavelength_um, values):
        return np.stack([AnalyticCoupler(r, self.loss).s_matrix(wavelength_um) for r in np.asarray(values)])


MODELS = {
    "coupler": AnalyticCoupler(0.53, 0.01),
    "tunable": TunableCoupler(loss=0.01, parameter="ratio"),
    "phase_shifter": AnalyticShifter(loss=0.002, heated_loss=1e-4),
    "absorber": AnalyticAbsorber(),
    "tap": AnalyticTap(),
    "heater": AnalyticHeater(),
}
MESH = {
    "kind": "mesh",
    "topology": "reck",
    "coupler": "tunable",
    "coupler_value": 0.5,
    "tap": "tap",
    "plane_pitch_um": 100.0,
    "guide_pitch_um": 30.0,
    "heater": {},
    "spread": {"seed": 3, "coupler_value_sigma": 0.02, "phase_sigma_rad": 0.2, "correlation_length_um": 200.0},
}
ABSORBER = {"kind": "absorber", "spread": {"seed": 5, "optical_depth_sigma": 0.1, "saturation_power_sigma": 0.2}}
GENERATOR = {"full_scale_mw": 5.0, "amplitude_sigma": 0.02, "phase_sigma_rad": 0.1, "seed": 1}
NETLIST = {
    "kind": "netlist",
    "nodes": {
        "a": {"device": "coupler"},
        "low": {"device": "phase_shifter", "trained": True, "sections": 2},
        "high": {"device": "phase_shifter", "value": 20.0},
        "b": {"device": "coupler"},
    },
    "joints": {"a.o4": "low.o1", "a.o3": "high.o1", "low.o2": "b.o1", "high.o2": "b.o2"},
    "inputs": ["a.o1", "a.o2"],
    "outputs": ["b.o4", "b.o3"],
}
NOISE = {"bandwidth_hz": 1e9, "thermal_noise_a_per_sqrt_hz": 1e-11, "adc_bits": 8, "full_scale_mw": 2.0}


def make_spec(*layers, ports=3, generator=None, readout="homodyne", detector=None):
    return NetworkSpec(
        ports=ports,
        wavelength_um=1.55,
        input={"power_mw": 2.0},
        generator=generator,
        layers=layers,
        readout={"kind": readout, "ports": (0, 1), "detector": detector},
    )


def start(network, batch=5):
    rng = np.random.default_rng(3)
    x = np.sqrt(2e-4) * (rng.standard_normal((2, network.spec.ports, batch)) * [[[1]], [[1j]]]).sum(axis=0)
    return rng.uniform(0.3, 2 * np.pi - 0.3, network.phase_count), x


@pytest.mark.parametrize("readout", ["homodyne", "power"])
@pytest.mark.parametrize(
    ("layers", "ports"),
    [((MESH, ABSORBER, MESH), 3), ((MESH, {"kind": "electronic"}, MESH), 3), ((NETLIST, {"kind": "electronic"}), 2)],
)
def test_gradient_in_the_phases_asked_for_against_finite_differences(layers, ports, readout):
    network = build_network(make_spec(*layers, ports=ports, generator=GENERATOR, readout=readout), MODELS)
    phases, x = start(network)
    weights = np.random.default_rng(4).standard_normal((2, x.shape[1]))

    def loss(p):
        return np.sum(weights * network.readout.read(network.forward(p, x)[0]))

    y, residuals = network.forward(phases, x)
    _delta, gradient = network.adjoint(phases, residuals, network.readout.pull_back(y, weights))
    step = 1e-5
    numeric = [(loss(phases + step * e) - loss(phases - step * e)) / (2 * step) for e in np.eye(phases.size)]
    np.testing.assert_allclose(gradient, numeric, atol=1e-6 * np.abs(gradient).max())


def test_the_design_is_the_network_without_errors():
    network = build_network(make_spec(MESH, ABSORBER, generator=GENERATOR), MODELS)
    plain = {key: value for key, value in MESH.items() if key != "spread"}
    drawn = build_network(make_spec(plain, {"kind": "absorber"}, generator={"full_scale_mw": 5.0, "seed": 1}), MODELS)
    phases, x = start(network)
    expected, _residuals = drawn.forward(phases, x)
    np.testing.assert_array_equal(network.design.forward(phases, x)[0], expected)
    assert np.linalg.norm(network.forward(phases, x)[0] - expected) > 0.05 * np.linalg.norm(expected)
    assert drawn.design is None


def test_a_seed_gives_the_same_chip_again_and_every_mesh_its_own():
    spec = make_spec(MESH, MESH)
    (first, second), (again, _second) = (build_network(spec, MODELS).layers for _ in range(2))
    np.testing.assert_array_equal(first.couplers.forward, again.couplers.forward)
    np.testing.assert_array_equal(first.shifters.errors, again.shifters.errors)
    assert np.abs(first.couplers.forward - second.couplers.forward).max() > 1e-3
    assert np.abs(first.shifters.errors - second.shifters.errors).max() > 0.1


def test_phase_errors_scatter_as_said_and_neighbours_are_alike_over_the_correlation_length():
    spread = {"seed": 1, "phase_sigma_rad": 0.2}
    places = {"plane_pitch_um": 10.0, "guide_pitch_um": 10.0}
    for length, alike in ((None, 0.0), (100.0, np.exp(-0.5 * 0.1**2))):
        found = []
        for seed in range(60):
            layer = {"kind": "mesh", **places, "spread": {**spread, "seed": seed, "correlation_length_um": length}}
            found.append(mesh_parts(0, make_spec(layer, ports=4), MODELS).phase_errors)
        errors = np.array(found) / 0.2
        assert np.mean(errors**2) == pytest.approx(1.0, abs=4 * np.sqrt(2 / (60 if length else 60 * 36)))
        assert np.mean(errors[:, :, 1:] * errors[:, :, :-1]) == pytest.approx(alike * np.mean(errors**2), abs=0.1)


def test_absorbers_differ_from_guide_to_guide_and_their_range_is_that_of_all():
    row = build_network(make_spec(ABSORBER, ports=4), MODELS).layers[0].absorber
    depths = [model.optical_depth for model in row.models]
    assert 0.03 < np.std(np.log(depths)) < 0.3
    assert row.max_power_w == min(model.max_power_w for model in row.models)
    e = np.full((4, 2), 1e-6 + 0j)
    np.testing.assert_allclose(np.abs(row.forward(e) / e) ** 2, np.exp(-np.array(depths))[:, None] * [1, 1], rtol=1e-5)


def test_taps_take_their_light_forward_and_backward():
    bare = {"kind": "mesh"}
    lossy, plain = (build_network(make_spec(layer), MODELS) for layer in ({**bare, "tap": "tap"}, bare))
    phases, x = start(plain)
    ratio = MODELS["tap"].through ** lossy.layers[0].topology.planes
    np.testing.assert_allclose(lossy.forward(phases, x)[0], ratio * plain.forward(phases, x)[0], rtol=1e-12)
    back = [n.send_back(phases, n.forward(phases, x)[1], x)[0] for n in (lossy, plain)]
    np.testing.assert_allclose(back[0], ratio * back[1], rtol=1e-12)


def test_an_electronic_activation_is_the_modulus_and_its_backward_light_the_exact_derivative():
    network = build_network(
        make_spec(MESH, {"kind": "electronic"}, MESH), {**MODELS, "phase_shifter": AnalyticShifter()}
    )
    phases, x = start(network)
    weights = np.random.default_rng(0).standard_normal((2, 5))
    activation = network.layers[1]
    np.testing.assert_allclose(activation.forward(np.empty(0), x)[0], np.abs(x))
    dark, _none = activation.adjoint(np.empty(0), 0 * x, x)
    np.testing.assert_array_equal(dark, 0 * x)

    def loss(readings):
        return float(np.sum(weights * readings)), weights

    exact = digital_bp(network)(phases, x, loss, np.random.default_rng(0)).gradient
    optical = backward_light(physical_network(network))(phases, x, loss, np.random.default_rng(0)).gradient
    np.testing.assert_allclose(optical, exact, atol=1e-9 * np.abs(exact).max())


def test_noise_is_on_the_bench_only_and_falls_with_the_detectors():
    loud = make_spec(MESH, {"kind": "electronic"}, MESH, detector={**NOISE, "adc_bits": 14})
    network = build_network(loud, MODELS)
    phases, x = start(network)
    exact = network.forward(phases, x)[0]
    physical = physical_network(network)
    one, other = (physical.illuminate(phases, x, np.random.default_rng(seed))[0] for seed in (0, 1))
    assert np.linalg.norm(one - other) > 1e-4 * np.linalg.norm(exact)
    np.testing.assert_array_equal(one, physical.illuminate(phases, x, np.random.default_rng(0))[0])
    quiet = {**NOISE, "bandwidth_hz": 1e-6, "adc_bits": 30}
    calm = build_network(make_spec(MESH, {"kind": "electronic"}, MESH, detector=quiet), MODELS)
    y = physical_network(calm).illuminate(phases, x, np.random.default_rng(0))[0]
    np.testing.assert_allclose(y, exact, atol=1e-7 * np.abs(exact).max())


def test_power_readings_are_the_detectors_own():
    network = build_network(make_spec(MESH, readout="power", detector=NOISE), MODELS)
    phases, x = start(network)
    y = physical_network(network).illuminate(phases, x, np.random.default_rng(0))[0]
    step = 2e-3 / 255
    codes = np.abs(y) ** 2 / step
    np.testing.assert_allclose(codes, np.round(codes), atol=1e-9)
    np.testing.assert_allclose(np.abs(y) ** 2, np.abs(network.forward(phases, x)[0]) ** 2, atol=0.5 * step + 6e-6)


def test_a_netlist_of_an_interferometer_is_the_interferometer():
    """cos² and sin² fringes of a lossless balanced interferometer over its trained phase."""
    nodes = {**NETLIST["nodes"], "high": {"device": "phase_shifter", "value": 0.0}}
    nodes["low"] = {"device": "phase_shifter", "trained": True}
    models = {"coupler": AnalyticCoupler(), "phase_shifter": AnalyticShifter()}
    network = build_network(make_spec({**NETLIST, "nodes": nodes}, ports=2), models)
    assert isinstance(network.layers[0], CircuitLayer)
    for phase in np.linspace(0.0, 3.0, 5):
        y, _residuals = network.forward(np.array([phase]), np.array([[1.0 + 0j], [0.0]]))
        np.testing.assert_allclose(np.abs(y[:, 0]) ** 2, [np.sin(phase / 2) ** 2, np.cos(phase / 2) ** 2], atol=1e-9)


def test_an_existing_layout_gets_none_of_this():
    network = build_network(make_spec({"kind": "mesh"}, {"kind": "absorber"}), MODELS)
    phases, _x = start(network)
    assert network.design is None
    assert network.drive.actual(phases) is phases
    assert isinstance(network.generator, IdealGenerator)
    assert not any(isinstance(layer, ElectronicActivation) for layer in network.layers)


def test_couplers_beyond_what_is_compiled_are_refused_with_their_key():
    narrow = {**MODELS, "tunable": TunableCoupler(parameter="ratio", parameter_range=(0.49, 0.51))}
    with pytest.raises(
        BadInput, match=r"layers\[0\]\.spread\.coupler_value_sigma: expected a ratio from 0\.49 to 0\.51"
    ):
        build_network(make_spec(MESH), narrow)


def test_heaters_that_heat_each_other_as_much_as_themselves_are_refused_with_their_key():
    with pytest.raises(BadInput, match=r"layers\[0\]\.heater: heater positions: expected heaters far enough apart"):
        build_network(make_spec({**MESH, "spread": None}), {**MODELS, "heater": AnalyticHeater(strength=2.0)})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            {"joints": {**NETLIST["joints"], "a.o3": "high.o7"}},
            r"network\.layers\[0\]\..*one of the ports a\.o1",
        ),
        ({"joints": {**NETLIST["joints"], "b.o3": "a.o2"}}, r"every port used once"),
        ({"nodes": {**NETLIST["nodes"], "a": {"device": "coupler", "value": 1.0}}}, r"nodes\.a\.value.*not tunable"),
        ({"nodes": {**NETLIST["nodes"], "high": {"device": "phase_shifter"}}}, "value of delta_t_k, got None"),
        ({"nodes": {**NETLIST["nodes"], "b": {"device": "coupler", "sections": 2}}}, r"nodes\.b\.sections"),
        ({"nodes": {**NETLIST["nodes"], "b": {"device": "coupler", "trained": True}}}, "tunable in delta_t_k"),
        ({"nodes": {**NETLIST["nodes"], "b": {"device": "tap"}}}, "expected a linear device"),
    ],
)
def test_netlists_that_cannot_be_are_told(change, told):
    with pytest.raises(BadInput, match=told):
        build_network(make_spec({**NETLIST, **change}, ports=2), MODELS)


@pytest.mark.parametrize(
    ("layers", "told"),
    [
        (({"kind": "mesh", "heater": {}},), "plane_pitch_um and guide_pitch_um"),
        (({"kind": "mesh", "spread": {"seed": 0, "correlation_length_um": 5.0}},), "plane_pitch_um and guide_pitch_um"),
        (({"kind": "mesh", "spread": {"seed": 0, "coupler_value_sigma": 0.1}},), "coupler_value about which"),
        ((NETLIST,), "3 inputs and outputs, one per guide, got 2 and 2"),
        (({**NETLIST, "nodes": {"a": {"device": "x", "value": 1.0, "trained": True}}},), r"nodes\.a has a value"),
    ],
)
def test_contradictions_in_a_layer_are_told(layers, told):
    with pytest.raises(ValidationError, match=told):
        make_spec(*layers)
