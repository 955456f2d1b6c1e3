"""From a drawing and its stack to what is simulated: the plane of the chip, space, or an upright plane."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from fdtd_onn.errors import BadInput
from fdtd_onn.geometry.coating import coated
from fdtd_onn.geometry.devices import geometry
from fdtd_onn.geometry.gds_device import gds_in_space
from fdtd_onn.geometry.lines import crossings
from fdtd_onn.geometry.shapes import Geometry, Layer, PortPlacement, Region
from fdtd_onn.geometry.sidewalls import leaning, outline_at
from fdtd_onn.specs.device import AnyDevice, Gds
from fdtd_onn.specs.materials import Stack

_SAME_UM = 1e-9
_AIR = 1.0


@dataclass(frozen=True)
class Drawing:
    """A device to draw at any wavelength, guides running on by `extension_um`, all of it moved by `offset_um`."""

    device: AnyDevice
    extension_um: float
    offset_um: tuple[float, ...]

    def at(self, wavelength_um: float) -> Geometry:
        """The geometry with the indices of a wavelength; one and the same for all if they do not change."""
        return self._drawn(wavelength_um) if self.device.is_dispersive else self._constant

    @cached_property
    def _constant(self) -> Geometry:
        return self._drawn(self.device.centre_um)

    def _drawn(self, wavelength_um: float) -> Geometry:
        return draw(self.device, self.extension_um, wavelength_um).shifted(*self.offset_um)


def draw(device: AnyDevice, extension_um: float, wavelength_um: float | None = None) -> Geometry:
    """The device as its runs have it, guides running on by `extension_um` (µm) beyond its ports.

    wavelength_um: at which materials have their indices; the middle of the band if left out.

    Raises BadInput for a drawing that cannot be used, for walls that fold over, and for an upright plane through a
    device whose guides do not run along one line.
    """
    indices = device.indices_at(device.centre_um if wavelength_um is None else wavelength_um)
    # Whatever a section adds to the core's index, such as heat, it adds to the bulk index, and at every wavelength.
    step = indices["core"] - device.materials.core.index
    if not device.uses_stack:
        flat = geometry(device, extension_um)
        _require_full_depth(device, flat)
        regions = tuple(replace(region, index=region.index + step) for region in flat.regions)
        return replace(flat, regions=regions, cladding_index=indices["cladding"])
    if isinstance(device, Gds) and device.layers:
        films = gds_in_space(device, extension_um)
        space = replace(films, cladding_index=indices["cladding"], layers=_layers(device.stack_in_use, indices))
    else:
        space = raised(geometry(device, extension_um), device.stack_in_use, indices, step)
    return _with_room(coated(space if device.dimensions == 3 else upright(space), device))


def _require_full_depth(device: AnyDevice, flat: Geometry) -> None:
    """The chip's plane has no place for what ends below the film's top."""
    if any(region.z_range_um is not None for region in flat.regions):
        cure = "Choose dimensions = 3, or leave out what is etched."
        raise BadInput(device.name, "guides as high as the film, for runs in the plane xy", "shallow grooves", cure)


def raised(flat: Geometry, stack: Stack, indices: Mapping[str, float], core_step: float) -> Geometry:
    """The flat device as a film on z = 0, its indices higher by `core_step`: walls lean above the slab, if any."""
    cores = [replace(region, index=region.index + core_step) for region in flat.regions]
    in_slab = [replace(region, z_range_um=(0.0, stack.slab_um)) for region in cores if stack.slab_um > 0.0]
    leant = leaning(cores, stack.sidewall_deg, (stack.slab_um, stack.thickness_um))
    lowered = [
        film if core.z_range_um is None else replace(film, z_range_um=core.z_range_um)
        for core, film in zip(cores, leant, strict=True)
    ]
    return replace(
        flat,
        regions=(*in_slab, *lowered),
        cladding_index=indices["cladding"],
        layers=_layers(stack, indices),
        z_range_um=(0.0, stack.thickness_um),
    )


def _layers(stack: Stack, indices: Mapping[str, float]) -> tuple[Layer, ...]:
    """From below: wafer, substrate, slab and air, as far as the stack has them."""
    layers = []
    box = np.inf if stack.box_um is None else stack.box_um
    if "wafer" in indices:
        layers.append(Layer(indices["wafer"], (-np.inf, -box), apart=True))
    if "substrate" in indices:
        layers.append(Layer(indices["substrate"], (-box, 0.0)))
    if stack.slab_um > 0.0:
        layers.append(Layer(indices["core"], (0.0, stack.slab_um)))
    if stack.overlay_um is not None:
        layers.append(Layer(_AIR, (stack.thickness_um + stack.overlay_um, np.inf)))
    return tuple(layers)


def _with_room(drawn: Geometry) -> Geometry:
    """The box made high enough for the faces of all layers."""
    faces = [face for layer in drawn.layers for face in layer.range_um if np.isfinite(face)]
    low, high = drawn.y_range_um if drawn.z_range_um is None else drawn.z_range_um
    heights = (min([low, *faces]), max([high, *faces]))
    return replace(drawn, y_range_um=heights) if drawn.z_range_um is None else replace(drawn, z_range_um=heights)


def upright(space: Geometry) -> Geometry:
    """The plane (x, z) through the device's guide, as a plane (x, y). Raises BadInput if there is no such line."""
    if space.z_range_um is None:
        raise ValueError("an upright plane cuts a geometry in space")
    low, high = space.z_range_um
    y = _common_line(space.ports)
    middle = 0.5 * (low + high)
    return Geometry(
        regions=tuple(part for region in space.regions for part in _cut(region, y)),
        cladding_index=space.cladding_index,
        ports=tuple(replace(port, y_um=middle, width_um=high - low) for port in space.ports),
        x_range_um=space.x_range_um,
        y_range_um=(low, high),
        layers=space.layers,
    )


def _common_line(ports: Sequence[PortPlacement]) -> float:
    lines = {round(port.y_um / _SAME_UM) for port in ports}
    if len(lines) > 1 or any(port.axis != "x" for port in ports):
        places = ", ".join(f"{port.name} along {port.axis} at ({port.x_um:g}, {port.y_um:g}) µm" for port in ports)
        cure = "An upright plane holds one straight line of guides: choose plane = 'xy', or dimensions = 3."
        raise BadInput("plane", "ports on one line along x, for 'xz'", places, cure)
    return ports[0].y_um


def _cut(region: Region, y_um: float) -> list[Region]:
    """The parts of an upright plane that a region fills: trapezoids between its walls at foot and top."""
    if region.z_range_um is None:
        raise ValueError("an upright plane cuts regions in space")
    low, high = region.z_range_um
    foot, top = (crossings(outline_at(region, height), 0, y_um) for height in (low, high))
    if len(foot) != len(top):
        expected = "guides that the plane cuts at the top of the film as at its foot"
        got = f"{len(top)} pieces and {len(foot)}"
        raise BadInput("plane", expected, got, "Lower stack.sidewall_deg, or choose dimensions = 3.")
    corners = [[(a, low), (b, low), (d, high), (c, high)] for (a, b), (c, d) in zip(foot, top, strict=True)]
    return [Region(np.array(c), region.index, region.role, layer=region.layer) for c in corners]
