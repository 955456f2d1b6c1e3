"""Trainings over epochs: loss and accuracy of every rule, and how well a rule's gradient points."""

from __future__ import annotations

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from fdtd_onn.report.figures.style import MARKERS, MUTED, PALETTE, legend_below, page_figure
from fdtd_onn.training.run import TrainingRun

Real = NDArray[np.float64]
Runs = dict[str, tuple[TrainingRun, ...]]
TRAIN, VALIDATION = 0, 1


def draw_curves(runs: Runs) -> Figure:
    """Loss and accuracy over epochs: mean over the seeds, and a band from the lowest to the highest of training."""
    figure = page_figure(2.9)
    loss, accuracy = figure.subplots(1, 2)
    handles: list[Artist] = []
    for colour, (rule, of_rule) in zip(PALETTE, runs.items(), strict=False):
        _band(loss, np.stack([run.loss for run in of_rule]), colour)
        _band(accuracy, 100.0 * np.stack([run.accuracy for run in of_rule]), colour)
        handles.append(Line2D([], [], color=colour, label=rule))
    handles.append(Line2D([], [], color=MUTED, label="training samples, band: all seeds"))
    handles.append(Line2D([], [], color=MUTED, linestyle="--", linewidth=1.0, label="validation samples"))
    loss.set(xlabel="epoch", ylabel="cross-entropy (nat)")
    loss.set_ylim(bottom=0.0)
    accuracy.set(xlabel="epoch", ylabel="accuracy (%)")
    accuracy.set_ylim(top=100.5)
    legend_below(figure, handles, 4)
    return figure


def draw_cosines(of_rule: tuple[TrainingRun, ...]) -> Figure:
    """Cosine between a rule's gradient and the exact one, mesh by mesh: mean and range over the seeds."""
    figure = page_figure(2.4)
    axes = figure.subplots()
    cosines = np.stack([run.gradient_cosine for run in of_rule])
    epochs = of_rule[0].cosine_epochs
    handles: list[Artist] = []
    for mesh in range(cosines.shape[2]):
        colour, marker = PALETTE[mesh % len(PALETTE)], MARKERS[mesh % len(MARKERS)]
        mean = cosines[:, :, mesh].mean(axis=0)
        axes.fill_between(epochs, cosines[:, :, mesh].min(axis=0), cosines[:, :, mesh].max(axis=0), color=colour,
                          alpha=0.15, linewidth=0.0)  # fmt: skip
        handles += axes.plot(epochs, mean, marker=marker, color=colour, label=f"mesh {mesh + 1}")
    axes.axhline(1.0, color=MUTED, linewidth=0.8)
    lowest = min([0.0, *cosines[np.isfinite(cosines)]])  # no angle exists where a gradient is zero
    axes.set(xlabel="epoch", ylabel="gradient cosine", ylim=(lowest - 0.02, 1.04))
    legend_below(figure, handles, 6)
    return figure


def _band(axes: Axes, history: Real, colour: str) -> None:
    """history: (seeds, epochs + 1, 3)."""
    epochs = np.arange(history.shape[1])
    train = history[:, :, TRAIN]
    axes.fill_between(epochs, train.min(axis=0), train.max(axis=0), color=colour, alpha=0.15, linewidth=0.0)
    axes.plot(epochs, train.mean(axis=0), color=colour)
    axes.plot(epochs, history[:, :, VALIDATION].mean(axis=0), "--", color=colour, linewidth=1.0)
