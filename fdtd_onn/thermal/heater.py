"""A heater's cross-section solved: temperature, crosstalk and step response, as read by a guide's mode."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.responses.heating import HeatMap
from fdtd_onn.responses.steps import StepResponse
from fdtd_onn.specs.device import Heater
from fdtd_onn.thermal.conduction import HeatSection, solver
from fdtd_onn.thermal.crosstalk import finite_length, spectrum_rates
from fdtd_onn.thermal.scene import heater_range_um, heater_section, spread_power
from fdtd_onn.thermal.transient import step_response

Real = NDArray[np.float64]

#: Displacements of the crosstalk table: across the guides in µm, along them in lengths of the heater.
ASIDE_UM = np.concatenate([[0.0], np.geomspace(0.5, 1000.0, 127)])
ALONG_LENGTHS = np.concatenate([np.linspace(0.0, 2.0, 41), np.geomspace(2.2, 10.0, 12)])
_MAP_UM = 12.0


@dataclass(frozen=True, eq=False)
class Reader:
    """A linear reading of the temperature around a guide: Σ values·T(y, z) at places relative to the guide, µm."""

    y_um: Real
    z_um: Real
    values: Real


@dataclass(frozen=True, eq=False)
class HeatedSection:
    """The temperature above the wafer's lower face, (ny·nz,) K, for 1 mW per µm of a heater without end.

    section, power: the half y ≥ 0 of the cross-section, and half the power in it, (ny·nz,) mW/µm.
    """

    device: Heater
    section: HeatSection
    power: Real
    temperature: Real

    def reading(self, reader: Reader, aside_um: float = 0.0) -> Real:
        """(ny·nz,) weights of the reading for a guide this far aside."""
        return self.section.weights(np.abs(reader.y_um + aside_um), reader.z_um, reader.values)

    def at(self, y_um: Real, z_um: Real) -> Real:
        """The temperature at places (m,) on either side of the middle."""
        return self.section.at(self.temperature, np.abs(y_um), z_um)

    @property
    def core_rise(self) -> float:
        """Mean over the guide's core, K µm/mW."""
        half, film = 0.5 * self.device.parameters.width_um, (0.0, self.device.stack_in_use.thickness_um)
        return float(spread_power(self.section, (0.0, half), film) @ self.temperature)

    @property
    def heater_rise(self) -> float:
        """Mean over the heater, K µm/mW."""
        return float(2.0 * self.power @ self.temperature)

    def step(self, reader: Reader) -> StepResponse:
        """Response of a reading to 1 mW/µm switched on."""
        return step_response(self.section, self.power, self.reading(reader))

    def crosstalk(self, reader: Reader) -> Real:
        """(n_x, n_d) over the own section's reading, at ALONG_LENGTHS times the heater's length and at ASIDE_UM."""
        p = self.device.parameters
        q = spectrum_rates(p.wafer_um + p.buried_oxide_um, p.heater_distance_um)
        readings = np.stack([self.reading(reader, d) for d in ASIDE_UM])
        spectrum = np.stack([readings @ solver(self.section.operator(rate))(self.power) for rate in q])
        return finite_length(q, spectrum, p.length_um, p.length_um * ALONG_LENGTHS)

    def map(self) -> HeatMap:
        """What is near guide and heater, per mW of the whole heater."""
        s = self.section
        ny = int(np.searchsorted(s.y_edges, _MAP_UM))
        first = int(np.searchsorted(s.z_edges, -_MAP_UM))
        values = self.temperature.reshape(s.conductivity.shape)[:ny, first:] / self.device.parameters.length_um
        return HeatMap(s.y_edges[: ny + 1], s.z_edges[first:], values)


def heated_section(device: Heater, resolution: float) -> HeatedSection:
    """Solve the conduction below, around and above a heater. resolution: cells per µm at guide and heater."""
    section = heater_section(device, resolution)
    half = 0.5 * device.parameters.heater_width_um
    power = 0.5 * spread_power(section, (0.0, half), heater_range_um(device))
    return HeatedSection(device, section, power, solver(section.operator())(power))
