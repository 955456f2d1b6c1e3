"""From the phases that a network is asked for to those on its chip: converters, heaters, and their crosstalk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from fdtd_onn.network.heating import TWO_PI, HeaterDrive
from fdtd_onn.network.models import Real


class PhaseDrive(Protocol):
    """What sets the phases of a network, or of a part of it."""

    def actual(self, phases: Real) -> Real:
        """Phases (P,) on the chip, in rad, for those asked for (P,)."""

    def pull_back(self, gradient: Real) -> Real:
        """Derivative (P,) in the phases asked for, from that in the phases on the chip (P,)."""

    def power_mw(self, phases: Real) -> float:
        """Electrical power that holds the phases asked for; 0 for sections whose heater is not named."""


@dataclass(frozen=True)
class IdealDrive:
    """Every phase as it is asked for."""

    def actual(self, phases: Real) -> Real:
        """The phases themselves."""
        return phases

    def pull_back(self, gradient: Real) -> Real:
        """The gradient itself."""
        return gradient

    def power_mw(self, phases: Real) -> float:
        """None that is known of."""
        return 0.0


@dataclass(frozen=True)
class Converter:
    """Sets voltages in 2^bits equal steps from zero; phases go with their square, up to `full_scale_rad`."""

    bits: int
    full_scale_rad: float

    def nearest(self, phases: Real) -> Real:
        """Phases (any shape, not negative) that the nearest codes give; above full scale the highest code's."""
        codes = 2**self.bits - 1
        voltage = np.round(codes * np.sqrt(np.minimum(phases / self.full_scale_rad, 1.0)))
        return np.asarray(self.full_scale_rad * np.square(voltage / codes))


@dataclass(frozen=True, eq=False)
class MeshDrive:
    """The heaters of one mesh behind their converters.

    heaters: of all P phases, with their crosstalk; None for sections that nothing heats but their own drive.
    corrected: whether the powers allow for the crosstalk. converter: None for voltages without steps.
    The derivative takes the converter as if it had no steps (straight-through), and is exact in all else.
    """

    heaters: HeaterDrive | None
    corrected: bool
    converter: Converter | None

    def actual(self, phases: Real) -> Real:
        """Phases (P,) on the chip, in rad."""
        alone = self._alone(phases)
        return alone if self.heaters is None else self.heaters.coupling @ alone

    def pull_back(self, gradient: Real) -> Real:
        """Derivative in the phases asked for: crosstalk that is not corrected brings each one its neighbours'."""
        return gradient if self.heaters is None or self.corrected else self.heaters.coupling.T @ gradient

    def power_mw(self, phases: Real) -> float:
        """Electrical power of all heaters."""
        return 0.0 if self.heaters is None else float(self._alone(phases).sum() / self.heaters.radians_per_mw)

    def _alone(self, phases: Real) -> Real:
        """The phase that each heater would give its own section if the others were off."""
        if self.heaters is not None and self.corrected:
            alone = self.heaters.radians_per_mw * self.heaters.powers(phases)
        else:
            alone = np.mod(phases, TWO_PI)
        return alone if self.converter is None else self.converter.nearest(alone)


@dataclass(frozen=True, eq=False)
class NetworkDrive:
    """The drives of a network's layers, each for its part of the phases."""

    parts: tuple[tuple[slice, PhaseDrive], ...]

    def actual(self, phases: Real) -> Real:
        """Phases (P,) on the chip, in rad."""
        return np.concatenate([drive.actual(phases[part]) for part, drive in self.parts])

    def pull_back(self, gradient: Real) -> Real:
        """Derivative (P,) in the phases asked for."""
        return np.concatenate([drive.pull_back(gradient[part]) for part, drive in self.parts])

    def power_mw(self, phases: Real) -> float:
        """Electrical power of all heaters."""
        return sum(drive.power_mw(phases[part]) for part, drive in self.parts)
