"""Single guides. The origin is the centre of each device's box."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fdtd_onn.geometry.paths import bend_path, ribbon, s_path
from fdtd_onn.geometry.shapes import Geometry, PortPlacement, Region, Stretch, rectangle
from fdtd_onn.specs.device import (
    Absorber,
    Bend,
    GratingTap,
    Heater,
    PhaseShifter,
    SBend,
    Straight,
    StripPlacement,
    Taper,
)


def straight(device: Straight | Heater, extension_um: float) -> Geometry:
    """One bar; of a heater, the guide under it."""
    p = device.parameters
    half = 0.5 * p.length_um
    guide = _bar(-half - extension_um, half + extension_um, p.width_um, device.materials.core.index, "core")
    return _inline(device, (guide,), half, (p.width_um, p.width_um), Stretch(half))


def taper(device: Taper, extension_um: float) -> Geometry:
    """A trapezoid between two bars."""
    p = device.parameters
    half = 0.5 * p.length_um
    edge = 0.5 * np.array([p.width_start_um, p.width_start_um, p.width_stop_um, p.width_stop_um])
    x = np.array([-half - extension_um, -half, half, half + extension_um])
    outline = np.stack([np.concatenate([x, x[::-1]]), np.concatenate([-edge, edge[::-1]])], axis=1)
    guide = Region(outline, device.materials.core.index, "core")
    return _inline(device, (guide,), half, (p.width_start_um, p.width_stop_um), Stretch(half, None))


def phase_shifter(device: PhaseShifter, extension_um: float) -> Geometry:
    """A bar of which a part is heated."""
    p = device.parameters
    heated = device.materials.core.index + p.dn_dt_per_k * p.delta_t_k
    return _section(device, heated, "heated core", extension_um)


def absorber(device: Absorber, extension_um: float) -> Geometry:
    """A bar of which a part absorbs, or with a strip that does; a layer on it is added to the upright plane."""
    if isinstance(device.placement, StripPlacement):
        return _with_strip(device, device.placement, extension_um)
    role = "absorber" if device.placement.kind == "core" else "core"
    return _section(device, device.materials.core.index, role, extension_um)


def _with_strip(device: Absorber, strip: StripPlacement, extension_um: float) -> Geometry:
    """A strip over the section's length, and what it leaves of the core; the box stays centred on the guide."""
    width, half, n = device.parameters.width_um, 0.5 * device.parameters.length_um, device.materials.core.index
    low, high = strip.offset_um - 0.5 * strip.width_um, strip.offset_um + 0.5 * strip.width_um
    left = ((-0.5 * width, min(low, 0.5 * width)), (max(high, -0.5 * width), 0.5 * width))
    section = [rectangle(-half, half, low, high, strip.index, "absorber")]
    section += [rectangle(-half, half, a, b, n, "core") for a, b in left if b > a]
    end = half + extension_um
    leads = [_bar(-end, -half, width, n, "core"), _bar(half, end, width, n, "core")] if extension_um > 0.0 else []
    edge = max(0.5 * width, abs(low), abs(high))
    drawn = _inline(device, (*section, *leads), half, (width, width), Stretch(half))
    return replace(drawn, y_range_um=(-edge, edge))


def grating_tap(device: GratingTap, extension_um: float) -> Geometry:
    """A bar with a row of grooves, which end below the film's top."""
    p, stack, index = device.parameters, device.stack_in_use, device.materials.core.index
    row, half = 0.5 * p.row_um, 0.5 * p.row_um + p.access_um
    end = half + extension_um
    widths = (p.width_um, p.width_um)
    if p.etch_um == 0.0:
        return _inline(device, (_bar(-end, end, p.width_um, index, "core"),), half, widths, Stretch(half))
    starts = -row + p.period_um * np.arange(p.grooves)
    edges = np.stack([starts, starts + (1.0 - p.duty) * p.period_um], axis=1)
    floor = (stack.slab_um, stack.thickness_um - p.etch_um)
    grooves = [replace(_bar(a, b, p.width_um, index, "groove"), z_range_um=floor) for a, b in edges]
    standing = np.concatenate([[-end], edges.ravel(), [end]]).reshape(-1, 2)
    teeth = [_bar(a, b, p.width_um, index, "core") for a, b in standing]
    return _inline(device, (*teeth, *grooves), half, widths, Stretch(half))


def s_bend(device: SBend, extension_um: float) -> Geometry:
    """A guide shifted sideways."""
    p = device.parameters
    half, rise = 0.5 * p.length_um, 0.5 * p.offset_um
    path = s_path(p.length_um, p.offset_um).moved(-half, -rise)
    guide = ribbon(path.extended(extension_um, extension_um), p.width_um, device.materials.core.index, "core")
    slanted = (Stretch(0.5 * path.length_um, None),)
    ports = (
        PortPlacement("o1", -half, -rise, -1, p.width_um, slanted),
        PortPlacement("o2", half, rise, 1, p.width_um, slanted),
    )
    edge = abs(rise) + 0.5 * p.width_um
    return Geometry((guide,), device.materials.cladding.index, ports, (-half, half), (-edge, edge))


def bend(device: Bend, extension_um: float) -> Geometry:
    """A guide turned from +x to +y."""
    p = device.parameters
    path = bend_path(p.radius_um, 0.0 if p.euler_fraction is None else p.euler_fraction)
    half = 0.5 * (p.radius_um + 0.5 * p.width_um)
    start_y, stop_x = 0.5 * p.width_um - half, p.radius_um - half
    centre = path.moved(-half, start_y).extended(extension_um, extension_um)
    guide = ribbon(centre, p.width_um, device.materials.core.index, "core")
    slanted = (Stretch(0.5 * path.length_um, None),)
    ports = (
        PortPlacement("o1", -half, start_y, -1, p.width_um, slanted),
        PortPlacement("o2", stop_x, half, 1, p.width_um, slanted, axis="y"),
    )
    return Geometry((guide,), device.materials.cladding.index, ports, (-half, half), (-half, half))


def _bar(x0: float, x1: float, width_um: float, index: float, role: str) -> Region:
    return rectangle(x0, x1, -0.5 * width_um, 0.5 * width_um, index, role)


def _section(device: PhaseShifter | Absorber, index: float, role: str, extension_um: float) -> Geometry:
    """A piece of another index or role in a straight guide that runs on at both ends."""
    width, half, n = device.parameters.width_um, 0.5 * device.parameters.length_um, device.materials.core.index
    middle = Stretch(half, index_step=index - n)
    section, end = _bar(-half, half, width, index, role), half + extension_um
    if extension_um == 0.0:
        return _inline(device, (section,), half, (width, width), middle)
    before, after = _bar(-end, -half, width, n, "core"), _bar(half, end, width, n, "core")
    return _inline(device, (before, section, after), half, (width, width), middle)


def _inline(
    device: Straight | Taper | PhaseShifter | Heater | Absorber | GratingTap,
    regions: tuple[Region, ...],
    half: float,
    widths_um: tuple[float, float],
    middle: Stretch,
) -> Geometry:
    """A device along one straight guide, ports o1 (left) and o2 (right); middle: between each and the middle."""
    ports = (
        PortPlacement("o1", -half, 0.0, -1, widths_um[0], (middle,)),
        PortPlacement("o2", half, 0.0, 1, widths_um[1], (middle,)),
    )
    edge = 0.5 * max(widths_um)
    return Geometry(regions, device.materials.cladding.index, ports, (-half, half), (-edge, edge))
