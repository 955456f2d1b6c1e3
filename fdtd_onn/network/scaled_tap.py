"""A tap that takes more or less than the one it is made from, in the same shares: for sweeps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fdtd_onn.network.models import Complex, TapModel


@dataclass(frozen=True, eq=False)
class ScaledTap:
    """All that leaves the guide (camera, substrate, reflection) multiplied by `factor`; phases kept.

    A shallow grating scatters in proportion to the square of its depth, into the same angles.
    """

    tap: TapModel
    factor: float

    @property
    def name(self) -> str:
        """The device's name."""
        return self.tap.name

    @property
    def outputs(self) -> tuple[str, ...]:
        """The guided ports, then the radiated channels."""
        return self.tap.outputs

    def s_matrix(self, wavelength_um: float) -> Complex:
        """S[out, in] of the guided ports, (2, 2)."""
        s = self.tap.s_matrix(wavelength_um)
        through = s[[1, 0], [0, 1]]
        kept = np.sqrt(np.maximum(1.0 - self.factor * (1.0 - np.abs(through) ** 2), 0.0))
        scaled = np.sqrt(self.factor) * s
        scaled[[1, 0], [0, 1]] = kept * through / np.abs(through)
        return scaled

    def camera_power(self, wavelength_um: float, forward: complex, backward: complex) -> float:
        """Power in W that the camera takes from amplitudes (√W) at o1 and o2 together."""
        return self.factor * self.tap.camera_power(wavelength_um, forward, backward)
