"""From a device specification to its geometry. The origin is the centre of the device's box."""

from __future__ import annotations

from functools import singledispatch

import numpy as np

from fdtd_onn.geometry.shapes import Geometry, PortPlacement, Region, rectangle, ribbon, s_path
from fdtd_onn.specs.device import Absorber, AnyDevice, Coupler, PhaseShifter, SBend, Straight


@singledispatch
def geometry(device: AnyDevice, extension_um: float) -> Geometry:
    """Geometry of a device whose guides run on by `extension_um` (µm) beyond the reference plane of every port."""
    raise TypeError(f"no geometry for {type(device).__name__}")


@geometry.register
def _(device: Straight, extension_um: float) -> Geometry:
    p = device.parameters
    half = 0.5 * p.length_um
    guide = _bar(-half - extension_um, half + extension_um, p.width_um, device.materials.core.index, "core")
    return _inline(device, (guide,), half, p.width_um)


@geometry.register
def _(device: PhaseShifter, extension_um: float) -> Geometry:
    p = device.parameters
    heated = device.materials.core.index + p.dn_dt_per_k * p.delta_t_k
    return _section(device, p.length_um, p.width_um, heated, "heated core", extension_um)


@geometry.register
def _(device: Absorber, extension_um: float) -> Geometry:
    p = device.parameters
    return _section(device, p.length_um, p.width_um, device.materials.core.index, "absorber", extension_um)


@geometry.register
def _(device: SBend, extension_um: float) -> Geometry:
    p = device.parameters
    half, rise = 0.5 * p.length_um, 0.5 * p.offset_um
    path, slope, arc = s_path(p.length_um, p.offset_um)
    path = path - (half, rise)
    centre = np.concatenate([[(-half - extension_um, -rise)], path, [(half + extension_um, rise)]])
    guide = ribbon(centre, np.concatenate([[0.0], slope, [0.0]]), p.width_um, device.materials.core.index, "core")
    ports = (
        PortPlacement("o1", -half, -rise, -1, p.width_um, 0.5 * arc),
        PortPlacement("o2", half, rise, 1, p.width_um, 0.5 * arc),
    )
    edge = abs(rise) + 0.5 * p.width_um
    return Geometry((guide,), device.materials.cladding.index, ports, (-half, half), (-edge, edge))


@geometry.register
def _(device: Coupler, extension_um: float) -> Geometry:
    p = device.parameters
    inner = 0.5 * (p.width_um + p.gap_um)
    outer = 0.5 * p.pitch_um
    path, slope, arc = s_path(p.bend_length_um, outer - inner)
    half = 0.5 * p.length_um + p.bend_length_um
    # Upper guide from right to left half by mirror symmetry; the lower one by mirroring in y.
    right = path + np.array([0.5 * p.length_um, inner])
    left = right[::-1] * (-1.0, 1.0)
    x_end = half + extension_um
    centre = np.concatenate([[(-x_end, outer)], left, right, [(x_end, outer)]])
    slopes = np.concatenate([[0.0], -slope[::-1], slope, [0.0]])
    if p.length_um == 0.0:
        centre, slopes = np.delete(centre, len(left), axis=0), np.delete(slopes, len(left))
    n = device.materials.core.index
    upper = ribbon(centre, slopes, p.width_um, n, "core")
    lower = ribbon(centre * (1.0, -1.0), -slopes, p.width_um, n, "core")
    length = arc + 0.5 * p.length_um
    ports = (
        PortPlacement("o1", -half, -outer, -1, p.width_um, length),
        PortPlacement("o2", -half, outer, -1, p.width_um, length),
        PortPlacement("o3", half, outer, 1, p.width_um, length),
        PortPlacement("o4", half, -outer, 1, p.width_um, length),
    )
    edge = outer + 0.5 * p.width_um
    return Geometry((lower, upper), device.materials.cladding.index, ports, (-half, half), (-edge, edge))


def _bar(x0: float, x1: float, width_um: float, index: float, role: str) -> Region:
    return rectangle(x0, x1, -0.5 * width_um, 0.5 * width_um, index, role)


def _section(
    device: AnyDevice, length_um: float, width_um: float, index: float, role: str, extension_um: float
) -> Geometry:
    """A piece of another index or role in a straight guide that runs on at both ends."""
    half, n = 0.5 * length_um, device.materials.core.index
    regions = (
        _bar(-half - extension_um, -half, width_um, n, "core"),
        _bar(-half, half, width_um, index, role),
        _bar(half, half + extension_um, width_um, n, "core"),
    )
    return _inline(device, regions, half, width_um)


def _inline(device: AnyDevice, regions: tuple[Region, ...], half: float, width_um: float) -> Geometry:
    """A device along one straight guide, ports o1 (left) and o2 (right)."""
    ports = (
        PortPlacement("o1", -half, 0.0, -1, width_um, half),
        PortPlacement("o2", half, 0.0, 1, width_um, half),
    )
    y_range = (-0.5 * width_um, 0.5 * width_um)
    return Geometry(regions, device.materials.cladding.index, ports, (-half, half), y_range)
