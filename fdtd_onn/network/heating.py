"""The heaters of a mesh, driven in mW: phases from powers with crosstalk between all of them, and powers for phases.

The phases are what `Mesh.forward` takes; its phase shifters find the temperature of their compiled section for each.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from fdtd_onn.errors import BadInput
from fdtd_onn.network.models import HeaterModel, Real
from fdtd_onn.network.topology import MeshTopology

TWO_PI = 2.0 * np.pi


@dataclass(frozen=True, eq=False)
class HeaterDrive:
    """n heaters of one kind. coupling: (n, n), 1 on the diagonal; radians_per_mw, kelvin_per_mw: of each, alone."""

    radians_per_mw: float
    kelvin_per_mw: float
    coupling: Real

    def phases(self, power_mw: ArrayLike) -> Real:
        """Phases (n,) in rad for powers (n,) in mW."""
        return np.asarray(self.radians_per_mw * (self.coupling @ np.asarray(power_mw, dtype=float)))

    def temperatures(self, power_mw: ArrayLike) -> Real:
        """Mean rises (n,) of the cores' temperatures in K."""
        return np.asarray(self.kelvin_per_mw * (self.coupling @ np.asarray(power_mw, dtype=float)))

    def powers(self, phases: ArrayLike) -> Real:
        """Powers (n,) in mW, none below zero, that give phases (n,) in rad up to whole turns, crosstalk allowed for.

        A phase whose heater would have to cool is reached one turn further on.
        """
        wanted = np.mod(np.asarray(phases, dtype=float), TWO_PI)
        while True:
            power = np.linalg.solve(self.coupling, wanted / self.radians_per_mw)
            cooled = power < -1e-9 * TWO_PI / self.radians_per_mw
            if not cooled.any():
                return np.maximum(power, 0.0)
            wanted = wanted + TWO_PI * cooled


def heater_drive(model: HeaterModel, wavelength_um: float, positions_um: ArrayLike) -> HeaterDrive:
    """The heaters at these places, (n, 2) along and across the guides.

    Raises BadInput for heaters that overlap, or so close that no set of powers gives every set of phases.
    """
    coupling = model.crosstalk_matrix(positions_um)
    lowest = float(np.linalg.eigvalsh(coupling).min())
    if lowest <= 0.0:
        expected = "heaters far enough apart that their powers determine the phases"
        raise BadInput("heater positions", expected, f"a lowest eigenvalue of {lowest:.3g}", "Move them apart.")
    return HeaterDrive(model.radians_per_mw(wavelength_um), model.core_k_per_mw, coupling)


def heater_positions(topology: MeshTopology, plane_pitch_um: float, guide_pitch_um: float) -> Real:
    """(N², 2) middles of a mesh's heaters: one plane of shifters after another, one guide above another."""
    return np.stack([plane_pitch_um * topology.shifter_plane, guide_pitch_um * topology.shifter_guide], axis=1)
