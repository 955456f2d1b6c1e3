"""Which class is taken for which, where the features are too many to draw boundaries in their plane."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from fdtd_onn.report.figures.style import INK, PAGE_WIDTH_IN, page_figure
from fdtd_onn.training.run import TrainingRun, predict

DARK = 0.5  # share of a class above which numbers are white


def draw_confusion(runs: tuple[TrainingRun, ...]) -> Figure:
    """One panel per run: test samples by their class and the class decided for, as numbers."""
    columns = max(len(runs), 2)
    figure = page_figure(PAGE_WIDTH_IN / columns + 0.3)
    panels = figure.subplots(1, columns, squeeze=False)[0]
    for axes in panels[len(runs) :]:
        axes.set_axis_off()
    for axes, run in zip(panels, runs, strict=False):
        counts = confusion(run)
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        axes.imshow(shares, cmap="Blues", vmin=0.0, vmax=1.0)
        for (row, column), count in np.ndenumerate(counts):
            if count > 0:
                colour = "white" if shares[row, column] > DARK else INK
                axes.text(column, row, str(count), ha="center", va="center", color=colour, fontsize=6.5)
        axes.set(xlabel="decided", title=f"{run.rule}, seed {run.seed}: {run.test_accuracy:.1%} right")
        axes.set(xticks=range(len(counts)), yticks=range(len(counts)))
        axes.grid(visible=False)
    panels[0].set_ylabel("class")
    return figure


def confusion(run: TrainingRun) -> NDArray[np.intp]:
    """Numbers of test samples, (K, K): row by their class, column by the class decided for."""
    test, classes = run.dataset.test, run.dataset.classes
    decided = predict(run, test.features).argmax(axis=0)
    return np.bincount(test.labels * classes + decided, minlength=classes**2).reshape(classes, classes)
