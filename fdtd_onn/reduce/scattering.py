"""The compiled model of a linear device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fdtd_onn.errors import BadInput
from fdtd_onn.reduce.model import ReducedModel, require_in_range
from fdtd_onn.reduce.record import Record, Schema
from fdtd_onn.reduce.smooth import SmoothMatrix

Complex = NDArray[np.complex128]

# Amplitude that absorbing layers send back (8e-5, -82 dB, measured at draft): two resolutions share it, none sees it.
ABSORBING_LAYERS = 1e-4


@dataclass(frozen=True, eq=False)
class ScatteringModel(ReducedModel):
    """S[out, in] with phase, at any wavelength and parameter value within the characterised ranges.

    parameter: name of the tunable parameter, or None. smooth: the fit. All errors are absolute, of entries of S
    unless said otherwise:
    fit_error: largest at the characterised points. validation_error: largest at points left out, of fits without
    them; parameter_validated is false if a tunable model had too few values (two) to leave one out.
    s_error, power_error: the full-wave runs' own estimates, of S entries and of |S|².
    largest_singular_value, reciprocity_defect (|S − Sᵀ|): largest over a grid denser than the characterised points.
    """

    parameter: str | None
    smooth: SmoothMatrix
    fit_error: float
    validation_error: float
    parameter_validated: bool
    s_error: float
    power_error: float
    largest_singular_value: float
    reciprocity_defect: float

    KIND: ClassVar[str] = "scattering"
    SCHEMA: ClassVar[Schema] = Schema(
        texts=("name", "ports", "fidelity", "run_keys", "parameter"),
        arrays={
            "frequency_range": (np.float64, 1),
            "parameter_range": (np.float64, 1),
            "delay_um": (np.float64, 2),
            "logarithmic": (np.bool_, 2),
            "coefficients": (np.complex128, 4),
            "fit_error": (np.float64, 0),
            "validation_error": (np.float64, 0),
            "parameter_validated": (np.bool_, 0),
            "s_error": (np.float64, 0),
            "power_error": (np.float64, 0),
            "largest_singular_value": (np.float64, 0),
            "reciprocity_defect": (np.float64, 0),
        },
    )

    def __post_init__(self) -> None:
        """Refuse a fit that does not belong to the ports or to the parameter."""
        if self.smooth.delay_um.shape[0] != len(self.ports):
            raise ValueError(f"{len(self.ports)} ports need as many rows, got {self.smooth.delay_um.shape[0]}")
        if (self.parameter is not None) != (self.smooth.parameter_range[0] < self.smooth.parameter_range[1]):
            raise ValueError(f"parameter {self.parameter!r} does not fit range {self.smooth.parameter_range.tolist()}")

    @property
    def wavelength_range_um(self) -> tuple[float, float]:
        """Shortest and longest characterised wavelength."""
        low, high = self.smooth.frequency_range
        return 1.0 / float(high), 1.0 / float(low)

    @property
    def parameter_range(self) -> tuple[float, float] | None:
        """Lowest and highest characterised value of the tunable parameter, or None."""
        if self.parameter is None:
            return None
        low, high = self.smooth.parameter_range
        return float(low), float(high)

    @property
    def passivity_tolerance(self) -> float:
        """How far the largest singular value may exceed 1: by the model's own error, and what absorbing layers return.

        The runs' own `power_error` is no excuse: it moves power between ports, which is not gain.
        """
        return max(self.fit_error, self.validation_error) + ABSORBING_LAYERS

    @property
    def passive(self) -> bool:
        """Whether the model shows no gain beyond `passivity_tolerance`; S is never clipped to make it so."""
        return self.largest_singular_value <= 1.0 + self.passivity_tolerance

    def s_matrix(self, wavelength_um: float, **parameters: float) -> Complex:
        """S[out, in], (n, n), at one wavelength and, for a tunable model, one value given by the parameter's name.

        Raises OutOfRange outside the characterised ranges, BadInput for a missing or unknown parameter.
        """
        known = set() if self.parameter is None else {self.parameter}
        if set(parameters) != known:
            expected = f"the parameter {self.parameter}" if known else "no parameter"
            got = ", ".join(parameters) if parameters else "none"
            raise BadInput(f"model {self.name!r}", expected, got, "Give exactly the parameter that was compiled.")
        values = None if self.parameter is None else [parameters[self.parameter]]
        return np.asarray(self.s_matrices(wavelength_um, values)[0])

    def s_matrices(self, wavelength_um: float, values: ArrayLike | None) -> Complex:
        """S[out, in], (m, n, n), at m values of the tunable parameter; (1, n, n) for None and a fixed model."""
        return self.smooth.at(*self._checked(wavelength_um, values))

    def s_parameter_derivative(self, wavelength_um: float, values: ArrayLike) -> Complex:
        """dS/dparameter, (m, n, n), exactly that of the fit; BadInput if the model is not tunable."""
        if self.parameter is None:
            raise BadInput(f"model {self.name!r}", "a tunable model", "a fixed one", "Compile a family of responses.")
        return self.smooth.parameter_derivative(*self._checked(wavelength_um, values))

    def record(self) -> Record:
        """Everything the model is made of, for its file."""
        parameter = () if self.parameter is None else (self.parameter,)
        texts = {
            "name": (self.name,),
            "ports": self.ports,
            "fidelity": (self.fidelity,),
            "run_keys": self.run_keys,
            "parameter": parameter,
        }
        holders: Mapping[str, object] = {**vars(self), **vars(self.smooth)}
        return Record(self.KIND, texts, {name: np.asarray(holders[name]) for name in self.SCHEMA.arrays})

    @classmethod
    def from_record(cls, record: Record) -> ScatteringModel:
        """Build the model that gave this record; ValueError if its parts do not belong together."""
        arrays, texts = record.arrays, record.texts
        (name,), (fidelity,), parameter = texts["name"], texts["fidelity"], texts["parameter"]
        if len(parameter) > 1:
            raise ValueError(f"at most one parameter, got {parameter}")
        return cls(
            name=name,
            ports=texts["ports"],
            fidelity=fidelity,
            run_keys=texts["run_keys"],
            parameter=parameter[0] if parameter else None,
            smooth=SmoothMatrix(
                frequency_range=arrays["frequency_range"],
                parameter_range=arrays["parameter_range"],
                delay_um=arrays["delay_um"],
                logarithmic=arrays["logarithmic"],
                coefficients=arrays["coefficients"],
            ),
            fit_error=float(arrays["fit_error"]),
            validation_error=float(arrays["validation_error"]),
            parameter_validated=bool(arrays["parameter_validated"]),
            s_error=float(arrays["s_error"]),
            power_error=float(arrays["power_error"]),
            largest_singular_value=float(arrays["largest_singular_value"]),
            reciprocity_defect=float(arrays["reciprocity_defect"]),
        )

    def _checked(self, wavelength_um: float, values: ArrayLike | None) -> tuple[float, NDArray[np.float64]]:
        """Frequency and parameter values, all within their ranges."""
        wavelength = np.array([wavelength_um], dtype=float)
        require_in_range(self.name, "wavelength_um", wavelength, *self.wavelength_range_um)
        if self.parameter_range is None or self.parameter is None:
            if values is not None:
                raise BadInput(f"model {self.name!r}", "no parameter values", values, "The model is not tunable.")
            return 1.0 / wavelength_um, np.zeros(1)
        if values is None:
            cure = "Name its value: a compiled model has no default."
            raise BadInput(f"model {self.name!r}", f"values of {self.parameter}", "none", cure)
        array = np.atleast_1d(np.asarray(values, dtype=float))
        if array.ndim != 1:
            raise BadInput(f"model {self.name!r}", "values of shape (m,)", array.shape, "Flatten them first.")
        require_in_range(self.name, self.parameter, array, *self.parameter_range)
        return 1.0 / wavelength_um, array
