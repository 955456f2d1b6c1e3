"""A saturable absorber over pump power: what pump and probes see, the exact derivative, and the model's error."""

from __future__ import annotations

from itertools import cycle

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from fdtd_onn.reduce import AbsorberModel
from fdtd_onn.reduce.absorber_fit import held_out
from fdtd_onn.report.absorber import series_counts
from fdtd_onn.report.absorber_curves import CURVE_POINTS, W_PER_MW, AbsorberCurves, absorber_curves, pump_axis
from fdtd_onn.report.figures.style import INK, MUTED, PALETTE, legend_below, page_figure
from fdtd_onn.report.parts import AbsorberPart

Real = NDArray[np.float64]
PUMP, COHERENT, GATED = PALETTE[0], PALETTE[1], PALETTE[2]


def draw_saturation(part: AbsorberPart) -> Figure:
    """|t|² of one section over pump power with the exact derivatives; model − full wave below."""
    response = part.response
    curves = absorber_curves(part.model, pump_axis(part))
    at_runs = absorber_curves(part.model, np.minimum(response.pump_mw, 1e3 * part.model.max_power_w))
    figure = page_figure(4.9)
    main, rest = figure.subplots(2, 1, sharex=True, height_ratios=(3.0, 1.1))
    _curves(main, curves)
    rest.axhline(0.0, color=MUTED, linewidth=0.8)
    out = held_out(response.pump_mw.size)
    series = (
        (np.square(np.abs(response.pump_transmission)), at_runs.pump, response.error[:, 0], PUMP, "o"),
        (np.square(np.abs(response.probe_transmission)), at_runs.coherent, response.error[:, 1], COHERENT, "s"),
        (np.square(np.abs(response.gated_transmission)), at_runs.gated, response.error[:, 2], GATED, "^"),
    )
    for runs, model, error, colour, marker in series:
        main.errorbar(response.pump_mw, runs, error, fmt="none", ecolor=colour, elinewidth=0.8, capsize=2.0)
        _points(main, response.pump_mw, runs, out, colour, marker)
        _points(rest, response.pump_mw, 1e3 * (model - runs), out, colour, marker)
    main.set(
        xscale="log", ylim=(0.0, 1.05 * max(1.0, curves.slope_squared.max())), ylabel="|t|², and squared derivatives"
    )
    largest = 1.25 * max(float(np.abs(line.get_ydata()).max()) for line in rest.lines[1:] if len(line.get_ydata()))
    rest.set(ylim=(-largest, largest), xlabel="pump power (mW)", ylabel="model − full wave\n(10⁻³ of |t|²)")
    legend_below(figure, _legend(), 2)
    return figure


def draw_model_saturation(model: AbsorberModel) -> Figure:
    """|t|² of one section over pump power with the exact derivatives, by a model whose runs are not at hand."""
    highest = model.max_power_w / W_PER_MW
    curves = absorber_curves(model, np.minimum(np.geomspace(1e-4 * highest, highest, CURVE_POINTS), highest))
    figure = page_figure(3.4)
    axes = figure.subplots()
    _curves(axes, curves)
    axes.set(
        xscale="log", ylim=(0.0, 1.05 * max(1.0, curves.slope_squared.max())), xlabel="pump power (mW)",
        ylabel="|t|², and squared derivatives",
    )  # fmt: skip
    legend_below(figure, [*_model_handles(), *_exact_handles()], 2)
    return figure


def draw_gradient_ratio(part: AbsorberPart) -> Figure:
    """|t| of each probe over |∂y/∂E|, for one section and for as many in series as the network has."""
    figure = page_figure(2.7)
    axes = figure.subplots()
    axes.axhline(1.0, color=INK, linewidth=0.9)
    handles: list[Artist] = []
    for count, line in zip(series_counts(part), cycle(("-", "--", ":", "-.")), strict=False):
        curves = absorber_curves(part.model.cascade(count), pump_axis(part))
        for ratio, colour, name in (
            (curves.coherent_ratio, COHERENT, "coherent"),
            (curves.gated_ratio, GATED, "time-gated"),
        ):
            sections = "1 section" if count == 1 else f"{count} in series"
            handles += axes.plot(curves.pump_mw, ratio, line, color=colour, label=f"{name} probe, {sections}")
    axes.set(xscale="log", xlabel="pump power in front of the absorber (mW)", ylabel="|t| of probe / |∂y/∂E|")
    legend_below(figure, handles, 2)
    return figure


def _curves(axes: Axes, curves: AbsorberCurves) -> None:
    x = curves.pump_mw
    axes.plot(x, curves.slope_squared, ":", color=MUTED, linewidth=1.2)
    axes.plot(x, curves.wirtinger**2, color=INK, linewidth=2.6, alpha=0.35)
    axes.plot(x, curves.pump, color=PUMP)
    axes.plot(x, curves.gated, color=GATED, dashes=(2.0, 2.6), linewidth=2.0)
    axes.plot(x, curves.coherent, color=COHERENT)


def _points(axes: Axes, x: Real, y: Real, out: NDArray[np.bool_], colour: str, marker: str) -> None:
    """Fitted points filled, held-out ones hollow."""
    axes.plot(x[~out], y[~out], marker, color=colour, markersize=4.5)
    axes.plot(x[out], y[out], marker, color=colour, markersize=4.5, markerfacecolor="white")


def _legend() -> list[Artist]:
    def point(marker: str, colour: str, face: str, label: str) -> Artist:
        return Line2D([], [], linestyle="", marker=marker, color=colour, markerfacecolor=face, label=label)

    return [
        *_model_handles(),
        point("o", PUMP, PUMP, "pump: full wave, fitted"),
        point("s", COHERENT, COHERENT, "coherent probe: full wave, fitted"),
        point("^", GATED, GATED, "time-gated probe: full wave, not in the fit"),
        point("D", MUTED, "white", "hollow: held out of the fit"),
        *_exact_handles(),
    ]


def _model_handles() -> list[Artist]:
    return [
        Line2D([], [], color=PUMP, label="pump: model"),
        Line2D([], [], color=COHERENT, label="coherent probe: model"),
        Line2D(
            [], [], color=GATED, dashes=(2.0, 2.6), linewidth=2.0, label="time-gated probe: model (|t|² is the pump's)"
        ),
    ]


def _exact_handles() -> list[Artist]:
    return [
        Line2D([], [], color=INK, linewidth=2.6, alpha=0.35, label="exact: |∂y/∂E|² (Wirtinger)"),
        Line2D([], [], color=MUTED, linestyle=":", label="exact: squared slope for a change in phase with E"),
    ]
