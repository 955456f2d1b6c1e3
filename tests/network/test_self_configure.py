import numpy as np
import pytest

from fdtd_onn.network.decompose import compensated, decompose
from fdtd_onn.network.self_configure import configure, configure_progressively, fidelity_but_for_outputs
from fdtd_onn.network.topology import topology
from tests.network.stand_ins import make_mesh
from tests.network.test_decompose import DESIGN, wanted, with_coupler_errors


def bench(name, ports):
    """Power readings of a mesh with coupling ratios 5 % off, its transfer, and the phases that its design says."""
    drawn = make_mesh(*DESIGN, topology(name, ports))
    mesh = with_coupler_errors(drawn, 0.05, ports)
    return (
        lambda phases, x: np.abs(mesh.forward(phases, x)[0]) ** 2,
        lambda phases: mesh.forward(phases, np.eye(ports, dtype=complex))[0],
        compensated(decompose(wanted(ports), name), drawn),
        mesh.topology,
    )


@pytest.mark.parametrize("name", ["clements", "reck"])
def test_power_readings_alone_leave_a_tenth_of_the_infidelity_of_the_designs_phases(name):
    powers, transfer, start, places = bench(name, 4)
    before = 1 - fidelity_but_for_outputs(transfer(start), wanted(4))
    after = 1 - fidelity_but_for_outputs(transfer(configure(powers, wanted(4), places, start)), wanted(4))
    assert before > 1e-3
    assert after < 0.1 * before


def test_a_triangular_mesh_is_set_up_without_any_knowledge_of_it():
    powers, transfer, _start, places = bench("reck", 4)
    unknown = np.random.default_rng(5).uniform(0, 2 * np.pi, 16)
    phases = configure_progressively(powers, wanted(4), places, unknown, sweeps=10)
    assert fidelity_but_for_outputs(transfer(unknown), wanted(4)) < 0.8
    assert fidelity_but_for_outputs(transfer(phases), wanted(4)) > 0.999


def test_output_shifters_are_left_and_forgiven():
    powers, transfer, start, places = bench("clements", 3)
    phases = configure(powers, wanted(3), places, start, sweeps=2)
    np.testing.assert_allclose(phases[-3:], start[-3:], atol=1e-12)
    turned = np.diag(np.exp(1j * np.array([0.3, 1.0, 2.0]))) @ transfer(phases)
    same = fidelity_but_for_outputs(transfer(phases), wanted(3))
    assert fidelity_but_for_outputs(turned, wanted(3)) == pytest.approx(same, rel=1e-12)
