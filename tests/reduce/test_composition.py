import numpy as np
import pytest

from fdtd_onn.analytic.fresnel import etalon_s, interface_s
from fdtd_onn.errors import BadInput
from fdtd_onn.reduce.composition import cascade, star_product


def guide(phase):
    return np.exp(1j * np.asarray(phase))[..., None, None] * np.array([[0, 1], [1, 0]])


def random_s(n, seed):
    rng = np.random.default_rng(seed)
    s = rng.standard_normal((n, n)) + 1j * rng.standard_normal((n, n))
    return 0.8 * s / np.linalg.norm(s, 2)


def test_two_interfaces_around_a_film_are_an_etalon():
    wavelengths = np.linspace(1.5, 1.6, 7)
    film = guide(2 * np.pi * 2.85 * 3.1 / wavelengths)
    front = star_product(interface_s(1.44, 2.85), film, [(1, 0)])
    whole = star_product(front, interface_s(2.85, 1.44), [(1, 0)])
    np.testing.assert_allclose(whole, etalon_s(1.44, 2.85, 3.1, wavelengths), atol=1e-14)


def test_several_joints_satisfy_every_port_at_once():
    a, b = random_s(4, 0), random_s(3, 1)
    joined = star_product(a, b, [(3, 0), (1, 2)])  # left open: a0, a2, b1
    into = np.array([0.3, -1.1j, 0.7 + 0.2j])
    # Waves on the joints by iterating the scattering, an independent way to the same sum.
    in_a, in_b = np.array([into[0], 0, into[1], 0]), np.array([0, into[2], 0], dtype=complex)
    for _ in range(400):
        out_a, out_b = a @ in_a, b @ in_b
        in_a[[3, 1]], in_b[[0, 2]] = out_b[[0, 2]], out_a[[3, 1]]
    np.testing.assert_allclose(joined @ into, [out_a[0], out_a[2], out_b[1]], atol=1e-13)


def test_the_order_of_composition_does_not_matter():
    a, b, c = (random_s(2, seed) for seed in range(3))
    left = star_product(star_product(a, b, [(1, 0)]), c, [(1, 0)])
    right = star_product(a, star_product(b, c, [(1, 0)]), [(1, 0)])
    np.testing.assert_allclose(left, right, atol=1e-14)


def test_without_joints_nothing_mixes():
    a, b = random_s(2, 0), random_s(1, 1)
    np.testing.assert_array_equal(star_product(a, b, []), np.block([[a, np.zeros((2, 1))], [np.zeros((1, 2)), b]]))


@pytest.mark.parametrize("sections", [1, 2, 3, 7, 100])
def test_a_cascade_is_a_power_of_its_transfer_matrix(sections):
    s = np.array([[0.1j, 0.97 * np.exp(0.3j)], [0.9 * np.exp(0.5j), -0.05]])  # not reciprocal
    (s11, s12), (s21, s22) = s
    # (left-going, right-going) on the left from the same on the right.
    transfer = np.array([[s12 * s21 - s11 * s22, s11], [-s22, 1.0]]) / s21
    t = np.linalg.matrix_power(transfer, sections)
    expected = np.array([[t[0, 1], np.linalg.det(t)], [1.0, -t[1, 0]]]) / t[1, 1]
    np.testing.assert_allclose(cascade(s, sections), expected, rtol=1e-9, atol=1e-12)


def test_joints_that_make_no_sense_are_refused():
    with pytest.raises(BadInput, match="different ports of a"):
        star_product(random_s(2, 0), random_s(2, 1), [(1, 0), (1, 1)])
    with pytest.raises(BadInput, match="ports of b from 0 to 1"):
        star_product(random_s(2, 0), random_s(2, 1), [(1, 2)])
    with pytest.raises(BadInput, match="at least one section"):
        cascade(random_s(2, 0), 0)
