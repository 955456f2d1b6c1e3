import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fdtd_onn.network.clements import clements, column_blocks
from fdtd_onn.network.mesh import Mesh, coupler_transfer
from fdtd_onn.network.phase_shifter import phase_shifter
from tests.network.stand_ins import AnalyticCoupler, AnalyticShifter


@given(st.integers(2, 40))
def test_nodes_and_phases_are_as_many_as_a_unitary_needs(ports):
    topology = clements(ports)
    nodes = sum((block.stop - block.start) // 2 for block in topology.blocks)
    assert nodes == ports * (ports - 1) // 2
    assert topology.shifter_guide.size == ports**2
    assert len(set(zip(topology.shifter_plane, topology.shifter_guide, strict=True))) == ports**2


@given(st.integers(2, 40))
def test_blocks_are_whole_pairs_inside_the_mesh(ports):
    for block in column_blocks(ports):
        assert (block.stop - block.start) % 2 == 0
        assert 0 <= block.start < block.stop <= ports


def test_four_ports_as_drawn_in_the_paper():
    assert column_blocks(4) == (slice(0, 4), slice(1, 3), slice(0, 4), slice(1, 3))
    assert column_blocks(2) == (slice(0, 2),)


@pytest.mark.parametrize("ports", [2, 3, 4, 5])
def test_phases_move_a_lossless_mesh_in_every_direction_of_the_unitary_group(ports):
    """U†dU/dφ spans all anti-Hermitian matrices, whose real dimension is N²."""
    coupler = coupler_transfer(AnalyticCoupler(), 1.55, None)
    mesh = Mesh(clements(ports), coupler, phase_shifter(AnalyticShifter(), 1.55, 1))
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
