import numpy as np
import pytest

from fdtd_onn.errors import BadInput, FdtdOnnError
from fdtd_onn.network.circuit import join
from fdtd_onn.reduce.composition import cascade, star_product

TWO, FOUR = ("o1", "o2"), ("o1", "o2", "o3", "o4")


def scattering(solved):
    """S[out, in] of the outer ports, the inputs first, then the outputs."""
    inputs, outputs = solved.circuit.wiring.inputs, solved.circuit.wiring.outputs
    outer = np.eye(inputs.size + outputs.size, dtype=complex)
    leaving = solved.leaving(solved.entering(outer[: inputs.size], outer[inputs.size :]))
    return leaving[np.concatenate([inputs, outputs])]


def random_unitary(rng, size, symmetric=False):
    q, _r = np.linalg.qr(rng.standard_normal((size, size)) + 1j * rng.standard_normal((size, size)))
    return q @ q.T if symmetric else q


def lattice(rng, symmetric=False):
    """Two couplers in a row with a reflecting section on each guide between them."""
    a, b = (random_unitary(rng, 4, symmetric) for _ in range(2))
    lower, upper = (random_unitary(rng, 2, symmetric) for _ in range(2))
    nodes = {"a": (FOUR, a), "lower": (TWO, lower), "upper": (TWO, upper), "b": (FOUR, b)}
    joints = [("a.o4", "lower.o1"), ("a.o3", "upper.o1"), ("lower.o2", "b.o1"), ("upper.o2", "b.o2")]
    circuit = join(nodes, joints, inputs=("a.o1", "a.o2"), outputs=("b.o4", "b.o3"))
    left = star_product(star_product(a, lower, [(3, 0)]), upper, [(2, 0)])  # open: o1, o2, lower.o2, upper.o2
    return circuit, star_product(left, b, [(2, 0), (3, 1)])[np.ix_([0, 1, 3, 2], [0, 1, 3, 2])]


def test_scattering_is_the_star_product():
    for seed in range(5):
        circuit, expected = lattice(np.random.default_rng(seed))
        np.testing.assert_allclose(scattering(circuit.solve()), expected, atol=1e-12)
        np.testing.assert_allclose(circuit.solve().transfer(), expected[2:, :2], atol=1e-12)


def test_lossless_reciprocal_nodes_make_a_unitary_symmetric_circuit():
    s = scattering(lattice(np.random.default_rng(9), symmetric=True)[0].solve())
    np.testing.assert_allclose(s.conj().T @ s, np.eye(4), atol=1e-12)
    np.testing.assert_allclose(s, s.T, atol=1e-12)


def mirror(r):
    return np.array([[r, 1j * np.sqrt(1 - r**2)], [1j * np.sqrt(1 - r**2), r]])


@pytest.mark.parametrize("r", [0.01, 0.5, 0.99])
def test_two_mirrors_are_the_etalon_of_airy(r):
    """t = t₁t₂e^{iφ}/(1 − r²e^{2iφ}), and without reflections the first passage alone."""
    phi = 0.9
    guide = np.exp(1j * phi) * np.array([[0, 1], [1, 0]])
    nodes = {"m": (TWO, mirror(r)), "g": (TWO, guide), "n": (TWO, mirror(r))}
    circuit = join(nodes, [("m.o2", "g.o1"), ("g.o2", "n.o1")], ["m.o1"], ["n.o2"])
    once = -(1 - r**2) * np.exp(1j * phi)
    np.testing.assert_allclose(circuit.solve().transfer(), [[once / (1 - r**2 * np.exp(2j * phi))]], rtol=1e-12)
    np.testing.assert_allclose(circuit.without_reflections().solve().transfer(), [[once]], rtol=1e-12)


def test_fields_inside_are_those_of_the_equations():
    rng = np.random.default_rng(2)
    circuit, _expected = lattice(rng)
    solved = circuit.solve()
    x, y = rng.standard_normal((2, 2, 3)) + 1j * rng.standard_normal((2, 2, 3))
    a = solved.entering(x, y)
    b = solved.leaving(a)
    for one, other in circuit.wiring.joints:
        np.testing.assert_allclose(a[[one, other]], b[[other, one]], atol=1e-12)
    np.testing.assert_allclose(a, solved.forward(x) + solved.backward(y), atol=1e-12)


def test_many_equal_sections_are_their_cascade():
    section = np.array([[0.1, 0.97j], [0.97j, 0.05]]) * np.exp(0.4j)
    nodes = {f"n{i}": (TWO, section) for i in range(40)}
    circuit = join(nodes, [(f"n{i}.o2", f"n{i + 1}.o1") for i in range(39)], ["n0.o1"], ["n39.o2"])
    np.testing.assert_allclose(scattering(circuit.solve()), cascade(section, 40), atol=1e-12)


def test_a_ring_is_the_all_pass_of_yariv():
    """t = (τ − a e^{iφ})/(1 − τ a e^{iφ}) (Yariv, Electron. Lett. 36, 321 (2000)), with or without reflections."""
    tau, loop = 0.8, 0.95 * np.exp(0.3j)
    cross = 1j * np.sqrt(1 - tau**2)
    coupler = np.zeros((4, 4), dtype=complex)
    coupler[np.ix_([3, 2], [0, 1])] = coupler[np.ix_([0, 1], [3, 2])] = [[tau, cross], [cross, tau]]
    nodes = {"c": (FOUR, coupler), "r": (TWO, loop * np.array([[0, 1], [1, 0]]))}
    circuit = join(nodes, [("c.o3", "r.o1"), ("r.o2", "c.o2")], ["c.o1"], ["c.o4"])
    for way in (circuit, circuit.without_reflections()):
        np.testing.assert_allclose(way.solve().transfer(), [[(tau - loop) / (1 - tau * loop)]], rtol=1e-12)


def test_a_loop_that_loses_nothing_is_refused():
    nodes = {"a": (FOUR, np.eye(4)[[3, 2, 1, 0]]), "r": (TWO, np.array([[0, 1], [1, 0]]))}
    circuit = join(nodes, [("a.o3", "r.o1"), ("r.o2", "a.o2")], ["a.o1"], ["a.o4"])
    with pytest.raises(FdtdOnnError, match="losses in every loop"):
        circuit.solve()


def test_ports_that_do_not_exist_or_are_used_twice_are_refused():
    nodes = {"a": (TWO, np.eye(2)), "b": (TWO, np.eye(2))}
    with pytest.raises(BadInput, match=r"one of the ports a\.o1"):
        join(nodes, [("a.o3", "b.o1")], ["a.o1"], ["b.o2"])
    with pytest.raises(BadInput, match=r"a\.o2 2 times"):
        join(nodes, [("a.o2", "b.o1")], ["a.o2"], ["b.o2"])
