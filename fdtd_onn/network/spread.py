"""What fabrication makes of each part of a network, drawn from the seeds in its layout.

The layer's number goes into every draw, so that two meshes of one seed do not share their errors.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fdtd_onn.errors import BadInput
from fdtd_onn.network.models import Complex, Real
from fdtd_onn.network.topology import Indices, MeshTopology
from fdtd_onn.process.draws import lattice_draws
from fdtd_onn.specs.bench import GeneratorSpec
from fdtd_onn.specs.layout import AbsorberSpread, MeshLayer, MeshSpread

COUPLERS, PHASES, ABSORBERS, GENERATOR = range(4)


def coupler_values(layer: MeshLayer, number: int, topology: MeshTopology) -> Real | None:
    """The tunable parameter's value of every coupler, (K,), or (1,) if all are alike; None if they are not tunable."""
    if layer.coupler_value is None:
        return None
    spread = layer.spread
    if spread is None or spread.coupler_value_sigma == 0.0:
        return np.array([layer.coupler_value])
    stream, places = [number, COUPLERS], (topology.coupler_plane, topology.coupler_guide)
    return layer.coupler_value + spread.coupler_value_sigma * _normal(spread, layer, topology, places, stream)


def require_covered(where: str, parameter: str, values: Real, low: float, high: float) -> None:
    """Raise BadInput unless all values of a device's tunable parameter are among those that it is compiled for."""
    outside = values[(values < low) | (values > high)]
    if outside.size:
        expected = f"a {parameter} from {low:g} to {high:g}"
        got = f"{outside[0]:g}" + (f", one of {outside.size} beyond it" if outside.size > 1 else "")
        raise BadInput(where, expected, got, "Change it, or the device's tunable.values.")


def coupler_key(layer: MeshLayer) -> str:
    """The key that the couplers' values come from."""
    varied = layer.spread is not None and layer.spread.coupler_value_sigma > 0.0
    return "spread.coupler_value_sigma" if varied else "coupler_value"


def phase_errors(layer: MeshLayer, number: int, topology: MeshTopology) -> Real | None:
    """(planes, N) phases in rad that every phase-shifter section is off, driven or not; None without a spread."""
    spread = layer.spread
    if spread is None or spread.phase_sigma_rad == 0.0:
        return None
    everywhere = np.indices((topology.planes, topology.ports))
    return spread.phase_sigma_rad * _normal(spread, layer, topology, (everywhere[0], everywhere[1]), [number, PHASES])


def absorber_factors(spread: AbsorberSpread, number: int, ports: int) -> Real:
    """(N, 2) factors of the optical depth and of the saturation power on every guide."""
    draws = np.random.default_rng([spread.seed, number, ABSORBERS]).standard_normal((ports, 2))
    return np.exp(draws * [spread.optical_depth_sigma, spread.saturation_power_sigma])


def generator_errors(spec: GeneratorSpec, ports: int, place: Sequence[int]) -> Complex:
    """(N,) factors of the amplitudes that the ports give; place: numbers that no other generator of the network has."""
    amplitude, phase = np.random.default_rng([spec.seed, GENERATOR, *place]).standard_normal((2, ports))
    return np.exp(spec.amplitude_sigma * amplitude + 1j * spec.phase_sigma_rad * phase)


def _normal(
    spread: MeshSpread, layer: MeshLayer, topology: MeshTopology, places: tuple[Indices, Indices], stream: list[int]
) -> Real:
    """Standard normal draws at places, their planes and guides of any one shape, in that shape."""
    seed, length = [spread.seed, *stream], spread.correlation_length_um
    if length is None or layer.plane_pitch_um is None or layer.guide_pitch_um is None:
        return np.random.default_rng(seed).standard_normal(places[0].shape)
    along, across = layer.plane_pitch_um * np.arange(topology.planes), layer.guide_pitch_um * np.arange(topology.ports)
    return lattice_draws(along, across, length, seed)[places]
