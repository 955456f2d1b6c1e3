"""Light through a network and its gradient back, in the arrays of NumPy, for any framework to wrap."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import BadInput
from fdtd_onn.network.electronic import require_light_passes
from fdtd_onn.network.models import Complex, Real
from fdtd_onn.network.network import Network, Residuals

Gradient: TypeAlias = Literal["exact", "optical"]
Output: TypeAlias = Literal["readings", "fields"]
#: ∂L/∂output (B, K) → dL/dphase (P,) and ∂L/∂(input fields) (B, N).
PullBack: TypeAlias = Callable[[NDArray[Any]], tuple[Real, Complex]]
#: (phases (P,) in rad, input fields (B, N) in √W, generator of the readings' noise) → output and its pull-back.
Passage: TypeAlias = Callable[[Real, Complex, np.random.Generator], tuple[NDArray[Any], PullBack]]


def passage(network: Network, gradient: Gradient, output: Output) -> Passage:
    """What a framework wraps. Samples come first, as they do there; derivatives in fields are Wirtinger's, ∂L/∂E.

    The optical gradient is that of `optical-bp`: outputs are measured, ∂L/∂y goes into them as light, the taps'
    readings give dL/dφ = −2 Im Σ a b, and the light that leaves the inputs is taken for ∂L/∂(input fields).
    Raises BadInput for another word than those of `Gradient` and `Output`, and for the optical gradient of a network
    with electronic layers; the passage does for other shapes.
    """
    for where, word, kinds in (("gradient", gradient, get_args(Gradient)), ("output", output, get_args(Output))):
        if word not in kinds:
            raise BadInput(where, " or ".join(kinds), repr(word), "Choose one of these.")
    measured = gradient == "optical"
    if measured:
        require_light_passes('gradient="optical"', network, 'Choose gradient="exact" for such a network.')
    back = _optically if measured else _exactly

    def pass_light(phases: Real, x: Complex, rng: np.random.Generator) -> tuple[NDArray[Any], PullBack]:
        _check_shapes(network, phases, x)
        phases = np.array(phases)  # the framework may change its own before the way back
        lit = network.on_bench(rng) if measured else network
        y, residuals = lit.forward(phases, np.array(x.T, order="C"))
        if measured:
            y = network.readout.measured(y, rng)

        def pull_back(slope: NDArray[Any]) -> tuple[Real, Complex]:
            along_guides = np.ascontiguousarray(slope.T)
            delta = network.readout.pull_back(y, along_guides) if output == "readings" else along_guides
            in_phases, in_fields = back(lit, phases, residuals, delta, rng)
            return in_phases, in_fields.T

        return (network.readout.read(y) if output == "readings" else y).T, pull_back

    return pass_light


def width(network: Network, output: Output) -> int:
    """How many numbers of a sample come out."""
    return len(network.spec.readout.ports) if output == "readings" else network.spec.ports


def _exactly(
    network: Network, phases: Real, residuals: Residuals, delta: Complex, rng: np.random.Generator
) -> tuple[Real, Complex]:
    in_fields, in_phases = network.adjoint(phases, residuals, delta)
    return in_phases, in_fields


def _optically(
    network: Network, phases: Real, residuals: Residuals, delta: Complex, rng: np.random.Generator
) -> tuple[Real, Complex]:
    leaving, at_taps = network.send_back(phases, residuals, delta)
    return network.drive.pull_back_sections(-2.0 * network.monitor.overlap(at_taps, rng)), leaving


def _check_shapes(network: Network, phases: Real, x: Complex) -> None:
    if phases.shape != (network.phase_count,):
        raise BadInput("phases", f"shape ({network.phase_count},)", phases.shape, "Pass one vector of all phases.")
    if x.ndim != 2 or x.shape[1] != network.spec.ports:
        expected = f"shape (samples, {network.spec.ports})"
        raise BadInput("input fields", expected, x.shape, "Pass a row of amplitudes in √W for each sample.")
