import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fdtd_onn.network.topology import clements, reck
from tests.network.stand_ins import AnalyticCoupler, AnalyticShifter, make_mesh

MESHES = pytest.mark.parametrize("mesh_of", [clements, reck])


@MESHES
@given(ports=st.integers(2, 40))
def test_nodes_and_phases_are_as_many_as_a_unitary_needs(mesh_of, ports):
    topology = mesh_of(ports)
    assert sum(column.size for column in topology.columns) == ports * (ports - 1) // 2
    assert topology.shifter_guide.size == ports**2
    assert len(set(zip(topology.shifter_plane, topology.shifter_guide, strict=True))) == ports**2
    assert topology.coupler_guide.size == ports * (ports - 1)


@MESHES
@given(ports=st.integers(2, 40))
def test_nodes_of_a_column_share_no_guide(mesh_of, ports):
    for column in mesh_of(ports).columns:
        guides = np.concatenate([column, column + 1])
        assert len(set(guides.tolist())) == guides.size
        assert guides.max() < ports


def test_four_ports_as_drawn_in_the_papers():
    assert [c.tolist() for c in clements(4).columns] == [[0, 2], [1], [0, 2], [1]]
    assert [c.tolist() for c in reck(4).columns] == [[0], [1], [0, 2], [1], [0]]
    assert [c.tolist() for c in clements(2).columns] == [[0]]
    assert [c.tolist() for c in reck(2).columns] == [[0]]


@MESHES
@pytest.mark.parametrize("ports", [2, 3, 4, 5])
def test_phases_move_a_lossless_mesh_in_every_direction_of_the_unitary_group(mesh_of, ports):
    """U†dU/dφ spans all anti-Hermitian matrices, whose real dimension is N²."""
    mesh = make_mesh(AnalyticCoupler(), AnalyticShifter(), mesh_of(ports))
    phases = np.random.default_rng(ports).uniform(0, 2 * np.pi, mesh.phase_count)
    step = 1e-6

    def matrix(p):
        return mesh.forward(p, np.eye(ports, dtype=complex))[0]

    directions = []
    for unit in np.eye(mesh.phase_count):
        slope = (matrix(phases + step * unit) - matrix(phases - step * unit)) / (2 * step)
        generator = (matrix(phases).conj().T @ slope).ravel()
        directions.append(np.concatenate([generator.real, generator.imag]))
    assert np.linalg.matrix_rank(np.array(directions), tol=1e-4) == ports**2
