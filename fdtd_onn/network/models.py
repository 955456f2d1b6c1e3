"""What a network asks of the compiled models that it is built from."""

from __future__ import annotations

from typing import Literal, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Complex: TypeAlias = NDArray[np.complex128]
Real: TypeAlias = NDArray[np.float64]
ProbeKind: TypeAlias = Literal["coherent", "time-gated"]


@runtime_checkable
class ScatteringModel(Protocol):
    """A compiled linear device; the tunable parameter, where there is one, is named by `parameter`."""

    @property
    def name(self) -> str:
        """The device's name."""

    @property
    def ports(self) -> tuple[str, ...]:
        """Port names in the order of S's rows and columns."""

    @property
    def parameter(self) -> str | None:
        """Name of the tunable parameter."""

    @property
    def parameter_range(self) -> tuple[float, float] | None:
        """Lowest and highest value the model was fitted on."""

    def s_matrix(self, wavelength_um: float, **parameters: float) -> Complex:
        """S[out, in], (n, n)."""

    def s_matrices(self, wavelength_um: float, values: ArrayLike | None) -> Complex:
        """S[out, in] at m values of the tunable parameter, (m, n, n); (1, n, n) for None and a fixed model."""

    def s_parameter_derivative(self, wavelength_um: float, values: ArrayLike) -> Complex:
        """dS/dparameter at m values, (m, n, n)."""


@runtime_checkable
class AbsorberModel(Protocol):
    """A compiled saturable absorber; amplitudes in √W, arrays of any shape."""

    @property
    def max_power_w(self) -> float:
        """Highest pump power that the model was fitted on."""

    def forward(self, e: Complex) -> Complex:
        """Amplitude behind the absorber for the amplitude e in front of it."""

    def jacobian(self, e: Complex) -> tuple[Complex, Complex]:
        """Wirtinger derivatives ∂y/∂E and ∂y/∂E*."""

    def probe(self, e: Complex, kind: ProbeKind) -> Complex:
        """Complex amplitude transmission of weak backward light under the pump e."""

    def cascade(self, sections: int) -> AbsorberModel:
        """The same absorber, `sections` of them in series."""

    def varied(self, depth_factor: float, saturation_factor: float) -> AbsorberModel:
        """The same absorber with its saturable optical depth and its saturation power multiplied."""


@runtime_checkable
class TapModel(Protocol):
    """A compiled grating tap: what its guided ports o1 and o2 do."""

    @property
    def name(self) -> str:
        """The device's name."""

    @property
    def outputs(self) -> tuple[str, ...]:
        """The guided ports, then the radiated channels."""

    def s_matrix(self, wavelength_um: float) -> Complex:
        """S[out, in] of the guided ports, (2, 2)."""

    def camera_power(self, wavelength_um: float, forward: complex, backward: complex) -> float:
        """Power in W that the camera takes from amplitudes (√W) at o1 and o2 together."""


@runtime_checkable
class HeaterModel(Protocol):
    """A compiled heater."""

    def radians_per_mw(self, wavelength_um: float) -> float:
        """Phase per power."""

    def crosstalk_at(self, along_um: ArrayLike, aside_um: ArrayLike) -> Real:
        """Phase in the section of a heater so displaced over that in the heated one, broadcast."""

    def crosstalk_matrix(self, positions_um: ArrayLike) -> Real:
        """(n, n) phase in section i over the phase that heater j gives its own; BadInput for heaters that overlap."""
