"""A layout's meshes, drawn with their devices for the mask."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from fdtd_onn.api.mesh_drawing import MeshPlan, mesh_stages
from fdtd_onn.api.networks import layout_devices
from fdtd_onn.errors import BadInput
from fdtd_onn.geometry.gds_mesh import Mask, MeshDrawing, Strip, write_meshes
from fdtd_onn.geometry.stages import Stage, starts_um
from fdtd_onn.network.topology import topology
from fdtd_onn.specs.device import AnyDevice, Coupler, GratingTap, Heater, PhaseShifter
from fdtd_onn.specs.layout import Layout, MeshLayer
from fdtd_onn.specs.load import design_path, load_layout


def write_layout_gds(layout: str | Path, file: str | Path) -> Mask:
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
        kinds = ", ".join(dict.fromkeys(layer.kind for layer in spec.network.layers))
        raise BadInput(spec.name, "a mesh to draw", f"layers of kind {kinds} alone", "Export their devices instead.")
    return write_meshes(spec.name, meshes, file)


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
    stages = mesh_stages(name, plan, np.zeros(places.shifter_guide.size))
    heater = None if layer.heater is None else devices[layer.heater.device]
    if heater is None:
        return MeshDrawing(name, stages, ())
    if not isinstance(heater, Heater):
        raise BadInput(f"{where}.heater", "a heater", heater.kind, "Name another device.")
    _require_as_long(where, shifter, layer.sections, heater)
    return MeshDrawing(name, stages, _strips(plan, stages, heater))


def _require_as_long(where: str, shifter: PhaseShifter, sections: int, heater: Heater) -> None:
    """The strip lies above all sections of a shifter, and is the one that the heater's model was solved for."""
    section, wanted = shifter.parameters.length_um, heater.parameters.length_um
    if abs(sections * section - wanted) > 1e-6:
        whole = wanted / section
        one_way = f"sections = {whole:.0f}" if abs(whole - round(whole)) < 1e-9 else "other sections"
        expected = f"shifters as long as {heater.name}: {wanted:g} µm"
        got = f"{sections * section:g} µm ({sections} sections of {section:g} µm)"
        cure = f"Take {one_way}, or a heater with length_um = {sections * section:g}."
        raise BadInput(f"{where}.sections", expected, got, cure)


def _strips(plan: MeshPlan, stages: tuple[Stage, ...], heater: Heater) -> tuple[Strip, ...]:
    """One above all sections of every driven shifter."""
    of_sections = [x for x, stage in zip(starts_um(stages), stages, strict=True) if _heats(stage)]
    starts, heights = of_sections[:: plan.sections], plan.heights_um
    p, places = heater.parameters, zip(plan.topology.shifter_plane, plan.topology.shifter_guide, strict=True)
    return tuple(
        Strip(starts[plane], starts[plane] + p.length_um, float(heights[guide]), p.heater_width_um)
        for plane, guide in places
    )


def _heats(stage: Stage) -> bool:
    return isinstance(stage.devices[0][0], PhaseShifter)
