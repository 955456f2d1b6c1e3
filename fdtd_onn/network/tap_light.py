"""Light at the phase shifters' taps, where forward and backward light meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fdtd_onn.network.models import Complex


@dataclass(frozen=True, eq=False)
class TapLight:
    """Guided amplitudes (P, B) in √W that enter the tap behind each of P phase shifters, for B samples.

    forward: from the shifter. backward: from the other side.
    passage: (P,) what the tap passes of backward light to its shifter; 1 where there is no tap. The derivative of the
    output in a phase needs both fields at one place: `forward` and `passage * backward`.
    """

    forward: Complex
    backward: Complex
    passage: Complex


def in_order(lights: Sequence[TapLight]) -> TapLight:
    """The light at the taps of several layers, the layers' phases one after the other."""
    return TapLight(
        np.concatenate([light.forward for light in lights]),
        np.concatenate([light.backward for light in lights]),
        np.concatenate([light.passage for light in lights]),
    )


def no_taps(batch: int) -> TapLight:
    """Of a layer without phase shifters."""
    return TapLight(np.empty((0, batch), complex), np.empty((0, batch), complex), np.empty(0, complex))
