import numpy as np
import pytest

import fdtd_onn as fo
from fdtd_onn.errors import BadInput
from tests.frameworks.small_network import DETECTOR, SAMPLES, agree, light, own_gradients, small_network

jax = pytest.importorskip("jax")

KINDS = ("exact", "optical")


@pytest.fixture(autouse=True)
def _double_precision():
    before = jax.config.read("jax_enable_x64")
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


@pytest.mark.parametrize("output", ["readings", "fields"])
def test_exact_gradients_in_phases_and_fields_against_finite_differences(output):
    """JAX's derivative in a field is ∂L/∂Re E − i ∂L/∂Im E: a step along its conjugate climbs fastest."""
    (phases, x), network = light(), small_network()
    through = fo.as_jax(network, output=output)

    def loss(phases, x):
        return jax.numpy.sum(jax.numpy.sin(through(phases, x).real) + jax.numpy.abs(through(phases, x)) ** 2)

    in_phases, in_fields = jax.jit(jax.grad(loss, (0, 1)))(phases, x)
    step = 1e-6

    def slope(d_phases, d_x):
        ahead, behind = (loss(phases + s * step * d_phases, x + s * step * d_x) for s in (1, -1))
        return (ahead - behind) / (2 * step)

    numeric = [slope(unit, 0.0) for unit in np.eye(phases.size)]
    np.testing.assert_allclose(in_phases, numeric, atol=1e-7 * np.abs(in_phases).max())
    for index in np.ndindex(x.shape):
        unit = np.zeros(x.shape, complex)
        unit[index] = 1.0
        assert slope(0.0, unit) - 1j * slope(0.0, 1j * unit) == pytest.approx(complex(in_fields[index]), abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_both_gradients_are_the_networks_own_with_and_without_jit(kind):
    (phases, x), network = light(), small_network()
    weights = np.random.default_rng(1).standard_normal((SAMPLES, 2))
    through = fo.as_jax(network, kind)
    own = own_gradients(network, kind, phases, x, weights)
    for run in (through, jax.jit(through)):
        readings, pull_back = jax.vjp(run, phases, x)
        agree(readings, network.readout.read(network.forward(phases, x.T)[0]).T)
        in_phases, in_fields = pull_back(jax.numpy.asarray(weights))
        agree(in_phases, own[0])
        agree(in_fields, 2.0 * own[1])


@pytest.mark.parametrize("kind", KINDS)
def test_steps_down_the_gradient_lower_the_loss(kind):
    (phases, x), through = light(20), fo.as_jax(small_network(), kind)
    wanted = through(phases + 0.3, x)

    def loss(phases):
        return jax.numpy.mean((through(phases, x) - wanted) ** 2)

    step = jax.jit(lambda phases: phases - 0.05 * jax.grad(loss)(phases))
    before = loss(phases)
    for _step in range(10):
        phases = step(phases)
    assert loss(phases) < 0.8 * before


def test_a_large_batch_and_vmap_come_through():
    (phases, x), network = light(20_000), small_network()
    through = fo.as_jax(network)
    readings = jax.jit(through)(phases, x)
    agree(readings, network.readout.read(network.forward(phases, x.T)[0]).T)
    agree(jax.vmap(through, (None, 0))(phases, x.reshape(4, 5000, 3)).reshape(-1, 2), np.asarray(readings))


def test_noise_of_what_is_measured_is_that_of_the_seed():
    (phases, x), through = light(), fo.as_jax(small_network(detector=DETECTOR), "optical")
    first, again, other = (np.asarray(through(phases, x, seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_what_cannot_be_is_refused():
    with pytest.raises(BadInput, match="exact or optical"):
        fo.as_jax(small_network(), "measured")
    with pytest.raises(BadInput, match=r'layers that backward light passes.*Choose gradient="exact"'):
        fo.as_jax(small_network(between="electronic"), "optical")
    jax.config.update("jax_enable_x64", False)
    with pytest.raises(BadInput, match="jax_enable_x64: expected True"):
        fo.as_jax(small_network())
