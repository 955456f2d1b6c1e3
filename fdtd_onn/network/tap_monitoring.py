"""From a layout's words to what reads the taps."""

from __future__ import annotations

import numpy as np

from fdtd_onn.errors import BadInput
from fdtd_onn.network.lookup import Models, tap_model
from fdtd_onn.network.mesh import Mesh
from fdtd_onn.network.monitor import IdealMonitor, Monitor, TapMonitor
from fdtd_onn.network.network import Layer
from fdtd_onn.network.readout import detector
from fdtd_onn.specs.layout import MeshLayer, NetworkSpec


def monitor_of(spec: NetworkSpec, drawn: tuple[Layer, ...], models: Models) -> Monitor:
    """The monitor of a network; what it takes the taps and the loss in front of them for is what the design says.

    drawn: the layers without errors of fabrication. Raises BadInput if the layout names no tap for a mesh.
    """
    given = spec.monitor
    if given is None:
        return IdealMonitor()
    taken, transmissions = [], []
    for number, (words, layer) in enumerate(zip(spec.layers, drawn, strict=True)):
        if layer.phase_count == 0:
            continue
        if not isinstance(words, MeshLayer) or not isinstance(layer, Mesh) or words.tap is None:
            cure = "Name a tap in the mesh, or leave [network.monitor] out."
            raise BadInput(f"network.layers[{number}].tap", "a grating tap, for the monitor to read", "none", cure)
        share = tap_model(words.tap, models).camera_power(spec.wavelength_um, 1.0, 0.0)
        taken.append(np.full(layer.phase_count, share))
        transmissions.append(layer.transmission_to_taps())
    nominal = np.concatenate(taken)
    off = np.exp(given.calibration_sigma * np.random.default_rng(given.seed).standard_normal(nominal.size))
    return TapMonitor(
        collected=nominal * off,
        assumed=nominal * np.concatenate(transmissions),
        protocol=given.protocol,
        integration=given.integration,
        detector=None if given.detector is None else detector(given.detector),
    )
