"""Training rules side by side, as a table and a figure."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from fdtd_onn.api.compare import Comparison
from fdtd_onn.report.figures.style import INK, MARKERS, PALETTE, page_figure, page_style, png
from fdtd_onn.report.folder import FORMAT, NUMBERS, whole_folder
from fdtd_onn.report.formats import MISSING, duration, percent, significant
from fdtd_onn.report.training import EXACT_RULE, RuleNumbers, Spread, by_rule, rule_numbers, spread
from fdtd_onn.training.bench_figures import BENCH, BenchEstimate, bench_estimate
from fdtd_onn.training.rules import Effort

TABLE, FIGURE = "table.txt", "figure.png"


@dataclass(frozen=True)
class RuleRow:
    """One rule: what it reached, and what one training by it takes.

    below_exact: test accuracy of digital-bp less this rule's, paired by seed; None if digital-bp was not trained.
    """

    numbers: RuleNumbers
    below_exact: Spread | None
    effort: Effort
    bench: BenchEstimate


def comparison_rows(comparison: Comparison) -> tuple[RuleRow, ...]:
    """Read them off the trainings, in the order of the rules."""
    groups = by_rule(comparison.runs)
    exact = groups.get(EXACT_RULE)
    rows = []
    for rule, runs in groups.items():
        numbers, effort = rule_numbers(rule, runs), comparison.efforts[runs[0].rule]
        lacks = None
        if exact is not None and rule != EXACT_RULE:
            pairs = zip(exact, runs, strict=True)
            lacks = spread(np.array([e.test_accuracy - r.test_accuracy for e, r in pairs]), (-1.0, 1.0))
        bench = bench_estimate(effort, comparison.network, np.array([run.phases for run in runs]))
        rows.append(RuleRow(numbers, lacks, effort, bench))
    return tuple(rows)


def write_comparison(comparison: Comparison, folder: Path) -> Path:
    """Write numbers.json, table.txt and figure.png, and give the table's path.

    The folder appears whole or not at all, in the place of nothing but an earlier one; raises BadInput.
    """
    rows = comparison_rows(comparison)
    with whole_folder(folder) as part:
        with page_style():
            (part / FIGURE).write_bytes(png(_draw(rows)))
        (part / TABLE).write_text(table(rows) + "\n", encoding="utf-8")
        plain = {"format": FORMAT, "files": [NUMBERS, TABLE, FIGURE], **as_plain(comparison, rows)}
        (part / NUMBERS).write_text(json.dumps(plain, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return folder / TABLE


def as_plain(comparison: Comparison, rows: tuple[RuleRow, ...]) -> dict[str, Any]:
    """Everything as values that JSON has, with the layout's own words and the bench's figures."""
    return {
        "network": comparison.network.spec.model_dump(mode="json"),
        "experiment": comparison.experiment.model_dump(mode="json"),
        "bench": asdict(BENCH),
        "rules": [asdict(row) | {"total_s": row.bench.total_s, "total_j": row.bench.total_j} for row in rows],
    }


def table(rows: tuple[RuleRow, ...]) -> str:
    """Aligned columns of text: means over the seeds with 95 % confidence, and what one training takes."""
    titles = ("rule", "test accuracy", "95 %", "below exact", "95 %", "cosines", "passes", "readings", "time", "energy")
    lines = [titles, *(_cells(row) for row in rows)]
    widths = [max(len(line[k]) for line in lines) for k in range(len(titles))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)


def _cells(row: RuleRow) -> tuple[str, ...]:
    accuracy, lacks = row.numbers.test_accuracy, row.below_exact
    return (
        row.numbers.rule,
        percent(accuracy.mean),
        interval(accuracy),
        MISSING if lacks is None else percent(lacks.mean),
        MISSING if lacks is None else interval(lacks),
        ", ".join(significant(cosine, 2) for cosine in row.numbers.mean_cosine),
        significant(float(row.effort.passes)),
        significant(float(row.effort.readings)),
        duration(row.bench.total_s),
        f"{significant(row.bench.total_j)} J",
    )


def interval(values: Spread) -> str:
    """95 % confidence of the mean, in percent."""
    return MISSING if values.interval is None else "{:.1f} … {:.1f}".format(*(100.0 * v for v in values.interval))


def _draw(rows: tuple[RuleRow, ...]) -> Figure:
    """Rules downwards; accuracy, passes and readings, time and energy side by side."""
    figure = page_figure(0.28 * len(rows) + 1.1)
    accuracy, counts, time, energy = figure.subplots(1, 4, sharey=True, width_ratios=(2.2, 1.3, 1.0, 1.0))
    places = np.arange(len(rows))
    _draw_accuracy(accuracy, rows)
    accuracy.set_yticks(places, [row.numbers.rule for row in rows])
    accuracy.set_ylim(len(rows) - 0.5, -0.5)
    efforts = [row.effort for row in rows]
    for values, name, k in (([e.passes for e in efforts], "passes", 0), ([e.readings for e in efforts], "readings", 1)):
        _dots(counts, np.array(values, dtype=float), k, name)
    counts.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, handletextpad=0.1, columnspacing=0.8)
    counts.set_xlabel("per training")
    _dots(time, np.array([row.bench.total_s for row in rows]), 2)
    time.set_xlabel("time (s)")
    _dots(energy, np.array([row.bench.total_j for row in rows]), 3)
    energy.set_xlabel("energy (J)")
    return figure


def _draw_accuracy(axes: Axes, rows: tuple[RuleRow, ...]) -> None:
    """Every seed as a faint dot, the mean with its confidence interval."""
    for place, row in enumerate(rows):
        seeds = 100.0 * np.array(row.numbers.test_accuracies)
        axes.plot(seeds, np.full(seeds.size, place), ".", color=PALETTE[0], alpha=0.35, markersize=5.0)
        spread_ = row.numbers.test_accuracy
        low, high = (spread_.mean, spread_.mean) if spread_.interval is None else spread_.interval
        reach = [[100.0 * (spread_.mean - low)], [100.0 * (high - spread_.mean)]]
        axes.errorbar(100.0 * spread_.mean, place, xerr=reach, color=INK, marker="|", capsize=3.0, markersize=8.0)
    axes.set_xlabel("test accuracy (%): seeds, mean, 95 %")


def _dots(axes: Axes, values: np.ndarray[Any, Any], k: int, label: str | None = None) -> None:
    """On a logarithmic axis, which has no zero: what a rule does without is left out."""
    shown = values > 0.0
    axes.plot(values[shown], np.flatnonzero(shown), MARKERS[k], color=PALETTE[k], linestyle="none", label=label)
    axes.set_xscale("log")
    if shown.any():  # a decade at least, so that its ends carry numbers
        axes.set_xlim(values[shown].min() / 4.0, values[shown].max() * 4.0)
    axes.xaxis.set_minor_formatter(NullFormatter())
