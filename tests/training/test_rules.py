import dataclasses
import inspect

import numpy as np
import pytest

from fdtd_onn.errors import BadInput
from fdtd_onn.network.build import build_network
from fdtd_onn.network.network import Network
from fdtd_onn.specs.layout import NetworkSpec
from fdtd_onn.training.metrics import cosine
from fdtd_onn.training.rules import digital_bp, make_rule, optical_bp, physical_network
from tests.network.stand_ins import AnalyticAbsorber, AnalyticCoupler, AnalyticShifter


def make_network(probe="coherent", saturation_power_w=2e-4, readout="homodyne", nonreciprocity=0.0):
    spec = NetworkSpec(
        ports=4,
        wavelength_um=1.55,
        input={"power_mw": 2.0},
        layers=({"kind": "mesh"}, {"kind": "absorber", "sections": 3, "probe": probe}, {"kind": "mesh"}),
        readout={"kind": readout, "ports": (0, 1)},
    )
    models = {
        "coupler": AnalyticCoupler(0.53, 0.01, nonreciprocity=nonreciprocity),
        "phase_shifter": AnalyticShifter(loss=0.01),
        "absorber": AnalyticAbsorber(saturation_power_w=saturation_power_w),
    }
    return build_network(spec, models)


def gradients(network):
    rng = np.random.default_rng(7)
    phases = rng.uniform(0, 2 * np.pi, network.phase_count)
    x = np.sqrt(3e-4) * (rng.standard_normal((4, 8)) + 1j * rng.standard_normal((4, 8)))
    weights = rng.standard_normal((2, 8))
    exact_readings, exact = digital_bp(network)(phases, x, rng)
    readings, optical = optical_bp(physical_network(network))(phases, x, rng)
    np.testing.assert_array_equal(readings, exact_readings)
    return exact(weights), optical(weights)


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


def test_physical_network_gives_light_and_readings_and_nothing_else():
    network = make_network()
    physical = physical_network(network)
    assert {field.name for field in dataclasses.fields(physical)} == {"readout", "illuminate"}
    phases, x = np.zeros(network.phase_count), np.full((4, 3), 0.01 + 0j)
    y, send_back = physical.illuminate(phases, x, np.random.default_rng(0))
    assert isinstance(y, np.ndarray)
    assert y.shape == (4, 3)
    readings = send_back(y)
    assert readings.shape == (network.phase_count,)
    assert readings.dtype == np.float64


def test_optical_rule_is_built_from_nothing_but_the_physical_network():
    rule = make_rule("optical-bp", make_network())
    held = inspect.getclosurevars(rule).nonlocals
    assert set(held) == {"physical"}
    assert not any(isinstance(value, Network) for value in vars(held["physical"]).values())


def test_unknown_rule_is_refused():
    with pytest.raises(BadInput, match="digital-bp or optical-bp"):
        make_rule("spsa", make_network())
