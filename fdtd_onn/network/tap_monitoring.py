"""From a layout's words to what reads the taps."""

from __future__ import annotations

import numpy as np

from fdtd_onn.errors import BadInput
from fdtd_onn.network.detector import Detector
from fdtd_onn.network.lookup import TAP, Models, find_model
from fdtd_onn.network.mesh import Mesh
from fdtd_onn.network.models import Real
from fdtd_onn.network.monitor import IdealMonitor, Monitor, TapMonitor
from fdtd_onn.network.network import Network
from fdtd_onn.network.readout import detector
from fdtd_onn.specs.bench import MonitorSpec, TapDetectorSpec
from fdtd_onn.specs.layout import MeshLayer

RANGING = 1  # stream of the calibration pass, beside that of the calibration's errors
RANGING_SETTINGS, RANGING_SAMPLES = 8, 64
BRIGHTEST = 4.0  # forward light with a copy as bright, in phase, over forward light alone


def monitor_of(network: Network, models: Models) -> Monitor:
    """What the layout says reads the taps of a network that is else complete.

    What it takes the taps and the loss in front of them for is what the design says. Raises BadInput if the layout
    names no tap for a mesh.
    """
    spec, given = network.spec, network.spec.monitor
    if given is None:
        return IdealMonitor()
    taken, transmissions = [], []
    drawn = network.layers if network.design is None else network.design.layers
    for number, (words, layer) in enumerate(zip(spec.layers, drawn, strict=True)):
        if layer.phase_count == 0:
            continue
        if not isinstance(words, MeshLayer) or not isinstance(layer, Mesh) or words.tap is None:
            cure = "Name a tap in the mesh, or leave [network.monitor] out."
            raise BadInput(f"network.layers[{number}].tap", "a grating tap, for the monitor to read", "none", cure)
        share = find_model(words.tap, TAP, models).camera_power(spec.wavelength_um, 1.0, 0.0)
        taken.append(np.full(layer.phase_count, share))
        transmissions.append(layer.transmission_to_taps())
    nominal = np.concatenate(taken)
    collected = nominal * np.exp(
        given.calibration_sigma * np.random.default_rng(given.seed).standard_normal(nominal.size)
    )
    return TapMonitor(
        collected=collected,
        assumed=nominal * np.concatenate(transmissions),
        protocol=given.protocol,
        integration=given.integration,
        detectors=() if given.detector is None else _detectors(given.detector, given, network, collected),
    )


def _detectors(
    spec: TapDetectorSpec, given: MonitorSpec, network: Network, collected: Real
) -> tuple[tuple[slice, Detector], ...]:
    """One kind for each mesh, so that every mesh's light gets all of its converters' steps."""
    meshes = [part for part in network.phase_slices if part.stop > part.start]
    if spec.full_scale_mw == "auto":
        strongest = _calibration_pass(network, collected, given)
        reach = [BRIGHTEST * float(strongest[part].max()) for part in meshes]
    else:
        reach = [1e-3 * spec.full_scale_mw] * len(meshes)
    return tuple((part, detector(spec, full_scale_w)) for part, full_scale_w in zip(meshes, reach, strict=True))


def _calibration_pass(network: Network, collected: Real, given: MonitorSpec) -> Real:
    """(P,) strongest power in W that each tap's camera reads of light of the mean input power, at random settings.

    A reading is of one sample, or of a batch: the mean over its samples.
    """
    power_w = min(network.spec.input.power_w, network.max_power_w)  # more is refused when it is trained with
    rng, strongest = np.random.default_rng([given.seed, RANGING]), np.zeros(collected.shape)
    for _setting in range(RANGING_SETTINGS):
        phases = rng.uniform(0.0, 2.0 * np.pi, network.phase_count)
        real, imaginary = rng.standard_normal((2, network.spec.ports, RANGING_SAMPLES))
        x = real + 1j * imaginary
        x *= np.sqrt(power_w) / np.linalg.norm(x, axis=0)
        _y, residuals = network.forward(phases, x)
        _leaving, light = network.send_back(phases, residuals, np.zeros_like(x))
        power = collected[:, None] * np.abs(light.forward) ** 2
        read = power.mean(axis=1) if given.integration == "batch" else power.max(axis=1)
        strongest = np.maximum(strongest, read)
    return strongest
