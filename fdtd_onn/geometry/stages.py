"""What guides run through from left to right: stages of equally long devices, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from fdtd_onn.specs.device import Coupler, GratingTap, PhaseShifter, SBend, Straight

StageDevice: TypeAlias = Straight | SBend | PhaseShifter | Coupler | GratingTap


@dataclass(frozen=True, eq=False)
class Stage:
    """Equally long devices, each with the height of its middle in µm."""

    devices: tuple[tuple[StageDevice, float], ...]

    @property
    def length_um(self) -> float:
        """From its left ports to its right ones."""
        device = self.devices[0][0]
        if isinstance(device, Coupler):
            return device.parameters.length_um + 2.0 * device.parameters.bend_length_um
        if isinstance(device, GratingTap):
            return device.parameters.row_um + 2.0 * device.parameters.access_um
        return device.parameters.length_um


def starts_um(stages: Sequence[Stage]) -> list[float]:
    """The left end of every stage in a row, whose middle is the origin to 1 nm."""
    ends = np.cumsum([0.0, *(stage.length_um for stage in stages)])
    return [round(float(x), 9) for x in ends[:-1] - round(0.5 * float(ends[-1]), 3)]
