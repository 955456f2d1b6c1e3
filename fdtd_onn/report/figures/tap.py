"""A grating tap: its light, where it goes, and how much of it over wavelength."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Polygon

from fdtd_onn.geometry.scene import draw
from fdtd_onn.report.figures.style import FAINT, INK, MARKERS, PAGE_WIDTH_IN, PALETTE, page_figure
from fdtd_onn.responses.field_map import FieldMap
from fdtd_onn.responses.tap import TapResponse
from fdtd_onn.units import db_from_power_ratio

FAINTEST_DB = -45.0  # of the field: radiated light is tens of decibels below the guided light
PANEL_SHARE = 0.85  # of the page width; the rest is for labels and the colour bar
LOWER_IN = 2.6


def draw_tap(response: TapResponse, field: FieldMap) -> Figure:
    """Field above; below, power per degree above the chip, powers, and reflection over wavelength.

    For a tap in an upright plane, whose field is that of light from o1.
    """
    x0, x1, z0, z1 = field.extent_um
    panel_in = PANEL_SHARE * PAGE_WIDTH_IN * (z1 - z0) / (x1 - x0)
    figure = page_figure(panel_in + LOWER_IN + 0.6)
    grid = figure.add_gridspec(2, 1, height_ratios=(panel_in, LOWER_IN))
    upper, lower = figure.add_subfigure(grid[0]), figure.add_subfigure(grid[1])
    axes = upper.subplots()
    image = _field(axes, response, field)
    upper.colorbar(image, ax=axes, pad=0.01, label=f"|{field.component}|² (dB)")
    angles, powers, reflection = lower.subplots(1, 3)
    _angles(angles, response)
    _powers(powers, response)
    _reflection(reflection, response)
    return figure


def _field(axes: Axes, response: TapResponse, field: FieldMap) -> AxesImage:
    x0, x1, z0, z1 = field.extent_um
    level = 2.0 * db_from_power_ratio(field.values.T / field.values.max())
    image = axes.imshow(
        level,
        extent=field.extent_um,
        origin="lower",
        cmap="magma",
        vmin=FAINTEST_DB,
        vmax=0.0,
        interpolation="bilinear",
    )
    drawn = draw(response.device, max(-x0, x1) - _half(response))
    for region in drawn.regions:
        axes.add_patch(Polygon(region.vertices, closed=True, fill=False, edgecolor=FAINT, linewidth=0.4))
    for face in {face for layer in drawn.layers for face in layer.range_um if np.isfinite(face)}:
        axes.axhline(face, color=FAINT, linewidth=0.5, linestyle=":")
    axes.grid(visible=False)
    axes.set(xlim=(x0, x1), ylim=(z0, z1), xlabel="x (µm)", ylabel="z (µm)")
    axes.set_title(f"light from {field.port} at {field.wavelength_um:g} µm")
    return image


def _half(response: TapResponse) -> float:
    """From the tap's centre to its ports, µm."""
    return 0.5 * response.device.parameters.row_um + response.device.parameters.access_um


def _angles(axes: Axes, response: TapResponse) -> None:
    """Power per degree, in percent of the incident power, at mid-band; in space, integrated across the guide."""
    middle, directions = response.guided.wavelengths_um.size // 2, response.directions
    across = 1.0 if directions.v.size == 1 else float(directions.v[1] - directions.v[0])
    density = across * np.sum(np.abs(response.amplitude[middle]) ** 2, axis=(2, 3))
    per_degree = 100.0 * density * np.sqrt(1.0 - directions.u**2) * np.pi / 180.0
    camera = response.device.camera
    edges = [camera.centre_deg + side * camera.half_width_deg for side in (-1, 1)]
    axes.axvspan(*edges, color=FAINT, linewidth=0.0, alpha=0.6)
    for k, port in enumerate(response.guided.ports):
        style = "-" if k == 0 else "--"
        axes.plot(directions.angles_deg, per_degree[k], style, color=PALETTE[k], label=f"from {port}")
    axes.set(xlim=(-90.0, 90.0), xlabel="angle to the normal (°)", ylabel="power per degree (%)")
    axes.set_ylim(0.0, 1.2 * per_degree.max())  # room for the legend
    axes.set_title("above the chip; camera shaded")
    axes.legend(loc="upper center", ncols=2, columnspacing=1.0)


def _powers(axes: Axes, response: TapResponse) -> None:
    wavelengths, ratio = response.guided.wavelengths_um, response.ratio(response.device.camera)[:, 0]
    shown = [(name, response.power[k, :, 0], response.power_error[k, :, 0]) for k, name in enumerate(("up", "down"))]
    shown.append(("camera", ratio, np.zeros_like(ratio)))
    for k, (name, values, error) in enumerate(shown):
        bars = 100.0 * error if np.any(error) else None
        axes.errorbar(
            wavelengths, 100.0 * values, bars, marker=MARKERS[k], color=PALETTE[k], label=name, linewidth=1.1,
            markersize=3.0, elinewidth=0.7,
        )  # fmt: skip
    axes.set(xlabel="wavelength (µm)", ylabel="power (%)")
    axes.set_ylim(bottom=0.0)
    axes.set_title("light from o1")
    axes.legend(loc="lower center", ncols=3, columnspacing=0.8, handlelength=1.2)


def _reflection(axes: Axes, response: TapResponse) -> None:
    wavelengths, guided = response.guided.wavelengths_um, response.guided
    axes.plot(wavelengths, db_from_power_ratio(np.abs(guided.s[:, 0, 0]) ** 2), "o-", color=INK, markersize=3.0)
    error = np.abs(guided.s_error[:, 0, 0])
    amplitude = np.abs(guided.s[:, 0, 0])
    low, high = np.clip(amplitude - error, 1e-4, None), amplitude + error
    axes.fill_between(
        wavelengths, db_from_power_ratio(low**2), db_from_power_ratio(high**2), color=FAINT, linewidth=0.0
    )
    axes.set(xlabel="wavelength (µm)", ylabel="|S11|² (dB)")
    axes.set_title("reflection and its error")
