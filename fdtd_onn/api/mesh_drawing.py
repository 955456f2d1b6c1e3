"""A mesh's devices in their places: from topology, devices and temperatures to one drawing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fdtd_onn.errors import BadInput
from fdtd_onn.network.topology import MeshTopology
from fdtd_onn.specs.device import Assembly, Coupler, PhaseShifter, Straight, device_adapter
from fdtd_onn.specs.device.assembly import Part

MeshPart: TypeAlias = Straight | PhaseShifter | Coupler


def draw_mesh(
    name: str,
    topology: MeshTopology,
    coupler: Coupler,
    shifter: PhaseShifter,
    delta_t_k: ArrayLike,
    sections: int = 1,
    monitored_um: float = 0.0,
) -> Assembly:
    """All guides of a mesh, its middle at the origin, guides at the coupler's pitch.

    delta_t_k: (phases,) of every driven shifter, in the topology's order; all other sections are cold. sections: in
    series per shifter. monitored_um: length of a straight guide behind every shifter, in whose middle runs read the
    waves, plane by plane and in each plane from the lowest guide up; none for 0.
    Raises BadInput if there is not one temperature per phase, or if the two devices' films differ.
    """
    on_guides = _on_guides(topology, np.asarray(delta_t_k, dtype=float))
    heights = coupler.parameters.pitch_um * (np.arange(topology.ports) - 0.5 * (topology.ports - 1))
    planes: list[list[tuple[MeshPart, float]]] = []
    for plane in range(topology.planes):
        warm = [shifter.with_parameters(delta_t_k=float(t)) for t in on_guides[plane]]
        planes += [list(zip(warm, heights, strict=True))] * sections
        if monitored_um > 0.0:
            planes.append([(straight_like(coupler, monitored_um), float(y)) for y in heights])
        if plane < topology.planes - 1:
            planes.append(_couplers(topology, plane, coupler, heights))
    return Assembly.model_validate(
        {
            "kind": "assembly",
            "name": name,
            "summary": f"Mesh of {topology.ports} guides, {coupler.name} and {shifter.name}, drawn whole",
            "source": f"Drawn from {coupler.name} and {shifter.name}",
            "parameters": {"parts": _in_a_row(planes, monitored_um)},
            **_film(coupler),
        }
    )


def straight_like(device: Coupler, length_um: float) -> Straight:
    """A straight guide as wide as a device's, in the same film."""
    film = {name: value for name, value in _film(device).items() if value is not None}
    data = {
        "kind": "straight",
        "name": f"straight_{length_um:g}um",
        "source": f"Guide of {device.name}",
        "parameters": {"width_um": device.parameters.width_um, "length_um": length_um},
        "symmetries": ["x", "y"],
        **film,
    }
    made = device_adapter.validate_python(data)
    assert isinstance(made, Straight)
    return made


def _film(device: Coupler) -> dict[str, object]:
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


def _couplers(
    topology: MeshTopology, plane: int, coupler: Coupler, heights: NDArray[np.float64]
) -> list[tuple[MeshPart, float]]:
    """The couplers behind a plane of shifters, and straight guides as long beside them."""
    p, lower = coupler.parameters, topology.coupler_guide[topology.couplers_behind(plane)]
    coupled: list[tuple[MeshPart, float]] = [(coupler, float(heights[k : k + 2].mean())) for k in lower]
    idle = straight_like(coupler, p.length_um + 2.0 * p.bend_length_um)
    beside = sorted(set(range(topology.ports)) - {*lower, *(lower + 1)})
    return coupled + [(idle, float(heights[k])) for k in beside]


def _in_a_row(planes: Sequence[Sequence[tuple[MeshPart, float]]], monitored_um: float) -> list[Part]:
    """Parts plane by plane from the left, their middle at the origin."""
    lengths = [_length_um(plane[0][0]) for plane in planes]
    starts = np.cumsum([0.0, *lengths]) - 0.5 * sum(lengths)
    return [
        Part(
            device=device,
            x_um=round(float(start) + 0.5 * length, 9),
            y_um=y,
            monitored=device.kind == "straight" and device.parameters.length_um == monitored_um,
        )
        for plane, start, length in zip(planes, starts, lengths, strict=False)
        for device, y in plane
    ]


def _length_um(device: MeshPart) -> float:
    if isinstance(device, Coupler):
        return device.parameters.length_um + 2.0 * device.parameters.bend_length_um
    return device.parameters.length_um
