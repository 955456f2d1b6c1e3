"""Decision boundaries in the plane of the two features."""

from __future__ import annotations

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from fdtd_onn.errors import OutOfRange
from fdtd_onn.report.figures.style import INK, MUTED, PAGE_WIDTH_IN, PALETTE, legend_below, page_figure
from fdtd_onn.training.datasets import Samples
from fdtd_onn.training.run import TrainingRun, predict

Real = NDArray[np.float64]
GRID = 121
BEYOND = 0.06  # of the samples' range, drawn around them
CLASSES, MARKERS = (PALETTE[0], PALETTE[1]), ("o", "^")
UNCOVERED = "#e3e5e8"
SHADES = LinearSegmentedColormap.from_list("classes", [PALETTE[0], "#ffffff", PALETTE[1]])


def draw_boundaries(runs: tuple[TrainingRun, ...]) -> Figure:
    """One panel per run: probability of class 1, the boundary, and the test samples, wrong ones ringed."""
    figure = page_figure(0.85 * PAGE_WIDTH_IN / max(len(runs), 2) + 0.9)
    panels = figure.subplots(1, max(len(runs), 2), sharex=True, sharey=True, squeeze=False)[0]
    for axes in panels[len(runs) :]:
        axes.set_axis_off()
    covered = True
    for axes, run in zip(panels, runs, strict=False):
        test = run.dataset.test
        covered &= _probability(axes, run, test)
        _samples(axes, run, test)
        axes.set(
            xlabel="feature 1", aspect="equal", title=f"{run.rule}, seed {run.seed}: {run.test_accuracy:.1%} right"
        )
        axes.grid(visible=False)
    panels[0].set_ylabel("feature 2")
    shades = ScalarMappable(Normalize(0.0, 1.0), SHADES)
    figure.colorbar(shades, ax=panels.tolist(), shrink=0.8, pad=0.01, alpha=0.45, label="probability of class 1")
    legend_below(figure, _legend(covered), 5)
    return figure


def feature_grid(samples: Samples) -> tuple[Real, Real]:
    """Axes of a grid, (GRID,) each, a little wider than the samples."""
    low, high = samples.features.min(axis=0), samples.features.max(axis=0)
    pad = BEYOND * (high - low)
    first, second = np.linspace(low - pad, high + pad, GRID).T
    return first, second


def class_probability(run: TrainingRun, first: Real, second: Real) -> Real:
    """Probability of class 1 on a grid, (len(second), len(first)); NaN where the light exceeds the absorbers' range."""
    points = np.stack(np.meshgrid(first, second), axis=-1)
    rows = [_covered(run, row) for row in points]
    return np.stack(rows)


def _covered(run: TrainingRun, points: Real) -> Real:
    """Probabilities (m,) of points (m, 2), halving the row until what is not covered stands alone."""
    try:
        scores = predict(run, points)
    except OutOfRange:
        if len(points) == 1:
            return np.array([np.nan])
        half = len(points) // 2
        return np.concatenate([_covered(run, points[:half]), _covered(run, points[half:])])
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * (scores[1] - scores[0]))))


def _probability(axes: Axes, run: TrainingRun, test: Samples) -> bool:
    """Draw the map and the boundary; whether the model covers all of it."""
    first, second = feature_grid(test)
    probability = class_probability(run, first, second)
    axes.set_facecolor(UNCOVERED)  # shows where the map has no value
    axes.pcolormesh(first, second, np.ma.masked_invalid(probability), cmap=SHADES, vmin=0.0, vmax=1.0, alpha=0.45,
                    shading="nearest", linewidth=0.0, rasterized=True)  # fmt: skip
    known = probability[np.isfinite(probability)]
    if np.any(known < 0.5) and np.any(known > 0.5):
        axes.contour(first, second, np.ma.masked_invalid(probability), levels=[0.5], colors=INK, linewidths=1.2)
    return known.size == probability.size


def _samples(axes: Axes, run: TrainingRun, test: Samples) -> None:
    wrong = predict(run, test.features).argmax(axis=0) != test.labels
    for label, (colour, marker) in enumerate(zip(CLASSES, MARKERS, strict=True)):
        for chosen, edge in ((~wrong, "white"), (wrong, INK)):
            points = test.features[chosen & (test.labels == label)]
            axes.plot(*points.T, marker, color=colour, markersize=3.6 if edge == "white" else 4.4, markeredgecolor=edge,
                      markeredgewidth=0.4 if edge == "white" else 1.0)  # fmt: skip


def _legend(covered: bool) -> list[Artist]:
    def point(marker: str, colour: str, edge: str, label: str) -> Artist:
        return Line2D([], [], linestyle="", marker=marker, color=colour, markeredgecolor=edge, label=label)

    handles = [
        point("o", CLASSES[0], "white", "class 0"),
        point("^", CLASSES[1], "white", "class 1"),
        point("o", "white", INK, "ringed: wrong"),
        Line2D([], [], color=INK, linewidth=1.2, label="boundary"),
    ]
    beyond = Patch(facecolor=UNCOVERED, edgecolor=MUTED, linewidth=0.4, label="beyond the compiled power")
    return handles if covered else [*handles, beyond]
