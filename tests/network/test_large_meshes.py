"""Meshes of many ports: they are built and stepped in seconds, and their spread is as correlated as it should be."""

import numpy as np
import pytest

from fdtd_onn.network.build import build_network
from fdtd_onn.network.spread import coupler_values, phase_errors
from fdtd_onn.network.topology import clements
from fdtd_onn.specs.layout import MeshLayer
from tests.network.test_imperfect_network import MODELS, make_spec

PLANE, GUIDE, LENGTH, PORTS = 100.0, 60.0, 150.0, 128
MESH = {"kind": "mesh", "coupler": "tunable", "coupler_value": 0.5, "plane_pitch_um": PLANE, "guide_pitch_um": GUIDE}
SPREAD = {"seed": 4, "coupler_value_sigma": 0.02, "phase_sigma_rad": 0.2, "correlation_length_um": LENGTH}
LAYER = MeshLayer.model_validate({**MESH, "spread": SPREAD})


@pytest.mark.parametrize(("planes", "guides"), [(0, 0), (1, 0), (0, 1), (2, 2), (4, 1), (20, 20)])
def test_phase_errors_are_correlated_as_the_layout_says(planes, guides):
    draws = phase_errors(LAYER, 0, clements(PORTS)) / 0.2
    n, m = draws.shape
    product = draws[planes:, guides:] * draws[: n - planes, : m - guides]
    expected = np.exp(-0.5 * ((planes * PLANE) ** 2 + (guides * GUIDE) ** 2) / LENGTH**2)
    # Of n·m places so many count as independent: their number over the area that a correlation squared takes, πL².
    independent = n * m * PLANE * GUIDE / (np.pi * LENGTH**2)
    assert product.mean() == pytest.approx(expected, abs=4 * np.sqrt(2 / independent))


def test_couplers_near_one_another_are_alike():
    places, values = clements(PORTS), coupler_values(LAYER, 0, clements(PORTS))
    grid = np.full((places.planes, PORTS), np.nan)
    grid[places.coupler_plane, places.coupler_guide] = (values - 0.5) / 0.02
    for planes, guides in ((1, 0), (0, 2), (2, 1), (8, 8)):
        product = grid[planes:, guides:] * grid[: grid.shape[0] - planes, : grid.shape[1] - guides]
        expected = np.exp(-0.5 * ((planes * PLANE) ** 2 + (guides * GUIDE) ** 2) / LENGTH**2)
        assert np.nanmean(product) == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize(("ports", "layer"), [(PORTS, {**MESH, "spread": SPREAD}), (256, MESH)])
def test_they_are_built_and_stepped(ports, layer):
    mesh = build_network(make_spec(layer, ports=ports), MODELS).layers[0]
    phases, x = np.random.default_rng(0).uniform(0.0, 6.0, mesh.phase_count), np.ones((ports, 2), dtype=complex)
    y, residual = mesh.forward(phases, x)
    delta_in, gradient = mesh.adjoint(phases, residual, y.conj())
    assert np.all(np.isfinite(gradient))
    # δ = y* goes back to ∂|y|²/∂x, whose product with x is the power at the outputs.
    assert np.sum(delta_in * x) == pytest.approx(np.sum(np.abs(y) ** 2), rel=1e-9)
