"""A linear device in the plane of the chip: its guides and ports, and the light in it."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from fdtd_onn.geometry.devices import geometry
from fdtd_onn.geometry.scene import draw
from fdtd_onn.geometry.shapes import Geometry
from fdtd_onn.report.figures.style import INK, MUTED, PAGE_WIDTH_IN, PALETTE, page_figure
from fdtd_onn.responses.field_map import FieldMap
from fdtd_onn.specs.device import AnyDevice

FILLS = {"core": "#aac4dd", "heated core": "#f0b07f", "absorber": "#b3a2c8", "groove": "#d3e2f0"}
PANEL_SHARE = 0.80  # of the page width; the rest is for labels and the colour bar
ARROW_UM = 0.7


def draw_light(device: AnyDevice, field: FieldMap) -> Figure:
    """Geometry above, |field| below, on the same extent."""
    x0, x1, y0, y1 = field.extent_um
    rims = {("x", -1): -x0, ("x", 1): x1, ("y", -1): -y0, ("y", 1): y1}
    to_rim = [rims[p.axis, p.outward] - p.outward * p.along_um for p in _plan(device, 0.0).ports]
    drawn = _plan(device, max(0.0, *to_rim))
    panel_in = PANEL_SHARE * PAGE_WIDTH_IN * (y1 - y0) / (x1 - x0)
    figure = page_figure(2.0 * panel_in + 1.0)
    plan, light = figure.subplots(2, 1, sharex=True, sharey=True)
    for axes in (plan, light):
        axes.set(xlim=(x0, x1), ylim=(y0, y1), aspect="equal", ylabel=f"{device.plane[1]} (µm)")
        axes.grid(visible=False)
    light.set_xlabel("x (µm)")
    _draw_plan(plan, drawn, field.port)
    image = light.imshow(
        field.values.T / field.values.max(), extent=field.extent_um, origin="lower", cmap="Blues", vmin=0.0, vmax=1.0,
        interpolation="bilinear",
    )  # fmt: skip
    for region in drawn.regions:
        light.add_patch(Polygon(region.vertices, closed=True, fill=False, edgecolor=MUTED, linewidth=0.5))
    figure.colorbar(image, ax=[plan, light], shrink=0.6, pad=0.01, label=f"|{field.component}| over its maximum")
    return figure


def _plan(device: AnyDevice, extension_um: float) -> Geometry:
    """The drawing in the plane of the field map."""
    return draw(device, extension_um) if device.plane == "xz" else geometry(device, extension_um)


def _draw_plan(axes: Axes, drawn: Geometry, excited: str) -> None:
    """Guides by role, and every port as a bar on its reference plane with an arrow into the device."""
    for region in drawn.regions:
        axes.add_patch(Polygon(region.vertices, closed=True, facecolor=FILLS[region.role], edgecolor=MUTED, lw=0.5))
    for port in drawn.ports:
        colour = PALETTE[1] if port.name == excited else INK
        out = np.array([port.outward, 0.0] if port.axis == "x" else [0.0, port.outward])
        middle, across = np.array([port.x_um, port.y_um]), np.abs(out[::-1]) * port.width_um
        bar = np.stack([middle - 0.75 * across, middle + 0.75 * across])
        axes.plot(*bar.T, color=colour, linewidth=1.0)
        arrow = {"arrowstyle": "-|>", "color": colour, "lw": 0.9}
        axes.annotate("", tuple(middle), tuple(middle + ARROW_UM * out), arrowprops=arrow)
        place = middle + 0.5 * ARROW_UM * out + 0.6 * across
        axes.annotate(port.name, tuple(place), color=colour, ha="center", va="bottom", fontsize=7.5)
