"""A mesh's devices in their places: from topology, devices and temperatures to one drawing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import ValidationError

from fdtd_onn.errors import BadInput
from fdtd_onn.geometry.stages import Stage, StageDevice, starts_um
from fdtd_onn.network.topology import MeshTopology
from fdtd_onn.specs.device import Assembly, Coupler, GratingTap, PhaseShifter, SBend, Straight
from fdtd_onn.specs.device.assembly import Part

MOST_PARTS = 10_000  # as many as an assembly may have
_SAME_UM = 1e-9
_LONGEST_STRAIGHT_UM = 2000.0


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
    """All guides of a mesh as one device for full-wave runs, its middle at the origin.

    delta_t_k: (phases,) of every driven shifter, in the topology's order; all other sections are cold.
    Raises BadInput as `mesh_stages`, and for more parts than a device may have.
    """
    stages = mesh_stages(name, plan, delta_t_k)
    count = sum(len(stage.devices) for stage in stages)
    if count > MOST_PARTS:
        cure = "Take fewer ports or sections; a mask (`fdtd-onn export`) may have more."
        raise BadInput(name, f"at most {MOST_PARTS} parts in one full-wave run", count, cure)
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


def mesh_stages(name: str, plan: MeshPlan, delta_t_k: ArrayLike) -> tuple[Stage, ...]:
    """A mesh from left to right; stages that are alike are the same object. Arguments as `draw_mesh`.

    Raises BadInput if there is not one temperature per phase, for devices of different widths or films, and for pitches
    that do not fit the devices.
    """
    _require_one_guide(name, plan)
    _require_guides_apart(name, plan)
    on_guides = _on_guides(plan.topology, np.asarray(delta_t_k, dtype=float))
    heated: dict[tuple[float, ...], list[Stage]] = {}
    crossed: dict[tuple[int, ...], list[Stage]] = {}
    stages: list[Stage] = []
    for plane, temperatures in enumerate(on_guides):
        warmth = tuple(temperatures.tolist())
        if warmth not in heated:
            heated[warmth] = _shifters(plan, warmth)
        stages += heated[warmth]
        lower = tuple(plan.topology.coupler_guide[plan.topology.coupler_plane == plane].tolist())
        if lower and lower not in crossed:
            couplers = _couplers(plan, lower)
            crossed[lower] = [*_filled(name, plan, [*heated[warmth], *couplers]), *couplers]
        stages += crossed[lower] if lower else []
    return tuple(stages)


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


def _require_one_guide(name: str, plan: MeshPlan) -> None:
    """Refuse devices whose guides do not meet, or that are not in one film."""
    width, film = plan.coupler.parameters.width_um, "stack" if plan.coupler.uses_stack else "materials"
    for device in (plan.shifter, plan.tap):
        if device is None:
            continue
        if abs(device.parameters.width_um - width) > _SAME_UM:
            expected = f"guides {width:g} µm wide, as those of {plan.coupler.name}"
            got = f"{device.parameters.width_um:g} µm in {device.name}"
            raise BadInput(name, expected, got, "Give both devices one width_um.")
        if device.polarization != plan.coupler.polarization or getattr(device, film) != getattr(plan.coupler, film):
            expected = f"devices of one film: the polarization and {film} of {plan.coupler.name}"
            raise BadInput(name, expected, f"others in {device.name}", "Change one of the devices.")


def _require_guides_apart(name: str, plan: MeshPlan) -> None:
    """Refuse guides nearer than the couplers' ports, which would bring neighbouring couplers together, or too far."""
    if plan.guide_pitch_um is None:
        return
    least = plan.coupler.parameters.pitch_um
    if plan.guide_pitch_um < least - _SAME_UM:
        expected = f"guide_pitch_um of {least:g} or more: the pitch_um of {plan.coupler.name}"
        raise BadInput(name, expected, f"{plan.guide_pitch_um:g}", "Move the guides apart.")
    try:
        _bends(plan)
    except ValidationError as error:
        expected = f"a guide_pitch_um that S-bends reach from the couplers' {least:g} (offset below 100 µm)"
        raise BadInput(name, expected, f"{plan.guide_pitch_um:g}", "Move the guides nearer.") from error


def _shifters(plan: MeshPlan, delta_t_k: Sequence[float]) -> list[Stage]:
    """One plane: its sections in series, the same stage again and again, and what follows them."""
    warm = {t: plan.shifter.with_parameters(delta_t_k=t) for t in delta_t_k}
    heights = plan.heights_um.tolist()
    stages = [Stage(tuple((warm[t], y) for t, y in zip(delta_t_k, heights, strict=True)))] * plan.sections
    if plan.tap is not None:
        stages.append(Stage(tuple((plan.tap, y) for y in heights)))
    if plan.monitored_um > 0.0:
        stages.append(_straights(plan, plan.monitored_um))
    return stages


def _straights(plan: MeshPlan, length_um: float) -> Stage:
    guide = straight_like(plan.coupler, length_um)
    return Stage(tuple((guide, y) for y in plan.heights_um.tolist()))


def _couplers(plan: MeshPlan, lower: Sequence[int]) -> list[Stage]:
    """Couplers on these lower guides with S-bends to and from them, and straight guides beside them."""
    heights, pitch = plan.heights_um, plan.coupler.parameters.pitch_um
    idle = sorted(set(range(plan.topology.ports)) - {*lower, *(k + 1 for k in lower)})
    middles = [float(heights[k : k + 2].mean()) for k in lower]

    def stage(devices: Sequence[tuple[StageDevice, float]]) -> Stage:
        beside = straight_like(plan.coupler, Stage((devices[0],)).length_um)
        return Stage((*devices, *((beside, float(heights[k])) for k in idle)))

    coupled = stage([(plan.coupler, y) for y in middles])
    bends, inwards = _bends(plan), _inwards_um(plan)
    if not bends:
        return [coupled]
    # On either side of a pair's middle, half-way between the guides' heights and the coupler's ports.
    places = [(side, y + side * 0.5 * (pitch + inwards)) for y in middles for side in (-1, 1)]
    closing = stage([(bends[-side], y) for side, y in places])
    opening = stage([(bends[side], y) for side, y in places])
    return [closing, coupled, opening]


def _inwards_um(plan: MeshPlan) -> float:
    """How far two guides each have to come to the ports of their coupler."""
    return 0.5 * float(plan.heights_um[1] - plan.heights_um[0] - plan.coupler.parameters.pitch_um)


def _bends(plan: MeshPlan) -> dict[int, SBend]:
    """S-bends that lead up (1) and down (-1); none where guides are as far apart as the couplers' ports."""
    inwards = _inwards_um(plan)
    return {} if abs(inwards) < _SAME_UM else {side: _bend_like(plan.coupler, side * inwards) for side in (-1, 1)}


def _filled(name: str, plan: MeshPlan, stages: Sequence[Stage]) -> list[Stage]:
    """Straight guides to fill a plane up to the planes' pitch, if there is one."""
    taken = sum(stage.length_um for stage in stages)
    if plan.plane_pitch_um is None or abs(plan.plane_pitch_um - taken) < _SAME_UM:
        return []
    if plan.plane_pitch_um < taken:
        expected = f"plane_pitch_um of {taken:g} or more: what shifter and coupler take"
        raise BadInput(name, expected, f"{plan.plane_pitch_um:g}", "Lengthen it, or take shorter devices.")
    whole, rest = divmod(round(plan.plane_pitch_um - taken, 9), _LONGEST_STRAIGHT_UM)
    longest = [_straights(plan, _LONGEST_STRAIGHT_UM)] * int(whole)
    return longest if rest < _SAME_UM else [*longest, _straights(plan, round(rest, 9))]


def _in_a_row(stages: Sequence[Stage], monitored_um: float) -> list[Part]:
    """Parts stage by stage from the left, their middle at the origin."""
    return [
        Part(
            device=device,
            x_um=round(start + 0.5 * stage.length_um, 9),
            y_um=round(y, 9),
            monitored=device.kind == "straight" and stage.length_um == monitored_um,
        )
        for stage, start in zip(stages, starts_um(stages), strict=True)
        for device, y in stage.devices
    ]
