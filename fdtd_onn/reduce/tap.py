"""The compiled model of a grating tap: guided S, and what its camera takes of light from both ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.reduce.model import ReducedModel, require_in_range
from fdtd_onn.reduce.record import Record, Schema
from fdtd_onn.reduce.scattering import ABSORBING_LAYERS, ScatteringModel
from fdtd_onn.reduce.smooth import SmoothMatrix
from fdtd_onn.specs.device import Aperture
from fdtd_onn.units import db_from_power_ratio

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

#: The two radiated channels: orthonormal waves within the aperture that span what both ports send there.
RADIATED = ("up1", "up2")
_NO_PARAMETER = np.zeros(1)


@dataclass(frozen=True, eq=False)
class TapModel(ReducedModel):
    """Guided ports and the camera's two channels over wavelength; all else that leaves the guide is loss.

    guided: S of the ports. aperture: of the camera.
    collected: C (2, 2), from the ports to the radiated channels, the Hermitian root of the amplitudes' overlaps in the
    aperture, C†C = G (`TapResponse.overlap`): whatever the fit does to it, a camera reads no negative power.
    collected_fit_error, collected_validation_error: absolute, of entries of C, as those of `guided`.
    collected_error: the full-wave runs' own estimate, of the tap ratio.
    largest_singular_value: of S and C together, over a grid denser than the characterised points.
    """

    guided: ScatteringModel
    aperture: Aperture
    collected: SmoothMatrix
    collected_fit_error: float
    collected_validation_error: float
    collected_error: float
    largest_singular_value: float

    KIND: ClassVar[str] = "tap"
    SCHEMA: ClassVar[Schema] = Schema(
        texts=ScatteringModel.SCHEMA.texts,
        arrays={
            **ScatteringModel.SCHEMA.arrays,
            "aperture_deg": (np.float64, 1),
            "collected_coefficients": (np.complex128, 4),
            "collected_fit_error": (np.float64, 0),
            "collected_validation_error": (np.float64, 0),
            "collected_error": (np.float64, 0),
            "tap_largest_singular_value": (np.float64, 0),
        },
    )

    def __post_init__(self) -> None:
        """Refuse parts that do not belong together."""
        if len(self.ports) != 2 or self.guided.ports != self.ports or self.collected.delay_um.shape != (2, 2):
            raise ValueError(f"a tap has two ports and two radiated channels, got ports {self.ports}")

    @property
    def wavelength_range_um(self) -> tuple[float, float]:
        """Shortest and longest characterised wavelength."""
        return self.guided.wavelength_range_um

    @property
    def outputs(self) -> tuple[str, ...]:
        """Rows of `scattering`: the ports, then the radiated channels."""
        return (*self.ports, *RADIATED)

    @property
    def passivity_tolerance(self) -> float:
        """How far the largest singular value may exceed 1: by the fits' errors, and what absorbing layers return."""
        fits = (
            self.guided.fit_error,
            self.guided.validation_error,
            self.collected_fit_error,
            self.collected_validation_error,
        )
        return max(fits) + ABSORBING_LAYERS

    @property
    def passive(self) -> bool:
        """Whether the model shows no gain beyond `passivity_tolerance`; nothing is clipped to make it so."""
        return self.largest_singular_value <= 1.0 + self.passivity_tolerance

    def s_matrix(self, wavelength_um: float) -> Complex:
        """S[out, in] of the guided ports, (2, 2). Raises OutOfRange outside the characterised wavelengths."""
        return self.guided.s_matrix(wavelength_um)

    def scattering(self, wavelength_um: float) -> Complex:
        """(4, 2) from the ports to `outputs`, power-normalised; no light comes in from the camera."""
        return np.concatenate([self.s_matrix(wavelength_um), self._c(wavelength_um)])

    def camera_power(self, wavelength_um: float, forward: complex, backward: complex) -> float:
        """Power in W that the camera takes from amplitudes (√W) at o1 and o2, both at once: they interfere there."""
        return float(np.sum(np.abs(self._c(wavelength_um) @ np.array([forward, backward])) ** 2))

    def tap_ratio(self, wavelength_um: float) -> Floats:
        """(2,) the part of the light into each port that the camera takes."""
        return np.sum(np.abs(self._c(wavelength_um)) ** 2, axis=0)

    def insertion_loss_db(self, wavelength_um: float) -> float:
        """Of light from o1 to o2: what the tap takes, up, down and aside, and what it returns."""
        return -float(db_from_power_ratio(np.abs(self.s_matrix(wavelength_um)[1, 0]) ** 2))

    def _c(self, wavelength_um: float) -> Complex:
        require_in_range(self.name, "wavelength_um", np.array([wavelength_um]), *self.wavelength_range_um)
        return np.asarray(self.collected.at(1.0 / wavelength_um, _NO_PARAMETER)[0])

    def record(self) -> Record:
        """Everything the model is made of, for its file."""
        guided = self.guided.record()
        own = {
            "aperture_deg": np.array([self.aperture.centre_deg, self.aperture.half_width_deg]),
            "collected_coefficients": self.collected.coefficients,
            "collected_fit_error": np.asarray(self.collected_fit_error),
            "collected_validation_error": np.asarray(self.collected_validation_error),
            "collected_error": np.asarray(self.collected_error),
            "tap_largest_singular_value": np.asarray(self.largest_singular_value),
        }
        return Record(self.KIND, guided.texts, {**guided.arrays, **own})

    @classmethod
    def from_record(cls, record: Record) -> TapModel:
        """Build the model that gave this record; ValueError if its parts do not belong together."""
        arrays = record.arrays
        guided = ScatteringModel.from_record(Record(ScatteringModel.KIND, record.texts, arrays))
        centre, half_width = arrays["aperture_deg"].tolist()
        return cls(
            name=guided.name,
            ports=guided.ports,
            fidelity=guided.fidelity,
            run_keys=guided.run_keys,
            guided=guided,
            aperture=Aperture(centre_deg=centre, half_width_deg=half_width),
            collected=polynomials(guided.smooth.frequency_range, arrays["collected_coefficients"]),
            collected_fit_error=float(arrays["collected_fit_error"]),
            collected_validation_error=float(arrays["collected_validation_error"]),
            collected_error=float(arrays["collected_error"]),
            largest_singular_value=float(arrays["tap_largest_singular_value"]),
        )


def polynomials(frequency_range: Floats, coefficients: Complex) -> SmoothMatrix:
    """A matrix of polynomials in frequency, without carriers and without a parameter."""
    shape = coefficients.shape[:2]
    return SmoothMatrix(
        frequency_range=frequency_range.copy(),
        parameter_range=np.zeros(2),
        delay_um=np.zeros(shape),
        logarithmic=np.zeros(shape, dtype=bool),
        coefficients=coefficients,
    )
