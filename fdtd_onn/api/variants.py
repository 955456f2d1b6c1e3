"""A network with one property of its devices changed, and all others as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from fdtd_onn.errors import BadInput
from fdtd_onn.network.lookup import TAP, Models, find_model
from fdtd_onn.network.scaled_tap import ScaledTap
from fdtd_onn.specs.layout import AbsorberLayer, Layer, Layout, MeshLayer, NetworkSpec

TAP_RATIOS = (0.003, 0.01, 0.03, 0.1)
NOISE_FACTORS = (1.0, 3.0, 10.0, 30.0, 100.0)
# Of the library's absorber: optical depths to 29; Guo et al., Photon. Res. 9, B71 (2021) go to 30.
SECTIONS = (1, 2, 4, 8, 18)
PITCHES_UM = (20.0, 40.0, 80.0, 160.0)
BITS = (4, 6, 8, 10, 12)
PHASE_ERRORS_RAD = (0.0, 0.05, 0.1, 0.2, 0.4)

#: A network's words and models with one property changed, and the value that it has now.
Variant = tuple[float | str, NetworkSpec, Models]


@dataclass(frozen=True)
class Quantity:
    """A property that can be varied: of which networks, and how."""

    applies: Callable[[NetworkSpec], bool]
    variants: Callable[[Layout, Models], Iterator[Variant]]


def variants_of(layout: Layout, models: Models, quantity: str) -> tuple[Variant, ...]:
    """All variants of one property; raises as `require_varied`."""
    require_varied(layout, quantity)
    return tuple(QUANTITIES[quantity].variants(layout, models))


def require_varied(layout: Layout, quantity: str) -> None:
    """BadInput for an unknown property, or one that the layout's network lacks."""
    if quantity not in QUANTITIES:
        raise BadInput("property to vary", f"one of {', '.join(QUANTITIES)}", repr(quantity), "Choose one of these.")
    has = quantities_of(layout.network)
    if quantity not in has:
        expected = f"one of {', '.join(has)}" if has else "absorbers, taps, heaters or converters to vary"
        raise BadInput(f"layout {layout.name}: property to vary", expected, quantity, "Choose another.")


def quantities_of(network: NetworkSpec) -> tuple[str, ...]:
    """The properties that a network has."""
    return tuple(name for name, quantity in QUANTITIES.items() if quantity.applies(network))


def _tap_ratios(layout: Layout, models: Models) -> Iterator[Variant]:
    taps = {layer.tap for layer in _meshes(layout.network) if layer.tap is not None}
    for ratio in TAP_RATIOS:
        scaled = {}
        for name in taps:
            tap = find_model(name, TAP, models)
            scaled[name] = ScaledTap(tap, ratio / tap.camera_power(layout.network.wavelength_um, 1.0, 0.0))
        yield ratio, layout.network, {**models, **scaled}


def _detector_noise(layout: Layout, models: Models) -> Iterator[Variant]:
    monitor = layout.network.monitor
    assert monitor is not None
    assert monitor.detector is not None
    for factor in NOISE_FACTORS:
        density = factor * monitor.detector.thermal_noise_a_per_sqrt_hz
        detector = monitor.detector.model_copy(update={"thermal_noise_a_per_sqrt_hz": density})
        words = monitor.model_copy(update={"detector": detector})
        yield density, layout.network.model_copy(update={"monitor": words}), models


def _optical_depth(layout: Layout, models: Models) -> Iterator[Variant]:
    depths = {name: _depth_of(models[name]) for name in {layer.absorber for layer in _absorbers(layout.network)}}
    for sections in SECTIONS:
        words = _with(layout.network, AbsorberLayer, {"sections": sections})
        yield sections * float(np.mean(list(depths.values()))), words, models


def _depth_of(absorber: Any) -> float:
    """Of one section in the dark: −2 ln of the amplitude that weak light keeps."""
    weak = 1e-6 * np.sqrt(absorber.max_power_w)
    return float(-2.0 * np.log(np.abs(absorber.forward(np.array([weak + 0j]))[0]) / weak))


def _probe(layout: Layout, models: Models) -> Iterator[Variant]:
    for probe in ("coherent", "time-gated"):
        yield probe, _with(layout.network, AbsorberLayer, {"probe": probe}), models


def _heater_pitch(layout: Layout, models: Models) -> Iterator[Variant]:
    for pitch in PITCHES_UM:
        yield pitch, _with(layout.network, MeshLayer, {"guide_pitch_um": pitch}, "heater"), models


def _drive_bits(layout: Layout, models: Models) -> Iterator[Variant]:
    for bits in BITS:
        yield bits, _with_part(layout.network, "drive", {"bits": bits}), models


def _phase_errors(layout: Layout, models: Models) -> Iterator[Variant]:
    for sigma in PHASE_ERRORS_RAD:
        yield sigma, _with_part(layout.network, "spread", {"phase_sigma_rad": sigma}), models


def _has_absorbers(network: NetworkSpec) -> bool:
    return bool(_absorbers(network))


def _has_detectors(network: NetworkSpec) -> bool:
    return network.monitor is not None and network.monitor.detector is not None


def _some_mesh_has(part: str) -> Callable[[NetworkSpec], bool]:
    return lambda network: any(getattr(layer, part) is not None for layer in _meshes(network))


#: By name, with its unit.
QUANTITIES: dict[str, Quantity] = {
    "tap_ratio": Quantity(_some_mesh_has("tap"), _tap_ratios),
    "detector_noise_a_per_sqrt_hz": Quantity(_has_detectors, _detector_noise),
    "optical_depth": Quantity(_has_absorbers, _optical_depth),
    "probe": Quantity(_has_absorbers, _probe),
    "heater_guide_pitch_um": Quantity(_some_mesh_has("heater"), _heater_pitch),
    "drive_bits": Quantity(_some_mesh_has("drive"), _drive_bits),
    "phase_error_rad": Quantity(_some_mesh_has("spread"), _phase_errors),
}


def _meshes(network: NetworkSpec) -> tuple[MeshLayer, ...]:
    return tuple(layer for layer in network.layers if isinstance(layer, MeshLayer))


def _absorbers(network: NetworkSpec) -> tuple[AbsorberLayer, ...]:
    return tuple(layer for layer in network.layers if isinstance(layer, AbsorberLayer))


def _with(
    network: NetworkSpec,
    kind: type[MeshLayer] | type[AbsorberLayer],
    update: dict[str, Any],
    part: str | None = None,
) -> NetworkSpec:
    """The layers of a kind updated, all others as they are; with a part named, only those layers that have it."""

    def wanted(layer: Layer) -> bool:
        return isinstance(layer, kind) and (part is None or getattr(layer, part) is not None)

    layers = tuple(layer.model_copy(update=update) if wanted(layer) else layer for layer in network.layers)
    return network.model_copy(update={"layers": layers})


def _with_part(network: NetworkSpec, part: str, update: dict[str, Any]) -> NetworkSpec:
    """The meshes that have this part with it updated, and all else of the part as it is."""
    layers = [
        layer.model_copy(update={part: words.model_copy(update=update)})
        if isinstance(layer, MeshLayer) and (words := getattr(layer, part)) is not None
        else layer
        for layer in network.layers
    ]
    return network.model_copy(update={"layers": tuple(layers)})
