"""The heaters of a mesh, driven in mW: phases of all its sections from powers, and powers for phases.

Every guide of every plane has a phase-shifter section, of which P are driven. Heat reaches all of them. The phases are
those that the mesh's compiled sections find their temperature for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from fdtd_onn.errors import BadInput
from fdtd_onn.network.models import HeaterModel, Real
from fdtd_onn.network.topology import MeshTopology

TWO_PI = 2.0 * np.pi
MOST_TURNS = 100  # more than any heater holds


@dataclass(frozen=True, eq=False)
class HeaterDrive:
    """The P driven heaters of a mesh, all of one kind.

    radians_per_mw: of each in its own section.
    coupling: (planes·N, P) phase that a heater gives every section over the one that it gives its own.
    folded: (P, P) the same as phases of the driven sections alone (`MeshTopology.as_driven`).
    """

    radians_per_mw: float
    coupling: Real
    folded: Real

    def phases(self, power_mw: ArrayLike) -> Real:
        """Phases (planes·N,) in rad of all sections for powers (P,) in mW."""
        return np.asarray(self.radians_per_mw * (self.coupling @ np.asarray(power_mw, dtype=float)))

    def powers(self, phases: ArrayLike) -> Real:
        """Powers (P,) in mW, none below zero, under which the mesh does to light what it would at phases (P,) alone.

        What other sections than the driven ones are warmed by is allowed for, but not that warm ones may lose more.
        A phase whose heater would have to cool is reached one turn further on. Raises BadInput if that has no end.
        """
        wanted = np.mod(np.asarray(phases, dtype=float), TWO_PI)
        for _turn in range(MOST_TURNS):
            power = self.unfolded @ wanted / self.radians_per_mw
            cooled = power < -1e-9 * TWO_PI / self.radians_per_mw
            if not cooled.any():
                return np.maximum(power, 0.0)
            wanted = wanted + TWO_PI * cooled
        got = f"less than 0 mW at heater {int(np.argmin(power))} after {MOST_TURNS} turns"
        raise BadInput("heaters with crosstalk to be corrected", "powers of 0 mW or more", got, "Move them apart.")

    @cached_property
    def unfolded(self) -> Real:
        """(P, P) phases that heaters have to give their own sections, over those that are wanted: folded⁻¹."""
        return np.asarray(np.linalg.inv(self.folded))


def heater_drive(
    model: HeaterModel, wavelength_um: float, topology: MeshTopology, plane_pitch_um: float, guide_pitch_um: float
) -> HeaterDrive:
    """The heaters over a mesh's driven sections; pitches from plane to plane along the guides, and from guide to guide.

    Raises BadInput for heaters that overlap, or so close that no set of powers gives every set of phases.
    """
    everywhere = model.crosstalk_matrix(section_positions(topology, plane_pitch_um, guide_pitch_um))
    coupling = everywhere[:, topology.shifter_at]
    folded = topology.as_driven(coupling)
    lowest = float(np.linalg.eigvals(folded).real.min())
    if lowest <= 0.0:
        expected = "heaters far enough apart that their powers determine the phases"
        raise BadInput("heater positions", expected, f"a lowest eigenvalue of {lowest:.3g}", "Move them apart.")
    return HeaterDrive(model.radians_per_mw(wavelength_um), coupling, folded)


def section_positions(topology: MeshTopology, plane_pitch_um: float, guide_pitch_um: float) -> Real:
    """(planes·N, 2) middles of a mesh's sections along and across the guides: plane after plane, guide above guide."""
    plane, guide = np.indices((topology.planes, topology.ports)).reshape(2, -1)
    return np.stack([plane_pitch_um * plane, guide_pitch_um * guide], axis=1)
