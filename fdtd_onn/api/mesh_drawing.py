"""A mesh's devices in their places: from topology, devices and temperatures to one drawing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fdtd_onn.errors import BadInput
from fdtd_onn.network.topology import MeshTopology
from fdtd_onn.specs.device import Assembly, Coupler, GratingTap, PhaseShifter, SBend, Straight
from fdtd_onn.specs.device.assembly import Part

MeshPart: TypeAlias = Straight | SBend | PhaseShifter | Coupler | GratingTap
#: Devices side by side, equally long, each with the height of its middle.
Stage: TypeAlias = Sequence[tuple[MeshPart, float]]

_SAME_UM = 1e-9


@dataclass(frozen=True, eq=False)
class MeshPlan:
    """What a mesh is drawn from.

    sections: in series per shifter. tap: behind every shifter, if any. monitored_um: length of a straight guide there,
    in whose middle runs read the waves, plane by plane and in each plane from the lowest guide up; none for 0.
    guide_pitch_um: between guides, which S-bends as tight as the coupler's own bring to its pitch; None: that pitch.
    plane_pitch_um: from one plane of shifters to the next, filled up with straight guides; None: no more than it takes.
    """

    topology: MeshTopology
    coupler: Coupler
    shifter: PhaseShifter
    sections: int = 1
    tap: GratingTap | None = None
    monitored_um: float = 0.0
    guide_pitch_um: float | None = None
    plane_pitch_um: float | None = None

    @property
    def heights_um(self) -> NDArray[np.float64]:
        """(N,) of the guides, the lowest first, their middle at 0."""
        pitch = self.coupler.parameters.pitch_um if self.guide_pitch_um is None else self.guide_pitch_um
        return pitch * (np.arange(self.topology.ports) - 0.5 * (self.topology.ports - 1))


def draw_mesh(name: str, plan: MeshPlan, delta_t_k: ArrayLike) -> Assembly:
    """All guides of a mesh, its middle at the origin.

    delta_t_k: (phases,) of every driven shifter, in the topology's order; all other sections are cold.
    Raises BadInput if there is not one temperature per phase, or if a pitch is too short for the devices.
    """
    on_guides = _on_guides(plan.topology, np.asarray(delta_t_k, dtype=float))
    stages: list[Stage] = []
    for plane in range(plan.topology.planes):
        shifters = _shifters(plan, on_guides[plane])
        couplers = _couplers(plan, plane) if plane < plan.topology.planes - 1 else []
        filled = _filled(name, plan, [*shifters, *couplers]) if couplers else []
        stages += [*shifters, *filled, *couplers]
    return Assembly.model_validate(
        {
            "kind": "assembly",
            "name": name,
            "summary": f"Mesh of {plan.topology.ports} guides, {plan.coupler.name} and {plan.shifter.name}, whole",
            "source": f"Drawn from {plan.coupler.name} and {plan.shifter.name}",
            "parameters": {"parts": _in_a_row(stages, plan.monitored_um)},
            **_film(plan.coupler),
        }
    )


def straight_like(device: Coupler, length_um: float) -> Straight:
    """A straight guide as wide as a device's, in the same film."""
    p = {"width_um": device.parameters.width_um, "length_um": length_um}
    return Straight.model_validate(_like(device, "straight", f"straight_{length_um:g}um", p, ("x", "y")))


def _bend_like(device: Coupler, offset_um: float) -> SBend:
    """An S-bend with the least radius of a coupler's own, which goes with offset over length squared."""
    p = device.parameters
    own = 0.5 * (p.pitch_um - p.width_um - p.gap_um)
    length = 2.0 * round(0.5 * p.bend_length_um * sqrt(abs(offset_um) / own), 3)  # both ends on a grid of 1 nm
    shape = {"width_um": p.width_um, "length_um": length, "offset_um": offset_um}
    return SBend.model_validate(_like(device, "s_bend", f"s_bend_{offset_um:g}um", shape, ("rotation",)))


def _like(
    device: Coupler, kind: str, name: str, parameters: Mapping[str, float], symmetries: Sequence[str]
) -> dict[str, Any]:
    made = {"kind": kind, "name": name, "source": f"Guide of {device.name}", "parameters": parameters}
    return made | {"symmetries": symmetries} | _film(device)


def _film(device: Coupler) -> dict[str, Any]:
    names = ("polarization", "dimensions", "plane", "materials", "stack", "wavelengths")
    return {name: getattr(device, name) for name in names}


def _on_guides(topology: MeshTopology, delta_t_k: NDArray[np.float64]) -> NDArray[np.float64]:
    """(planes, N) temperatures, 0 where nothing is driven."""
    count = topology.shifter_guide.size
    if delta_t_k.shape != (count,):
        cure = "Give one for every driven shifter, in the topology's order."
        raise BadInput("delta_t_k", f"{count} temperatures", f"shape {delta_t_k.shape}", cure)
    on_guides = np.zeros((topology.planes, topology.ports))
    on_guides[topology.shifter_plane, topology.shifter_guide] = delta_t_k
    return on_guides


def _shifters(plan: MeshPlan, delta_t_k: NDArray[np.float64]) -> list[Stage]:
    warm = [plan.shifter.with_parameters(delta_t_k=float(t)) for t in delta_t_k]
    stages: list[Stage] = [list(zip(warm, plan.heights_um.tolist(), strict=True))] * plan.sections
    if plan.tap is not None:
        stages.append([(plan.tap, float(y)) for y in plan.heights_um])
    if plan.monitored_um > 0.0:
        stages.append(_straights(plan, plan.monitored_um))
    return stages


def _straights(plan: MeshPlan, length_um: float) -> Stage:
    return [(straight_like(plan.coupler, length_um), float(y)) for y in plan.heights_um]


def _couplers(plan: MeshPlan, plane: int) -> list[Stage]:
    """The couplers behind a plane of shifters with S-bends to and from them, and straight guides beside them."""
    heights, pitch = plan.heights_um, plan.coupler.parameters.pitch_um
    lower = plan.topology.coupler_guide[plan.topology.coupler_plane == plane]
    idle = sorted(set(range(plan.topology.ports)) - {*lower, *(lower + 1)})
    middles = [float(heights[k : k + 2].mean()) for k in lower]
    inwards = 0.5 * float(heights[1] - heights[0] - pitch)

    def stage(devices: Stage) -> Stage:
        beside = straight_like(plan.coupler, _length_um(devices[0][0]))
        return [*devices, *((beside, float(heights[k])) for k in idle)]

    coupled = stage([(plan.coupler, y) for y in middles])
    if abs(inwards) < _SAME_UM:
        return [coupled]
    # On either side of a pair's middle, half-way between the guides' heights and the coupler's ports.
    places = [(side, y + side * 0.5 * (pitch + inwards)) for y in middles for side in (-1, 1)]
    closing = stage([(_bend_like(plan.coupler, -side * inwards), y) for side, y in places])
    opening = stage([(_bend_like(plan.coupler, side * inwards), y) for side, y in places])
    return [closing, coupled, opening]


def _filled(name: str, plan: MeshPlan, stages: Sequence[Stage]) -> list[Stage]:
    """Straight guides to fill a plane up to the planes' pitch, if there is one."""
    taken = sum(_length_um(stage[0][0]) for stage in stages)
    if plan.plane_pitch_um is None or abs(plan.plane_pitch_um - taken) < _SAME_UM:
        return []
    if plan.plane_pitch_um < taken:
        expected = f"plane_pitch_um of {taken:g} or more: what shifter and coupler take"
        raise BadInput(name, expected, f"{plan.plane_pitch_um:g}", "Lengthen it, or take shorter devices.")
    return [_straights(plan, round(plan.plane_pitch_um - taken, 9))]


def _in_a_row(stages: Sequence[Stage], monitored_um: float) -> list[Part]:
    """Parts stage by stage from the left, their middle at the origin."""
    lengths = [_length_um(stage[0][0]) for stage in stages]
    starts = np.cumsum([0.0, *lengths]) - round(0.5 * sum(lengths), 3)
    return [
        Part(
            device=device,
            x_um=round(float(start) + 0.5 * length, 9),
            y_um=round(y, 9),
            monitored=device.kind == "straight" and length == monitored_um,
        )
        for stage, start, length in zip(stages, starts, lengths, strict=False)
        for device, y in stage
    ]


def _length_um(device: MeshPart) -> float:
    if isinstance(device, Coupler):
        return device.parameters.length_um + 2.0 * device.parameters.bend_length_um
    if isinstance(device, GratingTap):
        return device.parameters.row_um + 2.0 * device.parameters.access_um
    return device.parameters.length_um
