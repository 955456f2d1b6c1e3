"""Analytic models with the methods of compiled ones: known physics to test the network layer against."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import lambertw

from fdtd_onn.network.detector import Detector
from fdtd_onn.network.mesh import Mesh, coupler_transfer, plain_guides
from fdtd_onn.network.parts import make_parts
from fdtd_onn.network.phase_shifter import phase_shifter
from fdtd_onn.network.shifter_bank import equal_shifters

DIODE = Detector(
    responsivity_a_per_w=0.9,
    bandwidth_hz=1e7,
    dark_current_a=1e-8,
    thermal_noise_a_per_sqrt_hz=2e-12,
    adc_bits=16,
    full_scale_w=2e-4,
)


@dataclass(frozen=True)
class AnalyticCoupler:
    """Coupler of a given power coupling ratio and excess loss; `nonreciprocity` turns backward light's cross phase.

    reflection: amplitude at every port.
    """

    ratio: float = 0.5
    loss: float = 0.0
    phase: float = 0.3
    nonreciprocity: float = 0.0
    reflection: float = 0.0
    name: str = "coupler"
    ports: tuple[str, ...] = ("o1", "o2", "o3", "o4")
    parameter: str | None = None
    parameter_range: tuple[float, float] | None = None

    def s_matrix(self, wavelength_um, **parameters):
        through, cross = np.sqrt(1 - self.ratio), 1j * np.sqrt(self.ratio)
        block = np.sqrt(1 - self.loss) * np.exp(1j * self.phase) * np.array([[through, cross], [cross, through]])
        s = self.reflection * np.eye(4, dtype=complex)
        s[np.ix_([3, 2], [0, 1])] = block
        s[np.ix_([0, 1], [3, 2])] = block.T * np.exp(1j * self.nonreciprocity * np.array([[0, 1], [1, 0]]))
        return s

    def s_matrices(self, wavelength_um, values):
        count = 1 if values is None else len(values)
        return np.repeat(self.s_matrix(wavelength_um)[None], count, axis=0)

    def s_parameter_derivative(self, wavelength_um, values):
        return np.zeros((len(values), 4, 4), dtype=complex)


@dataclass(frozen=True)
class AnalyticShifter:
    """Heated section: phase offset + slope·T + curve·T², amplitude exp(−loss − heated_loss·T).

    reflection: amplitude at both ports.
    """

    offset: float = 0.7
    slope: float = 0.05
    curve: float = 1e-5
    loss: float = 0.0
    heated_loss: float = 0.0
    reflection: float = 0.0
    name: str = "phase_shifter"
    ports: tuple[str, ...] = ("o1", "o2")
    parameter: str | None = "delta_t_k"
    parameter_range: tuple[float, float] | None = (0.0, 150.0)

    def _exponent(self, t):
        return 1j * (self.offset + self.slope * t + self.curve * t**2) - self.loss - self.heated_loss * t

    def s_matrices(self, wavelength_um, values):
        through = np.exp(self._exponent(np.asarray(values)))[:, None, None] * np.array([[0, 1], [1, 0]])
        return through + self.reflection * np.eye(2)

    def s_matrix(self, wavelength_um, **parameters):
        return self.s_matrices(wavelength_um, [parameters["delta_t_k"]])[0]

    def s_parameter_derivative(self, wavelength_um, values):
        t = np.asarray(values)
        slope = 1j * (self.slope + 2 * self.curve * t) - self.heated_loss
        return slope[:, None, None] * (self.s_matrices(wavelength_um, t) - self.reflection * np.eye(2))


@dataclass(frozen=True)
class AnalyticAbsorber:
    """Homogeneously saturable absorber without residual loss: closed form through Lambert's W."""

    optical_depth: float = 1.0
    saturation_power_w: float = 2e-4
    phase: float = 0.2
    max_power_w: float = 0.1

    def _powers(self, e):
        before = np.maximum(np.abs(e) ** 2 / self.saturation_power_w, 1e-30)
        return before, np.real(lambertw(before * np.exp(before - self.optical_depth)))

    def forward(self, e):
        before, behind = self._powers(e)
        return e * np.sqrt(behind / before) * np.exp(1j * self.phase)

    def jacobian(self, e):
        before, behind = self._powers(e)
        chord = np.sqrt(behind / before)
        slope = chord * (1 + before) / (1 + behind)
        turn = np.exp(1j * self.phase)
        direction = np.where(np.abs(e) > 0, e, 1.0) / np.where(np.abs(e) > 0, np.abs(e), 1.0)
        return 0.5 * (slope + chord) * turn, 0.5 * (slope - chord) * direction**2 * turn

    def probe(self, e, kind):
        before, behind = self._powers(e)
        gated = np.sqrt(behind / before) * np.exp(1j * self.phase)
        return gated if kind == "time-gated" else gated * np.sqrt((1 + before) / (1 + behind))

    def varied(self, depth_factor, saturation_factor):
        return replace(
            self,
            optical_depth=depth_factor * self.optical_depth,
            saturation_power_w=saturation_factor * self.saturation_power_w,
            max_power_w=saturation_factor * self.max_power_w,
        )

    def cascade(self, sections):
        return replace(self, optical_depth=sections * self.optical_depth, phase=sections * self.phase)


@dataclass(frozen=True)
class AnalyticTap:
    """Grating tap that passes amplitude `through`, returns `reflection`, and sends `ratio` of the power up."""

    through: complex = 0.98 * np.exp(0.2j)
    reflection: float = 0.0
    ratio: float = 0.02
    name: str = "tap"
    outputs: tuple[str, ...] = ("o1", "o2", "up1", "up2")

    def s_matrix(self, wavelength_um):
        return np.array([[self.reflection, self.through], [self.through, self.reflection]])

    def camera_power(self, wavelength_um, forward, backward):
        return self.ratio * abs(forward + backward) ** 2


@dataclass(frozen=True)
class AnalyticHeater:
    """Heater whose crosstalk falls exponentially with distance."""

    per_mw: float = 0.15
    reach_um: float = 40.0
    strength: float = 0.1

    def radians_per_mw(self, wavelength_um):
        return self.per_mw

    def crosstalk_matrix(self, positions_um):
        apart = positions_um[:, None] - positions_um[None]
        return self.crosstalk_at(apart[..., 0], apart[..., 1])

    def crosstalk_at(self, along_um, aside_um):
        apart = np.hypot(along_um, aside_um)
        return np.where(apart == 0.0, 1.0, self.strength * np.exp(-apart / self.reach_um))


def make_mesh(coupler, shifter, topology):
    """A mesh of equal parts."""
    return Mesh(
        topology,
        coupler_transfer(coupler, 1.55, None, topology.coupler_guide.size),
        equal_shifters(phase_shifter(shifter, 1.55, 1), topology.planes, topology.ports),
        plain_guides(topology),
    )


def parts_of(coupler, shifter, topology, sections=1, phase_errors=None, tap=None):
    """The parts of a mesh of equal couplers and shifters, with all entries of their S."""
    driven = phase_shifter(shifter, 1.55, sections)
    return make_parts(topology, 1.55, coupler, None, shifter, sections, driven, phase_errors, tap)
