"""The compiled model of a saturable absorber."""

from __future__ import annotations

from dataclasses import astuple, dataclass, field, replace
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicSpline

from fdtd_onn.errors import BadInput
from fdtd_onn.reduce.absorption import Absorption, LogTransmission, detuned, transit
from fdtd_onn.reduce.model import ReducedModel, require_in_range
from fdtd_onn.reduce.record import Record, Schema
from fdtd_onn.responses.saturation import ModeProfile

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
NODES = 513  # of the splines; their error is then below 1e-9 of the transmission
ERRORS = ("fit_error", "held_out_error", "response_error")  # each a PumpProbeError
MOST_SECTIONS = 10_000
LARGEST_DEPTH = 500.0  # nothing measurable passes; the work of a transit grows with it


@dataclass(frozen=True)
class PumpProbeError:
    """Largest absolute error of |t|² of the pump, and of the coherent probe."""

    pump: float
    probe: float


@dataclass(frozen=True, eq=False)
class AbsorberModel(ReducedModel):
    """Pump activation y(E), its Wirtinger derivatives, and the transmission of weak backward probes. Amplitudes in √W.

    Valid at `wavelength_um` for pump powers from zero (below the weakest characterised pump the model goes over into
    its exact linear limit) to `max_power_w`, the strongest characterised one; OutOfRange above.

    absorption: the fitted numbers of one section, covariance: (6, 6) theirs, in the order of their declaration.
    fit_error, held_out_error: at fitted and at held-out pump powers. response_error: the full-wave runs' own.
    reflection: amplitude ratio at o1 in the dark; o2 has the same, because a section is its own mirror image.
    sections: how many of them stand in series, reflections between them ignored.
    """

    wavelength_um: float
    absorption: Absorption
    covariance: Real
    profile: ModeProfile
    reflection: complex
    max_power_w: float
    fit_error: PumpProbeError
    held_out_error: PumpProbeError
    response_error: PumpProbeError
    sections: int = 1
    _log_pump: CubicSpline = field(init=False, repr=False)
    _log_coherent: CubicSpline = field(init=False, repr=False)

    KIND: ClassVar[str] = "absorber"
    SCHEMA: ClassVar[Schema] = Schema(
        texts=("name", "ports", "fidelity", "run_keys"),
        arrays={
            "wavelength_um": (np.float64, 0),
            "absorption": (np.float64, 1),
            "covariance": (np.float64, 2),
            "transverse": (np.float64, 1),
            "longitudinal": (np.float64, 1),
            "weight": (np.float64, 1),
            "reflection": (np.complex128, 0),
            "max_power_w": (np.float64, 0),
            "fit_error": (np.float64, 1),
            "held_out_error": (np.float64, 1),
            "response_error": (np.float64, 1),
            "sections": (np.int64, 0),
        },
    )

    def __post_init__(self) -> None:
        """Check the numbers and tabulate the transit once, so that evaluation is one spline."""
        numbers = self.absorption
        if self.covariance.shape != (6, 6) or not 1 <= self.sections <= MOST_SECTIONS or len(self.ports) != 2:
            got = f"covariance {self.covariance.shape}, {self.sections} sections, {len(self.ports)} ports"
            raise ValueError(f"expected a (6, 6) covariance, 1 to {MOST_SECTIONS} sections and two ports, got {got}")
        if not (numbers.saturation_power_w > 0 and self.max_power_w > 0):
            raise ValueError("saturation_power_w and max_power_w must be positive")
        if not all(0 <= d <= LARGEST_DEPTH for d in (numbers.optical_depth, numbers.nonsaturable_optical_depth)):
            raise ValueError(f"optical depths must be from 0 to {LARGEST_DEPTH:g}")
        self.covariance.setflags(write=False)
        # Even steps in log(1 + p) resolve the linear limit and saturation alike, and include p = 0.
        nodes = np.linspace(0.0, float(self._abscissa(np.array(self.max_power_w))), NODES)
        log = self._in_series(nodes, transit(self.profile, numbers, numbers.saturation_power_w * np.expm1(nodes)))
        object.__setattr__(self, "_log_pump", CubicSpline(nodes, log.pump))
        object.__setattr__(self, "_log_coherent", CubicSpline(nodes, log.coherent))

    @property
    def wavelength_range_um(self) -> tuple[float, float]:
        """The one wavelength of the saturation runs, twice."""
        return self.wavelength_um, self.wavelength_um

    @property
    def uncertainty(self) -> Absorption:
        """Standard deviation of each fitted number, from the scatter of the fit."""
        return Absorption(*np.sqrt(np.diag(self.covariance)).tolist())

    @property
    def largest_singular_value(self) -> float:
        """Largest amplitude transmission, of the pump or the coherent probe, at any power covered.

        The two directions are uncoupled but for the reflection, which is added.
        """
        e = np.sqrt(np.linspace(0.0, self.max_power_w, NODES))
        strongest = max(np.abs(self.probe(e, "coherent")).max(), np.abs(self.probe(e, "time-gated")).max())
        return float(strongest) + abs(self.reflection)

    @property
    def passive(self) -> bool:
        """Whether nothing comes out stronger than it went in."""
        return self.largest_singular_value <= 1.0

    def forward(self, e: ArrayLike) -> Complex:
        """Amplitude at o2 for the amplitude e at o1, of any shape; OutOfRange above `max_power_w`."""
        amplitude, power = self._checked(e)
        return np.asarray(amplitude * np.exp(self._log_pump(self._abscissa(power))))

    def jacobian(self, e: ArrayLike) -> tuple[Complex, Complex]:
        """Wirtinger derivatives ∂y/∂E and ∂y/∂E* of `forward`, exact for the spline that it evaluates.

        With y = E h(P), P = E E*: ∂y/∂E = h + P h′ and ∂y/∂E* = E² h′.
        """
        amplitude, power = self._checked(e)
        abscissa = self._abscissa(power)
        transmission = np.exp(self._log_pump(abscissa))
        slope = transmission * self._log_pump(abscissa, 1) / (self.absorption.saturation_power_w + power)
        return np.asarray(transmission + power * slope), np.asarray(amplitude**2 * slope)

    def probe(self, e: ArrayLike, kind: Literal["coherent", "time-gated"]) -> Complex:
        """Complex amplitude transmission, o2 to o1, of weak backward light while the pump e enters o1.

        "coherent": same frequency, present together with the pump. "time-gated": after the pump, before recovery.
        """
        _, power = self._checked(e)
        if kind == "coherent":
            return np.asarray(np.exp(self._log_coherent(self._abscissa(power))))
        if kind != "time-gated":
            raise BadInput("probe kind", "'coherent' or 'time-gated'", repr(kind), "Name one of the two.")
        turn = self.sections * (self.absorption.probe_phase_rad - self.absorption.phase_rad)
        return np.asarray(np.exp(self._log_pump(self._abscissa(power)) + 1j * turn))

    def s_matrix(self, wavelength_um: float) -> Complex:
        """Small-signal S[out, in], (2, 2); OutOfRange at any other wavelength than that of the runs."""
        require_in_range(self.name, "wavelength_um", np.array([wavelength_um]), *self.wavelength_range_um)
        dark = np.exp([self._log_pump(0.0), self._log_coherent(0.0)])
        return np.array([[self.reflection, dark[1]], [dark[0], self.reflection]])

    def cascade(self, sections: int) -> AbsorberModel:
        """Put `sections` of this absorber in series."""
        if not 1 <= sections * self.sections <= MOST_SECTIONS:
            raise BadInput("sections", f"1 to {MOST_SECTIONS} in all", sections, "Ask for another number.")
        return replace(self, sections=self.sections * sections)

    def with_detuning(self, detuning: float) -> AbsorberModel:
        """The same absorber with its line moved so that the light is δ half widths above it.

        The covariance stays that of the fit. Powers are covered as far in units of the saturation power as before.
        """
        moved = detuned(self.absorption, detuning)
        scale = moved.saturation_power_w / self.absorption.saturation_power_w
        return replace(self, absorption=moved, max_power_w=self.max_power_w * scale)

    def varied(self, depth_factor: float, saturation_factor: float) -> AbsorberModel:
        """The same absorber with its saturable optical depth and its saturation power multiplied.

        Powers are covered as far in units of the saturation power as before. The covariance stays that of the fit.
        """
        numbers = replace(
            self.absorption,
            optical_depth=self.absorption.optical_depth * depth_factor,
            saturation_power_w=self.absorption.saturation_power_w * saturation_factor,
        )
        return replace(self, absorption=numbers, max_power_w=self.max_power_w * saturation_factor)

    def record(self) -> Record:
        """Everything the model is made of, for its file."""
        texts = {"name": (self.name,), "ports": self.ports, "fidelity": (self.fidelity,), "run_keys": self.run_keys}
        arrays = {
            "wavelength_um": np.float64(self.wavelength_um),
            "absorption": np.array(astuple(self.absorption)),
            "covariance": self.covariance,
            "transverse": self.profile.transverse,
            "longitudinal": self.profile.longitudinal,
            "weight": self.profile.weight,
            "reflection": np.complex128(self.reflection),
            "max_power_w": np.float64(self.max_power_w),
            "fit_error": np.array(astuple(self.fit_error)),
            "held_out_error": np.array(astuple(self.held_out_error)),
            "response_error": np.array(astuple(self.response_error)),
            "sections": np.int64(self.sections),
        }
        return Record(self.KIND, texts, {name: np.asarray(values) for name, values in arrays.items()})

    @classmethod
    def from_record(cls, record: Record) -> AbsorberModel:
        """Build the model that gave this record; ValueError or FdtdOnnError if its parts do not belong together."""
        arrays, texts = record.arrays, record.texts
        (name,), (fidelity,) = texts["name"], texts["fidelity"]
        if arrays["absorption"].size != 6 or any(arrays[k].size != 2 for k in ERRORS):
            raise ValueError("absorption must hold six numbers, and each error two")
        return cls(
            name=name,
            ports=texts["ports"],
            fidelity=fidelity,
            run_keys=texts["run_keys"],
            wavelength_um=float(arrays["wavelength_um"]),
            absorption=Absorption(*arrays["absorption"].tolist()),
            covariance=arrays["covariance"],
            profile=ModeProfile(arrays["transverse"], arrays["longitudinal"], arrays["weight"]),
            reflection=complex(arrays["reflection"]),
            max_power_w=float(arrays["max_power_w"]),
            fit_error=PumpProbeError(*arrays["fit_error"].tolist()),
            held_out_error=PumpProbeError(*arrays["held_out_error"].tolist()),
            response_error=PumpProbeError(*arrays["response_error"].tolist()),
            sections=int(arrays["sections"]),
        )

    def _checked(self, e: ArrayLike) -> tuple[Complex, Real]:
        amplitude = np.asarray(e, dtype=complex)
        power = np.square(amplitude.real) + np.square(amplitude.imag)
        require_in_range(self.name, "pump power in W", power, 0.0, self.max_power_w)
        return amplitude, power

    def _abscissa(self, power_w: Real) -> Real:
        return np.asarray(np.log1p(power_w / self.absorption.saturation_power_w))

    def _in_series(self, nodes: Real, section: LogTransmission) -> LogTransmission:
        """Send the nodes' powers through one section after another, by that section's own splines."""
        pump, coherent = CubicSpline(nodes, section.pump), CubicSpline(nodes, section.coherent)
        total = section
        for _ in range(self.sections - 1):
            here = np.log1p(np.expm1(nodes) * np.exp(2.0 * total.pump.real))
            total = LogTransmission(total.pump + pump(here), total.coherent + coherent(here))
        return total
