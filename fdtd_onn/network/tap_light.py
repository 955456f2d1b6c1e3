"""Light at the phase shifters' taps, where forward and backward light meet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from fdtd_onn.network.models import Complex, Real


@dataclass(frozen=True, eq=False)
class Copy:
    """The time-reversed copy of backward light, as the taps see it.

    What backward light leaves at a mesh's inputs is measured there, conjugated, and sent into them again, s times as
    strong (`Transceiver.time_reversed`). If that is done without errors, and what the mesh loses is even over its
    guides, with a power transmission T from the inputs to a tap, the copy's field at that tap is s T times the
    conjugate of the backward field there.

    field: (P, B) in √W, going forward, entering every tap from its shifter. scale: (P,) s of the tap's mesh.
    """

    field: Complex
    scale: Real


@dataclass(frozen=True, eq=False)
class TapLight:
    """Guided amplitudes (P, B) in √W that enter the tap behind each of P phase shifters, for B samples.

    forward: from the shifter. backward: from the other side.
    passage: (P,) what the tap passes of backward light to its shifter; 1 where there is no tap. The derivative of the
    output in a phase needs both fields at one place: `forward` and `passage * backward`.
    send_copy: sends the time-reversed copy of the backward light through every mesh, as bright as its forward light.
    """

    forward: Complex
    backward: Complex
    passage: Complex
    send_copy: Callable[[], Copy]


def in_order(lights: Sequence[TapLight]) -> TapLight:
    """The light at the taps of several layers, the layers' phases one after the other."""

    def send_copy() -> Copy:
        copies = [light.send_copy() for light in lights]
        return Copy(np.concatenate([copy.field for copy in copies]), np.concatenate([copy.scale for copy in copies]))

    return TapLight(
        np.concatenate([light.forward for light in lights]),
        np.concatenate([light.backward for light in lights]),
        np.concatenate([light.passage for light in lights]),
        send_copy,
    )


def no_taps(batch: int) -> TapLight:
    """Of a layer without phase shifters."""
    none = np.empty((0, batch), complex)
    return TapLight(none, none, np.empty(0, complex), lambda: Copy(none, np.empty(0)))
