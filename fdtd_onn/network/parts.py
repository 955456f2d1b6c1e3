"""The compiled parts of one mesh, with all entries of their S; a mesh in transmission, or its circuit, made of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from fdtd_onn.network.circuit import Wiring, wire
from fdtd_onn.network.circuit_layer import CircuitLayer, turned
from fdtd_onn.network.mesh import GuideTransfer, Mesh, coupler_scattering, plain_guides, transmission
from fdtd_onn.network.models import Complex, Real, ScatteringModel, TapModel
from fdtd_onn.network.phase_shifter import PhaseShifter
from fdtd_onn.network.shifter_bank import ShifterBank, equal_shifters
from fdtd_onn.network.shifter_scattering import shifter_scattering
from fdtd_onn.network.topology import MeshTopology

TWO_PORT, FOUR_PORT = ("o1", "o2"), ("o1", "o2", "o3", "o4")


@dataclass(frozen=True, eq=False)
class MeshParts:
    """couplers: (K, 4, 4), S of each, ports o1 to o4. tap: S of the tap behind every phase shifter, None without taps.

    shifter: what `shifter_model` and its `sections` in series do at `wavelength_um`.
    phase_errors: (planes, N) phases in rad that the sections are off; None for parts as drawn.
    """

    topology: MeshTopology
    wavelength_um: float
    couplers: Complex
    shifter_model: ScatteringModel
    sections: int
    shifter: PhaseShifter
    phase_errors: Real | None
    tap: Complex | None

    @property
    def errors(self) -> Complex | None:
        """(planes, N) factors of the sections' transfer."""
        return None if self.phase_errors is None else np.exp(1j * self.phase_errors)


def make_parts(
    topology: MeshTopology,
    wavelength_um: float,
    coupler: ScatteringModel,
    coupler_values: Real | None,
    shifter_model: ScatteringModel,
    sections: int,
    shifter: PhaseShifter,
    phase_errors: Real | None = None,
    tap: TapModel | None = None,
) -> MeshParts:
    """Evaluate compiled models at the wavelength. Raises BadInput for unfit ones, OutOfRange outside their range."""
    couplers = coupler_scattering(coupler, wavelength_um, coupler_values, topology.coupler_guide.size)
    s_tap = None if tap is None else _tap_scattering(tap, wavelength_um)
    return MeshParts(topology, wavelength_um, couplers, shifter_model, sections, shifter, phase_errors, s_tap)


def mesh_of(parts: MeshParts) -> Mesh:
    """The mesh in transmission only."""
    places = parts.topology
    bank = equal_shifters(parts.shifter, places.planes, places.ports)
    guides = plain_guides(places)
    if parts.tap is not None:
        guides = GuideTransfer(guides.forward * parts.tap[1, 0], guides.backward * parts.tap[0, 1])
    return Mesh(places, transmission(parts.couplers), ShifterBank(bank.models, bank.which, parts.errors), guides)


def mesh_circuit(parts: MeshParts, sections: Real | None = None) -> CircuitLayer:
    """The same mesh with all reflections between its parts, those of idle phase-shifter sections and taps included.

    sections: (planes, N) phases in rad of all sections, of which the idle ones keep theirs; None for no heat in them.
    """
    places, tapped = parts.topology, parts.tap is not None
    count = places.planes * places.ports
    heat = 0.0 if sections is None else float(sections.max())
    whole = shifter_scattering(parts.shifter_model, parts.shifter, parts.wavelength_um, parts.sections, heat)
    errors = np.ones(count, dtype=complex) if parts.errors is None else parts.errors.ravel()
    idle = whole.s(np.zeros(count) if sections is None else sections.ravel()) * turned(errors)
    taps = np.empty(0, dtype=complex) if parts.tap is None else np.tile(parts.tap.ravel(), count)
    driven = places.shifter_plane * places.ports + places.shifter_guide
    return CircuitLayer(
        _wiring(places, tapped),
        np.concatenate([idle.ravel(), taps, parts.couplers.ravel()]),
        driven,
        (whole,),
        np.zeros_like(driven),
        errors[driven],
    )


def _wiring(topology: MeshTopology, tapped: bool) -> Wiring:
    """Nodes in the order of shifters, taps and couplers; shifters and taps plane by plane."""
    sections = [f"{plane}_{guide}" for plane in range(topology.planes) for guide in range(topology.ports)]
    kinds = ("shifter", "tap") if tapped else ("shifter",)
    nodes: dict[str, tuple[str, ...]] = {f"{kind}_{section}": TWO_PORT for kind in kinds for section in sections}
    nodes |= {f"coupler_{number}": FOUR_PORT for number in range(topology.coupler_guide.size)}
    guides = [_along(topology, tapped, guide) for guide in range(topology.ports)]
    joints = [(left, right) for stations in guides for (_, left), (right, _) in pairwise(stations)]
    return wire(nodes, joints, [stations[0][0] for stations in guides], [stations[-1][1] for stations in guides])


def _along(topology: MeshTopology, tapped: bool, guide: int) -> list[tuple[str, str]]:
    """The port that light enters and the one that it leaves, of every part along one guide."""
    stations = []
    for plane in range(topology.planes):
        stations.append((f"shifter_{plane}_{guide}.o1", f"shifter_{plane}_{guide}.o2"))
        if tapped:
            stations.append((f"tap_{plane}_{guide}.o1", f"tap_{plane}_{guide}.o2"))
        for number in np.flatnonzero(topology.coupler_plane == plane).tolist():
            lower = int(topology.coupler_guide[number])
            if guide in (lower, lower + 1):
                enter, leave = ("o1", "o4") if guide == lower else ("o2", "o3")
                stations.append((f"coupler_{number}.{enter}", f"coupler_{number}.{leave}"))
    return stations


def _tap_scattering(tap: TapModel, wavelength_um: float) -> Complex:
    order = [tap.outputs.index(port) for port in TWO_PORT]
    return tap.s_matrix(wavelength_um)[np.ix_(order, order)]
