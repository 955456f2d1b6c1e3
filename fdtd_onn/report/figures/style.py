"""One look for all figures: page width, sober, told apart without colour vision and on paper."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

PAGE_WIDTH_IN = 7.2
DOTS_PER_INCH = 180
INK, MUTED, FAINT = "#1d2229", "#68707b", "#d5d9de"
# M. Okabe and K. Ito, "Color Universal Design" (2008), with a grey for yellow, which is too light for lines.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8c8c8c")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")

_SETTINGS: Any = {
    "font.family": "DejaVu Sans",  # ships with matplotlib, so figures look alike on every machine
    "font.size": 8.0,
    "axes.titlesize": 8.5,
    "axes.labelsize": 8.0,
    "legend.fontsize": 7.5,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "text.color": INK,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.linewidth": 0.6,
    "axes.grid": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": "#e8eaed",
    "grid.linewidth": 0.6,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "lines.linewidth": 1.4,
    "lines.markersize": 4.0,
    "legend.frameon": False,
    "axes.axisbelow": True,
}


@contextmanager
def page_style() -> Iterator[None]:
    """Draw within: matplotlib's defaults and this module's settings, whatever the user's own are."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)
        yield


def page_figure(height_in: float) -> Figure:
    """An empty figure as wide as the page."""
    return Figure(figsize=(PAGE_WIDTH_IN, height_in), layout="constrained")


def png(figure: Figure) -> bytes:
    """The figure as a PNG file."""
    buffer = BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(buffer, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
    return buffer.getvalue()


def legend_below(figure: Figure, handles: list[Artist], columns: int) -> None:
    """A legend outside the axes, where it cannot cover data."""
    figure.legend(handles=handles, loc="outside lower center", ncols=columns, handlelength=2.4)


def bare(axes: Axes) -> None:
    """Take frame, ticks and grid off: for drawings."""
    axes.set_axis_off()
    axes.grid(visible=False)
