"""A compiled network as a function of JAX."""

from __future__ import annotations

from typing import Any, Protocol

import jax
import jax.numpy as jnp
import numpy as np

from fdtd_onn.errors import BadInput
from fdtd_onn.frameworks.passage import Gradient, Output, passage, width
from fdtd_onn.network.network import Network


class JaxNetwork(Protocol):
    """(phases (P,) in rad, input fields (B, N) in √W, seed) → detector readings (B, K) or output fields (B, N).

    seed: a whole number, of the noise in an optical gradient.
    """

    def __call__(self, phases: Any, x: Any, seed: Any = 0) -> jax.Array:
        """Run the light forward."""


def jax_function(network: Network, gradient: Gradient, output: Output) -> JaxNetwork:
    """A function for `jax.jit`, `jax.grad` and `jax.vjp`; the light itself is computed outside, by `jax.pure_callback`.

    The way back runs the light forward once more, because a callback can leave nothing behind. There are no second
    derivatives; under `jax.vmap` one batch follows the other. As everywhere in JAX, a derivative in a field is
    ∂L/∂Re E − i ∂L/∂Im E.
    Raises BadInput for another word of gradient or output, or if JAX is in single precision; within JAX, inputs of
    another shape, or more light than the absorbers were compiled for, end in JAX's own error around ours.
    """
    if not jax.config.read("jax_enable_x64"):
        cure = 'Call jax.config.update("jax_enable_x64", True) before anything else.'
        raise BadInput("jax_enable_x64", "True, for fields in double precision", "False", cure)
    through, columns = passage(network, gradient, output), width(network, output)
    kind = np.float64 if output == "readings" else np.complex128

    def send(phases: Any, x: Any, seed: Any) -> Any:
        return through(np.asarray(phases), np.asarray(x), np.random.default_rng(int(seed)))

    def outputs(phases: Any, x: Any, seed: Any) -> Any:
        return np.ascontiguousarray(send(phases, x, seed)[0])

    def slopes(phases: Any, x: Any, seed: Any, slope: Any) -> Any:
        given = np.asarray(slope)
        in_phases, in_fields = send(phases, x, seed)[1](0.5 * given if np.iscomplexobj(given) else given)
        return in_phases, np.ascontiguousarray(2.0 * in_fields)

    def light(phases: Any, x: Any, seed: Any) -> Any:
        shape = jax.ShapeDtypeStruct((x.shape[0], columns), kind)
        return jax.pure_callback(outputs, shape, phases, x, seed, vmap_method="sequential")

    def forward(phases: Any, x: Any, seed: Any) -> Any:
        return light(phases, x, seed), (phases, x, seed)

    def backward(kept: Any, slope: Any) -> Any:
        phases, x, _seed = kept
        shapes = tuple(jax.ShapeDtypeStruct(array.shape, array.dtype) for array in (phases, x))
        return *jax.pure_callback(slopes, shapes, *kept, slope, vmap_method="sequential"), None

    differentiable = jax.custom_vjp(light)
    differentiable.defvjp(forward, backward)

    def run(phases: Any, x: Any, seed: Any = 0) -> jax.Array:
        return differentiable(jnp.asarray(phases, float), jnp.asarray(x, complex), jnp.asarray(seed, np.uint32))

    return run
