"""Directional couplers and Mach–Zehnder nodes. The origin is the centre of each device's box."""

from __future__ import annotations

from dataclasses import replace

from fdtd_onn.geometry.paths import Path, ribbon, s_path
from fdtd_onn.geometry.shapes import Geometry, PortPlacement, Region, Route, Stretch, rectangle
from fdtd_onn.specs.device import Coupler, Mzi


def coupler(device: Coupler, extension_um: float) -> Geometry:
    """Two guides, mirror images of each other, each symmetric about the middle."""
    p = device.parameters
    upper = _upper_guide(device)
    guide = upper.extended(extension_um, extension_um)
    regions = tuple(
        ribbon(path, p.width_um, device.materials.core.index, "core") for path in (guide.upside_down(), guide)
    )
    return _two_by_two(device, regions, 0.5 * p.length_um + p.bend_length_um, _half_coupler(device, upper))


def mzi(device: Mzi, extension_um: float) -> Geometry:
    """Two couplers in a row and straight arms between them, the lower one heated over its whole length."""
    p, n = device.parameters, device.materials.core.index
    arm, outer = 0.5 * p.arm_length_um, 0.5 * p.pitch_um
    centre = arm + 0.5 * p.length_um + p.bend_length_um  # of the coupler on the right
    right = _upper_guide(device).moved(centre, 0.0)
    upper = right.left_right().then(right)
    below = right.upside_down().extended(0.0, extension_um)
    heated = n + p.dn_dt_per_k * p.arm_delta_t_k
    half_width = 0.5 * p.width_um
    regions = (
        ribbon(below.left_right(), p.width_um, n, "core"),
        rectangle(-arm, arm, -outer - half_width, -outer + half_width, heated, "heated core"),
        ribbon(below, p.width_um, n, "core"),
        ribbon(upper.extended(extension_um, extension_um), p.width_um, n, "core"),
    )
    whole = (*_half_coupler(device, right), *reversed(_half_coupler(device, right)))
    # Light of every port goes through both arms: half of what one is warmer counts for each.
    return _two_by_two(device, regions, 2.0 * centre - arm, (*whole, Stretch(arm, index_step=0.5 * (heated - n))))


def _upper_guide(device: Coupler | Mzi) -> Path:
    """Centre line of a coupler's upper guide from port to port."""
    p = device.parameters
    inner, outer = 0.5 * (p.width_um + p.gap_um), 0.5 * p.pitch_um
    right = s_path(p.bend_length_um, outer - inner).moved(0.5 * p.length_um, inner)
    return right.left_right().then(right)


def _half_coupler(device: Coupler | Mzi, upper: Path) -> Route:
    """From a lower port to the middle of a coupler with this upper guide: a slanted piece, and one nearer the other."""
    p = device.parameters
    straight = 0.5 * p.length_um
    inwards = 0.5 * (p.pitch_um - p.width_um - p.gap_um)
    return Stretch(0.5 * upper.length_um - straight, None), Stretch(straight, inwards)


def _two_by_two(device: Coupler | Mzi, regions: tuple[Region, ...], half: float, route: Route) -> Geometry:
    """Ports o1 (lower left), o2 (upper left), o3 (upper right), o4 (lower right) at the couplers' pitch."""
    width, outer = device.parameters.width_um, 0.5 * device.parameters.pitch_um
    upper = tuple(s if s.shift_um is None else replace(s, shift_um=-s.shift_um) for s in route)
    ports = (
        PortPlacement("o1", -half, -outer, -1, width, route),
        PortPlacement("o2", -half, outer, -1, width, upper),
        PortPlacement("o3", half, outer, 1, width, upper),
        PortPlacement("o4", half, -outer, 1, width, route),
    )
    edge = outer + 0.5 * width
    return Geometry(regions, device.materials.cladding.index, ports, (-half, half), (-edge, edge))
