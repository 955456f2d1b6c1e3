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
MOST_DRIVEN = 10_000  # whose matrices, of each with all sections, take some 4 GB together


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

    def own_within_a_turn(self, phases: ArrayLike) -> Real:
        """Phases (P,) from 0 to 2π for every heater to give its own section, to the same end as `powers`.

        For drives that give no heater more than a turn. A phase whose heater would have to pass an end of its turn is
        reached a turn further on or back, the furthest first. A heater that either end would take past the other stays
        at one, and is off by at most what its own heat comes back to it as.
        """
        own = self.unfolded @ np.mod(np.asarray(phases, dtype=float), TWO_PI)
        for _turn in range(2 * own.size):
            past = np.maximum(-own, own - np.nextafter(TWO_PI, 0.0))
            furthest = int(np.argmax(past))
            if past[furthest] <= 0.0:
                break
            own = own - np.copysign(TWO_PI, own[furthest]) * self.unfolded[:, furthest]
        return np.clip(own, 0.0, np.nextafter(TWO_PI, 0.0))

    @cached_property
    def unfolded(self) -> Real:
        """(P, P) phases that heaters have to give their own sections, over those that are wanted: folded⁻¹."""
        return np.asarray(np.linalg.inv(self.folded))


def heater_drive(
    model: HeaterModel, wavelength_um: float, topology: MeshTopology, plane_pitch_um: float, guide_pitch_um: float
) -> HeaterDrive:
    """The heaters over a mesh's driven sections; pitches from plane to plane along the guides, and from guide to guide.

    Raises BadInput for more than MOST_DRIVEN, for heaters that overlap, or so close that no set of powers gives every
    set of phases.
    """
    count = topology.shifter_guide.size
    if count > MOST_DRIVEN:
        expected, cure = f"at most {MOST_DRIVEN} that warm each other", "Take fewer ports, or leave the heater out."
        raise BadInput("heaters of a mesh", expected, count, cure)
    steps = np.array([[0.0, 0.0], [plane_pitch_um, 0.0], [0.0, guide_pitch_um]])
    model.crosstalk_matrix(steps)  # refuses neighbours that overlap
    coupling = _coupling(model, topology, plane_pitch_um, guide_pitch_um)
    drive = HeaterDrive(model.radians_per_mw(wavelength_um), coupling, topology.as_driven(coupling))
    try:
        lowest = float(np.diag(drive.unfolded).min())
    except np.linalg.LinAlgError:
        lowest = 0.0
    if lowest <= 0.0:
        expected = "heaters far enough apart that their powers determine the phases"
        got = "a section that others warm as much as its own heater does"
        raise BadInput("heater positions", expected, got, "Move them apart.")
    return drive


def _coupling(model: HeaterModel, topology: MeshTopology, plane_pitch_um: float, guide_pitch_um: float) -> Real:
    """(planes·N, P) of sections on a lattice, whose distances are few."""
    along, aside = plane_pitch_um * np.arange(topology.planes), guide_pitch_um * np.arange(topology.ports)
    over_steps = model.crosstalk_at(along[:, None], aside)
    plane, guide = np.indices((topology.planes, topology.ports)).reshape(2, -1, 1)
    return over_steps[np.abs(plane - topology.shifter_plane), np.abs(guide - topology.shifter_guide)]
