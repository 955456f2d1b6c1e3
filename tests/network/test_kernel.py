"""The compiled sweeps against products of dense matrices, finite differences and themselves."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fdtd_onn.network import kernel
from fdtd_onn.network.topology import clements, reck

MESHES = st.sampled_from([clements, reck])
SIZES = {"mesh_of": MESHES, "ports": st.integers(2, 9), "batch": st.integers(1, 70), "seed": st.integers(0, 1000)}


@dataclass
class Case:
    """A mesh whose every part is different, lossy and non-reciprocal, with light from both sides."""

    topology: object
    transfer: np.ndarray
    couplers: np.ndarray
    x: np.ndarray
    delta: np.ndarray

    @property
    def parts(self):
        return self.topology.coupler_at, self.transfer, self.couplers

    def with_transfer(self, transfer):
        return self.topology.coupler_at, transfer, self.couplers


def case(mesh_of, ports, batch, seed=0, dtype=np.complex128):
    rng = np.random.default_rng(seed)
    topology = mesh_of(ports)

    def normal(*shape):
        return (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)).astype(dtype)

    shape = (topology.planes, ports)
    transfer = (rng.uniform(0.9, 1.0, shape) * np.exp(1j * rng.uniform(0, 2 * np.pi, shape))).astype(dtype)
    couplers = normal(topology.coupler_guide.size, 2, 2)
    couplers /= np.linalg.norm(couplers, axis=(1, 2), ord=2, keepdims=True)
    return Case(topology, transfer, couplers, normal(ports, batch), normal(ports, batch))


def couplers_of_plane(c, plane):
    matrix = np.eye(c.topology.ports, dtype=complex)
    for lower, k in enumerate(c.topology.coupler_at[plane]):
        if k >= 0:
            matrix[lower : lower + 2, lower : lower + 2] = c.couplers[k]
    return matrix


def before_and_after(c):
    """Dense matrices up to and with every plane's transfers, and from there to the outputs."""
    planes = c.topology.planes
    before, after = [], [np.eye(c.topology.ports)]
    matrix = np.eye(c.topology.ports)
    for plane in range(planes):
        before.append(np.diag(c.transfer[plane]) @ matrix)
        matrix = couplers_of_plane(c, plane) @ before[-1]
    for plane in reversed(range(1, planes)):
        after.append(after[-1] @ np.diag(c.transfer[plane]) @ couplers_of_plane(c, plane - 1))
    return before, after[::-1]


@settings(max_examples=30, deadline=None)
@given(**SIZES)
def test_output_is_the_dense_product(mesh_of, ports, batch, seed):
    c = case(mesh_of, ports, batch, seed)
    y, _sweep = kernel.forward(*c.parts, c.x)
    np.testing.assert_allclose(y, before_and_after(c)[0][-1] @ c.x, rtol=0, atol=1e-12)


@settings(max_examples=30, deadline=None)
@given(**SIZES)
def test_overlaps_are_those_of_the_dense_matrices(mesh_of, ports, batch, seed):
    """Σ a b = [P G S]_kk with P up to a plane, S from there, and G = Σ_batch x δᵀ."""
    c = case(mesh_of, ports, batch, seed)
    _y, sweep = kernel.forward(*c.parts, c.x)
    delta_in, overlap = kernel.backward(*c.parts, sweep, c.delta)
    contracted = c.x @ c.delta.T
    expected = [np.diag(p @ contracted @ s) for p, s in zip(*before_and_after(c), strict=True)]
    np.testing.assert_allclose(overlap, expected, rtol=0, atol=1e-10)
    np.testing.assert_array_equal(kernel.overlaps(*c.parts, sweep, c.delta), overlap)
    np.testing.assert_allclose(delta_in, before_and_after(c)[0][-1].T @ c.delta, rtol=0, atol=1e-12)


@settings(max_examples=30, deadline=None)
@given(**SIZES)
def test_contracting_the_batch_changes_rounding_only(mesh_of, ports, batch, seed):
    """A batch of at most N samples goes through field by field; a larger one is contracted."""
    c = case(mesh_of, ports, batch, seed)
    y, sweep = kernel.forward(*c.parts, c.x)
    delta_in, overlap = kernel.backward(*c.parts, sweep, c.delta)
    singles = [kernel.forward(*c.parts, c.x[:, [b]]) for b in range(batch)]
    backs = [kernel.backward(*c.parts, single[1], c.delta[:, [b]]) for b, single in enumerate(singles)]
    assert (sweep.matrix is not None) == (batch > ports)
    assert all(single[1].matrix is None for single in singles)
    np.testing.assert_allclose(y, np.hstack([single[0] for single in singles]), rtol=0, atol=1e-12)
    np.testing.assert_allclose(delta_in, np.hstack([back[0] for back in backs]), rtol=0, atol=1e-12)
    np.testing.assert_allclose(overlap, sum(back[1] for back in backs), rtol=0, atol=1e-12 * batch)


@pytest.mark.parametrize("mesh_of", [clements, reck])
@pytest.mark.parametrize("batch", [3, 40])
def test_phase_gradient_against_finite_differences(mesh_of, batch):
    """L = Σ |y|² with δ = ∂L/∂y = y*: dL/dφ = −2 Im Σ a b."""
    c = case(mesh_of, 5, batch)
    y, sweep = kernel.forward(*c.parts, c.x)
    _delta_in, overlap = kernel.backward(*c.parts, sweep, y.conj())

    def loss(plane, guide, phase):
        moved = c.transfer.copy()
        moved[plane, guide] *= np.exp(1j * phase)
        return np.sum(np.abs(kernel.forward(*c.with_transfer(moved), c.x)[0]) ** 2)

    step, gradient = 1e-5, -2.0 * overlap.imag
    numeric = [(loss(*at, step) - loss(*at, -step)) / (2 * step) for at in np.ndindex(c.transfer.shape)]
    np.testing.assert_allclose(gradient.ravel(), numeric, rtol=0, atol=1e-6 * np.abs(gradient).max())


@pytest.mark.parametrize("mesh_of", [clements, reck])
def test_fields_are_those_in_front_of_the_transfers(mesh_of):
    c = case(mesh_of, 5, 40)
    plane, guide = c.topology.shifter_plane, c.topology.shifter_guide
    y, fields = kernel.fields(*c.parts, c.x, plane, guide)
    behind = np.array(before_and_after(c)[0])[plane, guide] @ c.x
    np.testing.assert_allclose(c.transfer[plane, guide][:, None] * fields, behind, rtol=0, atol=1e-12)
    np.testing.assert_allclose(y, kernel.forward(*c.parts, c.x)[0], rtol=0, atol=1e-12)


@pytest.mark.parametrize("batch", [7, 100])
def test_single_precision_is_single_precision(batch):
    double, single = case(clements, 16, batch), case(clements, 16, batch, dtype=np.complex64)
    results = []
    for c in (double, single):
        y, sweep = kernel.forward(*c.parts, c.x)
        results.append((y, *kernel.backward(*c.parts, sweep, c.delta)))
    for exact, rounded in zip(*results, strict=True):
        assert rounded.dtype == np.complex64
        assert np.abs(rounded - exact).max() < 1e-5 * np.abs(exact).max()


@pytest.mark.parametrize("batch", [7, 100])
def test_fields_computed_again_are_the_kept_ones(batch, monkeypatch):
    c = case(clements, 21, batch)
    results = []
    for kept_bytes in (kernel.KEPT_BYTES, 0):
        monkeypatch.setattr(kernel, "KEPT_BYTES", kept_bytes)
        _y, sweep = kernel.forward(*c.parts, c.x)
        results.append((sweep.kept.nbytes, kernel.backward(*c.parts, sweep, c.delta)))
    assert results[1][0] < 0.25 * results[0][0]
    for kept, again in zip(results[0][1], results[1][1], strict=True):
        np.testing.assert_array_equal(kept, again)


@pytest.mark.parametrize("batch", [7, 100])
def test_results_do_not_depend_on_where_arrays_lie(batch):
    """The same bits at every call, also for arrays that begin elsewhere or run the other way in memory."""
    c = case(clements, 8, batch)
    first, sweep = kernel.forward(*c.parts, c.x)
    overlap = kernel.backward(*c.parts, sweep, c.delta)[1]
    for offset in range(1, 5):
        held = np.empty(c.x.size + offset, dtype=complex)
        held[offset:] = c.x.T.ravel()
        y, sweep = kernel.forward(*c.parts, held[offset:].reshape(batch, -1).T)
        np.testing.assert_array_equal(y, first)
        np.testing.assert_array_equal(kernel.backward(*c.parts, sweep, c.delta)[1], overlap)
