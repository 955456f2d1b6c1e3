"""A heater: the temperature around guide and strip, and what other guides get of it."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from fdtd_onn.reduce import HeaterModel
from fdtd_onn.report.figures.style import INK, MUTED, PALETTE, page_figure
from fdtd_onn.responses.heating import HeaterResponse

VIEW_UM = 6.0  # to either side
CURVE_POINTS = 241
FIRST_UM = 3.0  # crosstalk is shown from here on: closer heaters would touch


def draw_heater(response: HeaterResponse) -> Figure:
    """Temperature rise per mW over the cross-section, with its layers; crosstalk over distance beside it."""
    figure = page_figure(2.9)
    section, curve = figure.subplots(1, 2, width_ratios=(1.15, 1.0))
    _draw_section(figure, section, response)
    p = response.device.parameters
    _draw_crosstalk(curve, response, p.length_um, p.heater_width_um)
    return figure


def draw_crosstalk(model: HeaterModel) -> Figure:
    """Crosstalk over distance, by a model."""
    figure = page_figure(2.6)
    _draw_crosstalk(figure.subplots(), model, model.length_um, model.width_um)
    return figure


def draw_growth(model: HeaterModel) -> Figure:
    """Phase after switching on over its final value, from a hundredth of the time constant to its last per mille."""
    figure = page_figure(2.3)
    axes = figure.subplots()
    times = np.geomspace(1e-2 * model.time_constant_us, model.step.time_to(0.999), CURVE_POINTS)
    axes.semilogx(times, model.step.at(times), color=PALETTE[0])
    axes.axhline(1.0 - np.exp(-1.0), color=MUTED, linewidth=0.8, linestyle=":")
    axes.axvline(model.time_constant_us, color=MUTED, linewidth=0.8, linestyle=":")
    axes.set(xlabel="time (µs)", ylabel="phase over its final value", ylim=(0.0, 1.05))
    return figure


def _draw_section(figure: Figure, axes: Axes, response: HeaterResponse) -> None:
    near = response.map
    y = np.concatenate([-near.y_edges_um[:0:-1], near.y_edges_um])
    values = np.concatenate([near.values[::-1], near.values])
    image = axes.pcolormesh(y, near.z_edges_um, values.T, cmap="inferno", rasterized=True)
    p, film = response.device.parameters, response.device.stack_in_use.thickness_um
    low = film + p.heater_distance_um
    for width, bottom, height in ((p.width_um, 0.0, film), (p.heater_width_um, low, p.heater_thickness_um)):
        axes.add_patch(Rectangle((-0.5 * width, bottom), width, height, fill=False, edgecolor="white", linewidth=0.9))
    axes.axhline(-p.buried_oxide_um, color="white", linewidth=0.6)
    axes.text(-0.96 * VIEW_UM, -p.buried_oxide_um - 0.1, "wafer", color="white", va="top", fontsize=7.5)
    axes.grid(visible=False)
    top = low + p.heater_thickness_um + p.cover_um
    axes.set(xlim=(-VIEW_UM, VIEW_UM), ylim=(-p.buried_oxide_um - 1.5, top), aspect="equal")
    axes.set(xlabel="y (µm)", ylabel="z (µm)", title="temperature rise")
    figure.colorbar(image, ax=axes, shrink=0.7, pad=0.02, label="K per mW")


def _draw_crosstalk(axes: Axes, tables: HeaterResponse | HeaterModel, length_um: float, width_um: float) -> None:
    """Side by side; and displaced along the guides by the heater's length, where the next one may begin."""
    shown = tables.aside_um >= max(FIRST_UM, width_um)
    behind = int(np.argmin(np.abs(tables.along_um - length_um)))
    for row, label, colour in ((0, "side by side", PALETTE[0]), (behind, "one length further on", PALETTE[1])):
        axes.plot(tables.aside_um[shown], tables.crosstalk[row, shown], color=colour, label=label)
    axes.axhline(tables.crosstalk_error, color=MUTED, linewidth=0.8, linestyle=":", label="error, at most")
    axes.set(
        xscale="log", yscale="log", xlabel="distance across the guides (µm)", ylabel="phase over the heated guide's"
    )
    axes.set_title(f"crosstalk, heaters of {length_um:g} µm", color=INK)
    axes.legend()
