"""Multimode couplers, Y-branch and crossing, each one polygon. The origin is the centre of each device's box.

A port's `route` is the straight distance from its reference plane to the middle of the device: light in a wide body
has no guide whose length could be meant.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from fdtd_onn.geometry.paths import TOLERANCE_UM, s_path
from fdtd_onn.geometry.shapes import Geometry, PortPlacement, Region, Stretch
from fdtd_onn.specs.device import Crossing, Mmi1x2, Mmi2x2, YBranch

Floats = NDArray[np.float64]


def mmi_1x2(device: Mmi1x2, extension_um: float) -> Geometry:
    """One access in the middle of the left side, two on the right."""
    p = device.parameters
    half, pitch = 0.5 * p.body_length_um + p.taper_length_um, 0.5 * p.port_pitch_um
    right = _access(device, pitch, extension_um)
    left = _access(device, 0.0, extension_um)[3:] * (-1.0, 1.0)  # its upper edge
    upper = np.concatenate([left, _body_edge(device), right[::-1]])
    ports = (
        PortPlacement("o1", -half, 0.0, -1, p.width_um, (Stretch(half),)),
        PortPlacement("o2", half, pitch, 1, p.width_um, (Stretch(half),)),
        PortPlacement("o3", half, -pitch, 1, p.width_um, (Stretch(half),)),
    )
    return _mmi(device, upper, ports)


def mmi_2x2(device: Mmi2x2, extension_um: float) -> Geometry:
    """Two accesses on either side."""
    p = device.parameters
    half, pitch = 0.5 * p.body_length_um + p.taper_length_um, 0.5 * p.port_pitch_um
    right = _access(device, pitch, extension_um)
    upper = np.concatenate([right * (-1.0, 1.0), _body_edge(device), right[::-1]])
    ports = (
        PortPlacement("o1", -half, -pitch, -1, p.width_um, (Stretch(half),)),
        PortPlacement("o2", -half, pitch, -1, p.width_um, (Stretch(half),)),
        PortPlacement("o3", half, pitch, 1, p.width_um, (Stretch(half),)),
        PortPlacement("o4", half, -pitch, 1, p.width_um, (Stretch(half),)),
    )
    return _mmi(device, upper, ports)


def y_branch(device: YBranch, extension_um: float) -> Geometry:
    """A body with splined edges, and two S-bends that begin flush with its outer edges."""
    p = device.parameters
    half, pitch = 0.5 * (p.body_length_um + p.arm_length_um), 0.5 * p.port_pitch_um
    body = _splined_edge(p.body_widths_um, p.body_length_um) - (half, 0.0)
    start = 0.5 * (p.body_widths_um[-1] - p.width_um)
    arm = s_path(p.arm_length_um, pitch - start).moved(body[-1, 0], start).extended(0.0, extension_um)
    inner, outer = arm.edges(p.width_um)
    lead = body[0] - np.array([[extension_um, 0.0]])
    upper = np.concatenate([lead, body, outer[1:], inner[::-1]])
    ports = (
        PortPlacement("o1", -half, 0.0, -1, p.width_um, (Stretch(half, None),)),
        PortPlacement("o2", half, pitch, 1, p.width_um, (Stretch(half, None),)),
        PortPlacement("o3", half, -pitch, 1, p.width_um, (Stretch(half, None),)),
    )
    edge = max(pitch + 0.5 * p.width_um, float(body[:, 1].max()))
    guide = _with_mirror_image(upper, device.materials.core.index)
    return Geometry((guide,), device.materials.cladding.index, ports, (-half, half), (-edge, edge))


def crossing(device: Crossing, extension_um: float) -> Geometry:
    """Four equal arms on a square."""
    p = device.parameters
    half = 0.5 * p.centre_width_um + p.taper_length_um
    edge = _parabolic_edge(p.width_um, p.centre_width_um, p.taper_length_um)
    upper = np.concatenate([[(half + extension_um, 0.5 * p.width_um)], (half, 0.0) - edge * (1.0, -1.0)])
    right = np.concatenate([upper[::-1] * (1.0, -1.0), upper])[:-1]  # its last corner is the first of the next arm
    top = right[:, ::-1] * (-1.0, 1.0)
    guide = Region(np.concatenate([right, top, -right, -top]), device.materials.core.index, "core")
    ports = (
        PortPlacement("o1", -half, 0.0, -1, p.width_um, (Stretch(half, None),)),
        PortPlacement("o2", 0.0, half, 1, p.width_um, (Stretch(half, None),), axis="y"),
        PortPlacement("o3", half, 0.0, 1, p.width_um, (Stretch(half, None),)),
        PortPlacement("o4", 0.0, -half, -1, p.width_um, (Stretch(half, None),), axis="y"),
    )
    return Geometry((guide,), device.materials.cladding.index, ports, (-half, half), (-half, half))


def _access(device: Mmi1x2 | Mmi2x2, y_um: float, extension_um: float) -> Floats:
    """Corners (6, 2) of an access on the right side: from the body along its lower edge, back along its upper edge."""
    p = device.parameters
    x_body, x_port = 0.5 * p.body_length_um, 0.5 * p.body_length_um + p.taper_length_um
    x = np.array([x_body, x_port, x_port + extension_um])
    half_width = 0.5 * np.array([p.taper_width_um, p.width_um, p.width_um])
    y = np.concatenate([y_um - half_width, y_um + half_width[::-1]])
    return np.stack([np.concatenate([x, x[::-1]]), y], axis=1)


def _body_edge(device: Mmi1x2 | Mmi2x2) -> Floats:
    """Upper edge of the body from left to right."""
    p = device.parameters
    return 0.5 * np.array([(-p.body_length_um, p.body_width_um), (p.body_length_um, p.body_width_um)])


def _mmi(device: Mmi1x2 | Mmi2x2, upper: Floats, ports: tuple[PortPlacement, ...]) -> Geometry:
    p = device.parameters
    half, edge = ports[-1].x_um, 0.5 * p.body_width_um
    guide = _with_mirror_image(upper, device.materials.core.index)
    return Geometry((guide,), device.materials.cladding.index, ports, (-half, half), (-edge, edge))


def _with_mirror_image(upper: Floats, index: float) -> Region:
    """The core between the upper half of an outline (m, 2), given from one end to the other, and its mirror image."""
    return Region(np.concatenate([upper, upper[::-1] * (1.0, -1.0)]), index, "core")


def _splined_edge(widths_um: tuple[float, ...], length_um: float) -> Floats:
    """Upper edge (m, 2), x from 0, of a body of these evenly spaced widths: cubic spline, level at both ends."""
    knots = np.linspace(0.0, length_um, len(widths_um))
    half_width = CubicSpline(knots, 0.5 * np.array(widths_um), bc_type="clamped")
    curvature = np.abs(half_width(knots, 2)).max()  # its second derivative is linear between the knots
    m = int(np.ceil(length_um * np.sqrt(curvature / (8 * TOLERANCE_UM)))) + 2
    x = np.linspace(0.0, length_um, m)
    y = half_width(x)
    y[-1] = 0.5 * widths_um[-1]  # to the last digit, as the arms begin there
    return np.stack([x, y], axis=1)


def _parabolic_edge(narrow_um: float, wide_um: float, length_um: float) -> Floats:
    """Upper edge (m, 2), x from 0 at the narrow end, of a taper whose width is a parabola, level at the wide end."""
    rise = 0.5 * (wide_um - narrow_um)
    m = int(np.ceil(0.5 * np.sqrt(rise / TOLERANCE_UM))) + 2  # chords deviate by rise·(step of t)²/4
    t = np.linspace(0.0, 1.0, m)
    return np.stack([length_um * t, 0.5 * wide_um - rise * (1.0 - t) ** 2], axis=1)
