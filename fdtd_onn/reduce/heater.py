"""The compiled model of a heater: from electrical power to phase, temperature, crosstalk and their growth in time.

All are linear in the power: conductivities and dn/dT are those of small heating.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import RegularGridInterpolator, make_interp_spline

from fdtd_onn.errors import BadInput
from fdtd_onn.reduce.model import ReducedModel, require_in_range
from fdtd_onn.reduce.record import Record, Schema
from fdtd_onn.responses.frozen import frozen
from fdtd_onn.responses.heating import HeaterResponse
from fdtd_onn.responses.steps import StepResponse

Complex = NDArray[np.complex128]
Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class HeaterModel(ReducedModel):
    """One heated section of a guide, per mW of its electrical power.

    wavelengths_um, phase_rad_per_mw: (n_wl,). core_k_per_mw, heater_k_per_mw: mean rise of core and heater.
    length_um, width_um: of the heater. loss_db: of the section's guide, at any power.
    along_um (n_x,), aside_um (n_d,), crosstalk (n_x, n_d), times_us and weights (n_t,), energy_at_heater and the
    errors: as in `HeaterResponse`.
    """

    wavelengths_um: Real
    phase_rad_per_mw: Real
    core_k_per_mw: float
    heater_k_per_mw: float
    length_um: float
    width_um: float
    loss_db: float
    along_um: Real
    aside_um: Real
    crosstalk: Real
    times_us: Real
    weights: Real
    energy_at_heater: float
    phase_error: float
    crosstalk_error: float
    time_error: float

    KIND: ClassVar[str] = "heater"
    ARRAYS: ClassVar[dict[str, int]] = {
        "wavelengths_um": 1,
        "phase_rad_per_mw": 1,
        "along_um": 1,
        "aside_um": 1,
        "crosstalk": 2,
        "times_us": 1,
        "weights": 1,
    }
    NUMBERS: ClassVar[tuple[str, ...]] = (
        "core_k_per_mw",
        "heater_k_per_mw",
        "length_um",
        "width_um",
        "loss_db",
        "energy_at_heater",
        "phase_error",
        "crosstalk_error",
        "time_error",
    )
    SCHEMA: ClassVar[Schema] = Schema(
        texts=("name", "ports", "fidelity", "run_keys"),
        arrays={
            **{name: (np.float64, dimensions) for name, dimensions in ARRAYS.items()},
            **dict.fromkeys(NUMBERS, (np.float64, 0)),
        },
    )

    def __post_init__(self) -> None:
        """Freeze the arrays; refuse tables that do not belong together."""
        for name in self.ARRAYS:
            object.__setattr__(self, name, frozen(getattr(self, name), np.float64))
        same = self.phase_rad_per_mw.shape == self.wavelengths_um.shape and self.times_us.shape == self.weights.shape
        if not same or self.crosstalk.shape != (self.along_um.size, self.aside_um.size):
            raise ValueError("phases, crosstalk and step response must match their axes")
        for name in ("wavelengths_um", "along_um", "aside_um"):
            if getattr(self, name).size < 2 or np.any(np.diff(getattr(self, name)) <= 0.0):
                raise ValueError(f"{name} must have two values or more and increase")
        if np.any(self.times_us <= 0.0) or np.any(self.phase_rad_per_mw == 0.0):
            raise ValueError("times must be positive, and a heater must change the phase")

    @property
    def wavelength_range_um(self) -> tuple[float, float]:
        """Shortest and longest characterised wavelength."""
        return float(self.wavelengths_um[0]), float(self.wavelengths_um[-1])

    @property
    def step(self) -> StepResponse:
        """Growth of the phase after the power is switched on, 1 in the end."""
        return StepResponse(self.times_us, self.weights)

    @property
    def time_constant_us(self) -> float:
        """Time to 1 − 1/e of the final phase."""
        return self.step.time_constant_us

    @property
    def passive(self) -> bool:
        """Whether the section gives no more light than it gets, at any power."""
        return self.loss_db >= 0.0

    def radians_per_mw(self, wavelength_um: float) -> float:
        """Phase per power; OutOfRange outside the characterised wavelengths."""
        require_in_range(self.name, "wavelength_um", np.array([wavelength_um], dtype=float), *self.wavelength_range_um)
        degree = min(3, self.wavelengths_um.size - 1)
        return float(make_interp_spline(self.wavelengths_um, self.phase_rad_per_mw, k=degree)(wavelength_um))

    def p_pi_mw(self, wavelength_um: float) -> float:
        """Power in mW for a phase of π."""
        return np.pi / abs(self.radians_per_mw(wavelength_um))

    def phase(self, power_mw: ArrayLike, wavelength_um: float) -> Real:
        """Phase in rad that powers in mW give, same shape. Raises BadInput for a power below zero."""
        return self.radians_per_mw(wavelength_um) * self._checked(power_mw)

    def temperature_k(self, power_mw: ArrayLike) -> Real:
        """Mean rise of the core's temperature in K, same shape.

        Cladding warms too, and a section tunable in `delta_t_k` that was run in the plane is another guide: to drive
        it, hand `phase` to the network's phase shifter, which finds the section's own temperature for it.
        """
        return self.core_k_per_mw * self._checked(power_mw)

    def transfer(self, power_mw: ArrayLike, wavelength_um: float) -> Complex:
        """Complex amplitude transfer of the section, relative to the phase without heating, same shape."""
        return np.asarray(10.0 ** (-self.loss_db / 20.0) * np.exp(1j * self.phase(power_mw, wavelength_um)))

    def crosstalk_at(self, along_um: ArrayLike, aside_um: ArrayLike) -> Real:
        """Phase in the section of a heater so displaced over that in the heated one, broadcast.

        Beyond the table (ten lengths along, 1000 µm aside) its last value stands, which is an upper limit.
        """
        along, aside = np.broadcast_arrays(np.abs(along_um), np.abs(aside_um))
        table = RegularGridInterpolator((self.along_um, self.aside_um), self.crosstalk)
        inside = np.stack([np.minimum(along, self.along_um[-1]), np.minimum(aside, self.aside_um[-1])], axis=-1)
        return np.asarray(table(inside)).reshape(along.shape)  # SciPy makes a single point an array of one

    def crosstalk_matrix(self, positions_um: ArrayLike) -> Real:
        """(n, n) phase in section i over the phase that heater j gives its own; symmetric, 1 on the diagonal.

        positions_um: (n, 2) of the heaters' middles, along and across the guides, all of which run along the first.
        Raises BadInput for another shape, and for heaters that overlap.
        """
        places = np.asarray(positions_um, dtype=float)
        where = f"model {self.name!r}: positions_um"
        if places.ndim != 2 or places.shape[1] != 2 or not np.all(np.isfinite(places)):
            raise BadInput(where, "finite numbers of shape (n, 2)", f"shape {places.shape}", "Give x and y per heater.")
        apart = np.abs(places[:, None] - places[None])
        overlapping = np.triu((apart[..., 0] < self.length_um) & (apart[..., 1] < self.width_um), 1)
        if overlapping.any():
            i, j = np.argwhere(overlapping)[0]
            got = f"heaters {i} and {j} only {apart[i, j, 0]:g} µm along and {apart[i, j, 1]:g} µm aside"
            expected = f"heaters of {self.length_um:g} × {self.width_um:g} µm that do not overlap"
            raise BadInput(where, expected, got, "Move them apart, or compile a shorter or narrower heater.")
        return self.crosstalk_at(apart[..., 0], apart[..., 1])

    def record(self) -> Record:
        """Everything the model is made of, for its file."""
        texts = {
            "name": (self.name,),
            "ports": self.ports,
            "fidelity": (self.fidelity,),
            "run_keys": self.run_keys,
        }
        return Record(self.KIND, texts, {name: np.asarray(getattr(self, name)) for name in self.SCHEMA.arrays})

    @classmethod
    def from_record(cls, record: Record) -> HeaterModel:
        """Build the model that gave this record; ValueError if its parts do not belong together."""
        (name,), (fidelity,) = record.texts["name"], record.texts["fidelity"]
        values: dict[str, Any] = {key: record.arrays[key] for key in cls.ARRAYS}
        values |= {key: float(record.arrays[key]) for key in cls.NUMBERS}
        return cls(name, record.texts["ports"], fidelity, record.texts["run_keys"], **values)

    def _checked(self, power_mw: ArrayLike) -> Real:
        power = np.asarray(power_mw, dtype=float)
        if not np.all(power >= 0.0) or not np.all(np.isfinite(power)):
            got = f"{power[~((power >= 0.0) & np.isfinite(power))].flat[0]:g} mW"
            raise BadInput(f"model {self.name!r}: power_mw", "a power of zero or more", got, "A heater only heats.")
        return power


def compile_heater(response: HeaterResponse) -> HeaterModel:
    """The model of a heater's response: its numbers and tables without the map of temperature."""
    p, own = response.device.parameters, ("length_um", "width_um", "loss_db")
    names = [name for name in (*HeaterModel.ARRAYS, *HeaterModel.NUMBERS) if name not in own]
    return HeaterModel(
        name=response.device.name,
        ports=("o1", "o2"),
        fidelity=response.provenance.fidelity,
        run_keys=response.provenance.run_keys,
        length_um=p.length_um,
        width_um=p.heater_width_um,
        loss_db=1e-4 * p.loss_db_per_cm * p.length_um,
        **{name: getattr(response, name) for name in names},
    )
