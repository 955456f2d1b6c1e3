"""What each probe brings back against the exact gradient: over pump power, and over optical depth."""

from __future__ import annotations

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from fdtd_onn.reduce import AbsorberModel
from fdtd_onn.reduce.probe_error import DEPTHS, KINDS, error_over_depth, probe_error
from fdtd_onn.report.absorber_curves import CURVE_POINTS, W_PER_MW
from fdtd_onn.report.figures.style import INK, PALETTE, legend_below, page_figure

Real = NDArray[np.float64]
COLOURS = {"coherent": PALETTE[1], "time-gated": PALETTE[2]}
_LOWEST = 1e-4  # of the powers, over the model's largest


def draw_probe_gradient(model: AbsorberModel) -> Figure:
    """|t| of both probes and |∂y/∂E| over power, the gradient's error there, and its largest over optical depth."""
    power = model.max_power_w * np.geomspace(_LOWEST, 1.0, CURVE_POINTS)
    figure = page_figure(5.4)
    main, error, depth = figure.subplots(3, 1, height_ratios=(1.6, 1.0, 1.0))
    along, _across = model.jacobian(np.sqrt(power))
    handles: list[Artist] = main.plot(power / W_PER_MW, np.abs(along), color=INK, label="exact: |∂y/∂E|")
    for kind in KINDS:
        seen = np.abs(model.probe(np.sqrt(power), kind))
        handles += main.plot(power / W_PER_MW, seen, color=COLOURS[kind], label=f"{kind} probe")
        error.plot(power / W_PER_MW, probe_error(model, kind, power).error, color=COLOURS[kind])
    main.set(xscale="log", ylabel="|t| and derivative")
    error.set(xscale="log", xlabel="pump power (mW)", ylabel="gradient's\nrelative error", ylim=(0.0, None))
    _over_depth(depth, model, power)
    legend_below(figure, handles, 3)
    return figure


def _over_depth(axes: Axes, model: AbsorberModel, power: Real) -> None:
    rows = error_over_depth(model, power)
    axes.plot(DEPTHS, [row.coherent_error for row in rows], "o-", color=COLOURS["coherent"])
    axes.plot(DEPTHS, [row.gated_error for row in rows], "s-", color=COLOURS["time-gated"])
    axes.set(xlabel="optical depth", ylabel="largest\nover power", ylim=(0.0, None))
