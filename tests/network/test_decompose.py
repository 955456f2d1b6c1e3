from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import unitary_group

from fdtd_onn.errors import BadInput
from fdtd_onn.network.decompose import compensated, decompose, fidelity, fit_phases, ideal_transfer
from fdtd_onn.network.mesh import CouplerTransfer, coupler_transfer
from fdtd_onn.network.parts import mesh_circuit
from fdtd_onn.network.topology import topology
from tests.network.stand_ins import AnalyticCoupler, AnalyticShifter, make_mesh, parts_of

DESIGN = (AnalyticCoupler(0.5, 0.01), AnalyticShifter(loss=0.01))


def wanted(ports):
    return unitary_group.rvs(ports, random_state=ports)


def with_coupler_errors(mesh, sigma, seed):
    """Coupling ratios off by a relative sigma."""
    ratios = 0.5 * (1 + sigma * np.random.default_rng(seed).standard_normal(mesh.topology.coupler_guide.size))
    couplers = [coupler_transfer(replace(DESIGN[0], ratio=ratio), 1.55, None, 1) for ratio in ratios]
    blocks = (np.concatenate([getattr(c, side) for c in couplers]) for side in ("forward", "backward"))
    return replace(mesh, couplers=CouplerTransfer(*blocks))


@pytest.mark.parametrize("name", ["clements", "reck"])
@pytest.mark.parametrize("ports", [2, 3, 4, 5, 8, 13])
def test_an_ideal_mesh_becomes_the_unitary_matrix_itself(name, ports):
    for unitary in (wanted(ports), np.eye(ports), np.eye(ports)[::-1], np.fft.fft(np.eye(ports), norm="ortho")):
        phases = decompose(unitary, name)
        assert phases.shape == (ports**2,)
        np.testing.assert_allclose(ideal_transfer(topology(name, ports), phases), unitary, atol=1e-12)


@pytest.mark.parametrize("ports", [3, 8, 32])
def test_both_topologies_agree(ports):
    meshes = [topology(name, ports) for name in ("clements", "reck")]
    of_both = [
        ideal_transfer(places, decompose(wanted(ports), name))
        for places, name in zip(meshes, ("clements", "reck"), strict=True)
    ]
    np.testing.assert_allclose(*of_both, atol=1e-10)


@pytest.mark.parametrize("name", ["clements", "reck"])
def test_the_closed_forms_mesh_is_that_of_the_network(name):
    mesh = make_mesh(AnalyticCoupler(phase=0.0), AnalyticShifter(offset=0.0), topology(name, 5))
    phases = decompose(wanted(5), name)
    np.testing.assert_allclose(mesh.forward(phases, np.eye(5, dtype=complex))[0], wanted(5), atol=1e-8)


@pytest.mark.parametrize("name", ["clements", "reck"])
def test_delays_of_couplers_and_sections_are_allowed_for(name):
    """Couplers of a common phase, and sections each off by their own, lose nothing; without it much is lost."""
    mesh = make_mesh(AnalyticCoupler(), AnalyticShifter(), topology(name, 5))
    errors = np.exp(1j * np.random.default_rng(0).normal(0, 1, mesh.shifters.which.shape))
    mesh = replace(mesh, shifters=replace(mesh.shifters, errors=errors))
    phases, eye = decompose(wanted(5), name), np.eye(5, dtype=complex)
    assert fidelity(mesh.forward(phases, eye)[0], wanted(5)) < 0.7
    np.testing.assert_allclose(mesh.forward(compensated(phases, mesh), eye)[0], wanted(5), atol=1e-8)


@pytest.mark.parametrize("name", ["clements", "reck"])
def test_phases_for_unequal_lossy_couplers_are_found_by_search(name):
    mesh = with_coupler_errors(make_mesh(*DESIGN, topology(name, 4)), 0.1, 0)
    start = compensated(decompose(wanted(4), name), make_mesh(*DESIGN, mesh.topology))
    before = fidelity(mesh.forward(start, np.eye(4, dtype=complex))[0], wanted(4))
    found = fit_phases(mesh, wanted(4), start)
    assert 1 - before > 3e-3
    assert 1 - found.fidelity < 2e-4  # what unequal numbers of lossy couplers on the ways leave


def test_reflections_are_searched_around_too():
    reflecting = (replace(DESIGN[0], reflection=0.05), replace(DESIGN[1], reflection=0.05))
    layer = mesh_circuit(parts_of(*reflecting, topology("clements", 3)))
    start = compensated(decompose(wanted(3), "clements"), make_mesh(*DESIGN, topology("clements", 3)))
    before = fidelity(layer.forward(start, np.eye(3, dtype=complex))[0], wanted(3))
    assert 1 - fit_phases(layer, wanted(3), start).fidelity < 0.5 * (1 - before)


def test_fidelity_forgives_a_common_factor_and_nothing_else():
    unitary = wanted(4)
    assert fidelity(0.3j * unitary, unitary) == pytest.approx(1.0, abs=1e-12)
    assert fidelity(np.diag([1, 1, 1, -1]) @ unitary, unitary) == pytest.approx(0.25)
    assert fidelity(np.diag([1, 1, 1, 0]) @ unitary, unitary) == pytest.approx(0.75)


@pytest.mark.parametrize("matrix", [np.ones((3, 3)), np.eye(3)[:2], np.full((2, 2), np.nan)])
def test_matrices_that_are_not_unitary_are_refused(matrix):
    with pytest.raises(BadInput, match="unitary"):
        decompose(matrix, "reck")
