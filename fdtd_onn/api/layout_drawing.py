"""A layout's meshes, drawn with their devices for the mask."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.api.mesh_drawing import MeshPlan, draw_mesh
from fdtd_onn.api.networks import layout_devices
from fdtd_onn.errors import BadInput
from fdtd_onn.geometry.gds_mesh import MeshDrawing, Strip, write_meshes
from fdtd_onn.network.topology import MeshTopology, topology
from fdtd_onn.specs.device import AnyDevice, Assembly, Coupler, GratingTap, Heater, PhaseShifter
from fdtd_onn.specs.layout import Layout, MeshLayer
from fdtd_onn.specs.load import design_path, load_layout


def write_layout_gds(layout: str | Path, file: str | Path) -> None:
    """Draw every mesh of a layout (a file, or a name from the library) into a GDSII file.

    Shifters of several sections have these in series. Where a layer names a heater, its strip lies above each driven
    shifter, with wires and bond pads; without one there is no metal. Guides and planes of shifters are as far apart as
    the layer says, or as near as its devices allow. What is between meshes is not drawn.
    Raises BadInput, also for a layout without meshes.
    """
    spec = load_layout(layout)
    devices = layout_devices(spec, design_path(layout, "layouts").parent)
    meshes = [
        _mesh(spec, layer, f"{spec.name}_layer{i}", devices)
        for i, layer in enumerate(spec.network.layers)
        if isinstance(layer, MeshLayer)
    ]
    if not meshes:
        raise BadInput(spec.name, "a mesh to draw", "absorbers alone", "Export the absorber's device instead.")
    write_meshes(spec.name, meshes, file)


def _mesh(spec: Layout, layer: MeshLayer, name: str, devices: Mapping[str, AnyDevice]) -> MeshDrawing:
    coupler, shifter = devices[layer.coupler], devices[layer.phase_shifter]
    where = f"layout {spec.name}, {name}"
    if not isinstance(coupler, Coupler):
        raise BadInput(f"{where}.coupler", "a coupler, to be drawn", coupler.kind, "Name another device.")
    if not isinstance(shifter, PhaseShifter):
        raise BadInput(f"{where}.phase_shifter", "a phase shifter, to be drawn", shifter.kind, "Name another device.")
    if coupler.tunable is not None and layer.coupler_value is not None:
        coupler = coupler.with_parameters(**{coupler.tunable.parameter: layer.coupler_value})
    places = topology(layer.topology, spec.network.ports)
    tap = None if layer.tap is None else devices[layer.tap]
    if tap is not None and not isinstance(tap, GratingTap):
        raise BadInput(f"{where}.tap", "a grating tap", tap.kind, "Name another device.")
    plan = MeshPlan(
        topology=places,
        coupler=coupler,
        shifter=shifter,
        sections=layer.sections,
        tap=tap,
        guide_pitch_um=layer.guide_pitch_um,
        plane_pitch_um=layer.plane_pitch_um,
    )
    guides = draw_mesh(name, plan, np.zeros(places.shifter_guide.size))
    heater = None if layer.heater is None else devices[layer.heater.device]
    if heater is None:
        return MeshDrawing(guides, ())
    if not isinstance(heater, Heater):
        raise BadInput(f"{where}.heater", "a heater", heater.kind, "Name another device.")
    return MeshDrawing(guides, _strips(places, guides, shifter, layer.sections, heater))


def _strips(
    places: MeshTopology, guides: Assembly, shifter: PhaseShifter, sections: int, heater: Heater
) -> tuple[Strip, ...]:
    """One above all sections of every driven shifter."""
    length = shifter.parameters.length_um
    parts = [part for part in guides.parameters.parts if isinstance(part.device, PhaseShifter)]
    middles = np.array([(part.x_um, part.y_um) for part in parts])
    by_place = middles.reshape(places.planes, sections, places.ports, 2)
    driven: NDArray[np.float64] = by_place[places.shifter_plane, :, places.shifter_guide]
    return tuple(
        Strip(
            float(row[0, 0] - 0.5 * length),
            float(row[-1, 0] + 0.5 * length),
            float(row[0, 1]),
            heater.parameters.heater_width_um,
        )
        for row in driven
    )
