"""From the phases that a network is asked for to those that its heaters give: converters, and powers for crosstalk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from fdtd_onn.network.heating import TWO_PI, HeaterDrive
from fdtd_onn.network.models import Real


class PhaseDrive(Protocol):
    """What sets the phases of a network, or of a part of it."""

    def actual(self, phases: Real) -> Real:
        """Phases (P,) in rad that each driven section gets by its own heater, for those asked for (P,).

        What it gets by others is the mesh's own affair (`Mesh.crosstalk`).
        """

    def pull_back(self, gradient: Real) -> Real:
        """Derivative (P,) in the phases asked for, from that in the phases by each section's own heater (P,)."""

    def pull_back_sections(self, gradient: Real) -> Real:
        """The same from the derivative (P,) in the phases of the driven sections, as light at their taps gives it.

        All sections that a heater warms count, by the drawn crosstalk; exact if no loss depends on heating.
        """

    def power_mw(self, phases: Real) -> Real:
        """Electrical powers (P,) that hold the phases asked for; nan for sections whose heater is not named."""


@dataclass(frozen=True)
class IdealDrive:
    """Every phase as it is asked for."""

    def actual(self, phases: Real) -> Real:
        """The phases themselves."""
        return phases

    def pull_back(self, gradient: Real) -> Real:
        """The gradient itself."""
        return gradient

    def pull_back_sections(self, gradient: Real) -> Real:
        """The gradient itself."""
        return gradient

    def power_mw(self, phases: Real) -> Real:
        """Unknown."""
        return np.full(phases.shape, np.nan)


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

    heaters: with their crosstalk; None for sections that nothing heats but their own drive.
    corrected: whether the powers allow for the crosstalk. converter: None for voltages without steps.
    The derivative takes the converter as if it had no steps (straight-through), and is exact in all else.
    """

    heaters: HeaterDrive | None
    corrected: bool
    converter: Converter | None

    def actual(self, phases: Real) -> Real:
        """Phases (P,) in rad that each heater gives its own section."""
        if self.heaters is not None and self.corrected:
            own = self.heaters.radians_per_mw * self.heaters.powers(phases)
        else:
            own = np.mod(phases, TWO_PI)
        return own if self.converter is None else self.converter.nearest(own)

    def pull_back(self, gradient: Real) -> Real:
        """Derivative in the phases asked for: for a corrected one, all powers change."""
        return self.heaters.unfolded.T @ gradient if self.heaters is not None and self.corrected else gradient

    def pull_back_sections(self, gradient: Real) -> Real:
        """Derivative in the phases asked for: crosstalk that is not corrected brings each one its neighbours'."""
        return gradient if self.heaters is None or self.corrected else self.heaters.folded.T @ gradient

    def power_mw(self, phases: Real) -> Real:
        """Electrical powers (P,) of the heaters."""
        if self.heaters is None:
            return np.full(phases.shape, np.nan)
        return self.actual(phases) / self.heaters.radians_per_mw


@dataclass(frozen=True, eq=False)
class NetworkDrive:
    """The drives of a network's layers, each for its part of the phases."""

    parts: tuple[tuple[slice, PhaseDrive], ...]

    def actual(self, phases: Real) -> Real:
        """Phases (P,) in rad that each driven section gets by its own heater."""
        return np.concatenate([drive.actual(phases[part]) for part, drive in self.parts])

    def pull_back(self, gradient: Real) -> Real:
        """Derivative (P,) in the phases asked for."""
        return np.concatenate([drive.pull_back(gradient[part]) for part, drive in self.parts])

    def pull_back_sections(self, gradient: Real) -> Real:
        """Derivative (P,) in the phases asked for, from that in the phases of the driven sections."""
        return np.concatenate([drive.pull_back_sections(gradient[part]) for part, drive in self.parts])

    def power_mw(self, phases: Real) -> Real:
        """Electrical powers (P,); nan where no heater is named."""
        return np.concatenate([drive.power_mw(phases[part]) for part, drive in self.parts])
