"""The spread that fabrication gives a device, as a figure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fdtd_onn.api import ProcessSpread
from fdtd_onn.report.figures.style import INK, MARKERS, PALETTE, legend_below, page_figure, page_style, png
from fdtd_onn.report.folder import write_image
from fdtd_onn.report.formats import quantity

BINS = 80


def write_process(spread: ProcessSpread, file: Path) -> None:
    """Draw each quantity's distribution, corners and mismatch into a PNG file; BadInput if it cannot be written."""
    with page_style():
        image = png(_draw(spread))
    write_image(image, file)


def _draw(spread: ProcessSpread) -> Figure:
    """A row per quantity: its distribution over devices, and how far two devices of a chip differ."""
    columns = 2 if spread.distances_um.size else 1
    figure = page_figure(1.7 * len(spread.names) + 0.4)
    rows = figure.subplots(len(spread.names), columns, squeeze=False)
    for k, (name, panels) in enumerate(zip(spread.names, rows, strict=True)):
        _draw_distribution(panels[0], spread, k)
        panels[0].set(xlabel=_label(name), ylabel="density")
        panels[0].locator_params(axis="x", nbins=6)
        if columns == 2:
            panels[1].semilogx(spread.distances_um, spread.mismatch[:, k], color=PALETTE[2], marker=MARKERS[0])
            panels[1].set(xlabel="distance on the chip (µm)", ylabel="mismatch, one σ")
            panels[1].set_ylim(bottom=0.0)
    handles, _ = rows[0][0].get_legend_handles_labels()
    legend_below(figure, handles, len(handles))
    return figure


def _draw_distribution(axes: Axes, spread: ProcessSpread, k: int) -> None:
    axes.hist(spread.draws[:, k], bins=BINS, density=True, color=PALETTE[0], alpha=0.45, label="random devices")
    axes.axvline(float(spread.expansion.nominal[k]), color=INK, linewidth=1.0, label="as drawn")
    ground = np.zeros(len(spread.corners))
    error = spread.corner_allowance[k]
    axes.errorbar(
        spread.predicted[:, k], ground, xerr=error, fmt="|", color=PALETTE[1], markersize=14, capsize=3.0,
        label="corners, expansion, and its error",
    )  # fmt: skip
    axes.plot(
        spread.direct[:, k], ground, "o", color=PALETTE[1], markerfacecolor="white", clip_on=False,
        label="corners, full wave",
    )  # fmt: skip


def _label(name: str) -> str:
    """`coupling_ratio_o3` as "coupling ratio o3", `phase_rad_o3` as "phase o3 (rad)", others as any quantity."""
    if name.startswith("phase_rad_"):
        return f"phase {name.removeprefix('phase_rad_')} (rad)"
    return quantity(name)
