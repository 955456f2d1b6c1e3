"""What leaves a linear device for light into its first port."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.responses.frozen import frozen
from fdtd_onn.responses.scattering import Response
from fdtd_onn.responses.tap import Complex, Directions, Floats, TapResponse
from fdtd_onn.specs.device import AnyDevice


@dataclass(frozen=True, eq=False)
class Above:
    """The wave above the chip, amplitude (n_wl, n_u, n_v, 2) over directions, as in `TapResponse`."""

    directions: Directions
    amplitude: Complex

    def __post_init__(self) -> None:
        """Freeze the amplitude."""
        object.__setattr__(self, "amplitude", frozen(self.amplitude, np.complex128))


@dataclass(frozen=True, eq=False)
class OneInput:
    """A column of S, (n_wl, n), and of a tap what goes up, all per incident amplitude."""

    device: AnyDevice
    wavelengths_um: Floats
    ports: tuple[str, ...]
    out: NDArray[np.complex128]
    above: Above | None = None

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        object.__setattr__(self, "wavelengths_um", frozen(self.wavelengths_um, np.float64))
        object.__setattr__(self, "out", frozen(self.out, np.complex128))

    @property
    def middle(self) -> int:
        """Index of the middle wavelength."""
        return self.wavelengths_um.size // 2


def first_input(response: Response | TapResponse) -> OneInput:
    """The first column of a whole response."""
    guided = response.guided if isinstance(response, TapResponse) else response
    above = Above(response.directions, response.amplitude[:, 0]) if isinstance(response, TapResponse) else None
    return OneInput(guided.device, guided.wavelengths_um, guided.ports, guided.s[:, :, 0], above)
