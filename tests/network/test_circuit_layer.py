from dataclasses import replace

import numpy as np
import pytest

from fdtd_onn.network.circuit_layer import reflection_difference
from fdtd_onn.network.parts import mesh_circuit, mesh_of
from fdtd_onn.network.topology import clements, reck
from tests.network.stand_ins import AnalyticCoupler, AnalyticShifter, AnalyticTap, parts_of
from tests.network.test_circuit import random_unitary, scattering

COUPLER = AnalyticCoupler(0.53, 0.05, reflection=0.05)
SHIFTER = AnalyticShifter(loss=0.05, heated_loss=4e-4, reflection=0.04)
TAP = AnalyticTap(reflection=0.03)


def reflecting(topology, sections=2, **kept):
    errors = np.random.default_rng(1).normal(0.0, 0.3, (topology.planes, topology.ports))
    return parts_of(COUPLER, SHIFTER, topology, sections, **{"phase_errors": errors, "tap": TAP} | kept)


def setting(parts, batch=3):
    layer, rng, ports = mesh_circuit(parts), np.random.default_rng(0), parts.topology.ports
    x, delta = rng.standard_normal((2, ports, batch)) + 1j * rng.standard_normal((2, ports, batch))
    return layer, rng.uniform(0, 2 * np.pi, layer.phase_count), x, delta


@pytest.mark.parametrize("mesh_of_ports", [clements, reck])
@pytest.mark.parametrize("tap", [None, TAP])
def test_without_reflections_the_circuit_is_the_mesh(mesh_of_ports, tap):
    parts = reflecting(mesh_of_ports(4), sections=1, tap=tap)  # sections in series reflect to and fro within one node
    layer, phases, x, _delta = setting(parts)
    y, _residual = mesh_of(parts).forward(phases, x)
    plain = layer.circuit(phases).without_reflections().solve()
    np.testing.assert_allclose(plain.transfer() @ x, y, atol=1e-10)
    assert reflection_difference(layer.circuit(phases)) > 1e-3


def test_reflections_matter_as_the_product_of_two():
    """Ten times weaker reflections at every port: a hundred times smaller difference."""
    difference = []
    for r in (0.01, 0.001):
        parts = parts_of(replace(COUPLER, reflection=r), replace(SHIFTER, reflection=r), clements(4))
        layer, phases, _x, _delta = setting(parts)
        difference.append(reflection_difference(layer.circuit(phases)))
    assert difference[0] / difference[1] == pytest.approx(100.0, rel=0.02)


def test_a_mesh_of_lossless_reflecting_reciprocal_couplers_is_lossless_and_reciprocal():
    rng, topology = np.random.default_rng(4), clements(3)
    couplers = np.stack([random_unitary(rng, 4, symmetric=True) for _ in topology.coupler_guide])
    parts = replace(parts_of(AnalyticCoupler(), AnalyticShifter(), topology), couplers=couplers)
    layer, phases, _x, _delta = setting(parts)
    s = scattering(layer.circuit(phases).solve())
    np.testing.assert_allclose(s.conj().T @ s, np.eye(6), atol=1e-10)
    np.testing.assert_allclose(s, s.T, atol=1e-10)


def test_phase_gradient_against_finite_differences():
    layer, phases, x, delta = setting(reflecting(clements(3)))

    def loss(p):
        return 2 * np.real(np.sum(delta * layer.forward(p, x)[0]))

    y, residual = layer.forward(phases, x)
    delta_in, gradient = layer.adjoint(phases, residual, delta)
    assert abs(np.sum(delta * y) - np.sum(delta_in * x)) < 1e-12 * abs(np.sum(delta * y))
    step = 1e-5
    numeric = [(loss(phases + step * e) - loss(phases - step * e)) / (2 * step) for e in np.eye(phases.size)]
    np.testing.assert_allclose(gradient, numeric, atol=1e-6 * np.abs(gradient).max())


def test_light_sent_back_meets_the_transposed_circuit_and_its_taps_read_nearly_the_gradient():
    layer, phases, x, delta = setting(reflecting(clements(3), tap=None))
    _y, residual = layer.forward(phases, x)
    leaving, light = layer.send_back(phases, residual, delta)
    delta_in, gradient = layer.adjoint(phases, residual, delta)
    np.testing.assert_allclose(leaving, delta_in, atol=1e-10)
    read = -2 * np.einsum("pb,pb->p", light.forward, light.backward).imag
    assert np.abs(read - gradient).max() < 0.05 * np.abs(gradient).max()  # reflections, and loss that heating changes


def test_residuals_of_circuit_and_mesh_are_the_same_light_where_nothing_reflects():
    parts = parts_of(AnalyticCoupler(0.53, 0.01), AnalyticShifter(loss=0.01), clements(4), 3, tap=AnalyticTap())
    layer, phases, x, delta = setting(parts)
    mesh = mesh_of(parts)
    mine, plain = (part.send_back(phases, part.forward(phases, x)[1], delta)[1] for part in (layer, mesh))
    np.testing.assert_allclose(mine.forward, plain.forward, atol=1e-9)
    np.testing.assert_allclose(mine.backward, plain.passage[:, None] * plain.backward, atol=1e-9)
