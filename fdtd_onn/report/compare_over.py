"""Training rules side by side over one property of the devices, as a table and a figure."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from fdtd_onn.api.compare import ComparisonsOver
from fdtd_onn.report.compare import RuleRow, comparison_rows, interval
from fdtd_onn.report.fidelity import LABELS, Real, value_axis
from fdtd_onn.report.figures.style import MARKERS, MUTED, PALETTE, legend_below, page_figure, page_style, png
from fdtd_onn.report.folder import FORMAT, NUMBERS, whole_folder
from fdtd_onn.report.formats import MISSING, percent, significant
from fdtd_onn.report.training import EXACT_RULE, Spread

TABLE, FIGURE = "table.txt", "figure.png"
#: A row for every rule, at each value of the property.
Rows: TypeAlias = tuple[tuple[float | str, tuple[RuleRow, ...]], ...]


def rows_over(over: ComparisonsOver) -> Rows:
    """Read them off the trainings."""
    return tuple(
        (value, comparison_rows(comparison)) for value, comparison in zip(over.values, over.comparisons, strict=True)
    )


def write_comparison_over(over: ComparisonsOver, folder: Path) -> Path:
    """Write numbers.json, table.txt and figure.png, and give the table's path; raises BadInput as `whole_folder`."""
    rows = rows_over(over)
    with whole_folder(folder) as part:
        with page_style():
            (part / FIGURE).write_bytes(png(_draw(over.quantity, rows)))
        (part / TABLE).write_text(table_over(over.quantity, rows) + "\n", encoding="utf-8")
        plain = {"format": FORMAT, "files": [NUMBERS, TABLE, FIGURE], **as_plain_over(over, rows)}
        (part / NUMBERS).write_text(json.dumps(plain, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return folder / TABLE


def as_plain_over(over: ComparisonsOver, rows: Rows) -> dict[str, Any]:
    """Everything as values that JSON has."""
    return {
        "quantity": over.quantity,
        "experiment": over.comparisons[0].experiment.model_dump(mode="json"),
        "values": [{"value": value, "rules": [asdict(row) for row in at_value]} for value, at_value in rows],
    }


def table_over(quantity: str, rows: Rows) -> str:
    """Aligned columns of text: means over the seeds with 95 % confidence."""
    lines = [(LABELS[quantity], "rule", "test accuracy", "95 %", "below exact", "95 %", "cosines")]
    for value, at_value in rows:
        shown = value if isinstance(value, str) else significant(value, 2)
        for row in at_value:
            accuracy, lacks = row.numbers.test_accuracy, row.below_exact
            exact = (MISSING, MISSING) if lacks is None else (percent(lacks.mean), interval(lacks))
            cosines = ", ".join(significant(cosine, 2) for cosine in row.numbers.mean_cosine)
            lines.append((shown, row.numbers.rule, percent(accuracy.mean), interval(accuracy), *exact, cosines))
    widths = [max(len(line[k]) for line in lines) for k in range(len(lines[0]))]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip() for line in lines)


def _draw(quantity: str, rows: Rows) -> Figure:
    """Test accuracy, what it lacks of digital-bp's, and the gradients' cosines; a colour for each rule."""
    figure = page_figure(2.7)
    accuracy, lacks, cosine = figure.subplots(1, 3)
    for axes, label in ((accuracy, "test accuracy (%)"), (lacks, "below digital-bp (points)"), (cosine, "cosine")):
        places = value_axis(axes, quantity, [value for value, _rows in rows])
        axes.set(xlabel=LABELS[quantity], ylabel=label)
    lacks.axhline(0.0, color=MUTED, linewidth=0.8)
    cosine.axhline(1.0, color=MUTED, linewidth=0.8)
    names = [row.numbers.rule for row in rows[0][1]]
    for k, name in enumerate(names):
        of_rule = [at_value[k] for _value, at_value in rows]
        _bars(accuracy, places, [row.numbers.test_accuracy for row in of_rule], PALETTE[k])
        if name != EXACT_RULE:
            _bars(lacks, places, [row.below_exact for row in of_rule], PALETTE[k])
            _cosines(cosine, places, of_rule, PALETTE[k])
    lines = [Line2D([], [], color=PALETTE[k], label=name) for k, name in enumerate(names)]
    for mesh in range(len(rows[0][1][0].numbers.mean_cosine)):
        marker = MARKERS[mesh % len(MARKERS)]
        lines.append(Line2D([], [], color=MUTED, marker=marker, linestyle="none", label=f"mesh {mesh + 1}"))
    legend_below(figure, list(lines), 5)
    return figure


def _bars(axes: Axes, places: Real, spreads: list[Spread | None], colour: str) -> None:
    """Means with their confidence intervals in percent; nothing for a rule that has none."""
    known = [(place, s) for place, s in zip(places, spreads, strict=True) if s is not None]
    if not known:
        return
    mean = 100.0 * np.array([s.mean for _place, s in known])
    ends = 100.0 * np.array([(s.mean, s.mean) if s.interval is None else s.interval for _place, s in known])
    reach = [mean - ends[:, 0], ends[:, 1] - mean]
    axes.errorbar([p for p, _s in known], mean, reach, color=colour, marker=".", linewidth=1.0, capsize=2.0)


def _cosines(axes: Axes, places: Real, of_rule: list[RuleRow], colour: str) -> None:
    """A line for each mesh, with gaps where no angle exists."""
    means = [[np.nan if c is None else c for c in row.numbers.mean_cosine] for row in of_rule]
    for mesh, line in enumerate(np.array(means, dtype=float).T):
        axes.plot(places, line, color=colour, marker=MARKERS[mesh % len(MARKERS)], linewidth=1.0)
