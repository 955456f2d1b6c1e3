"""A rule's gradient over what its devices are, as a table and a figure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullFormatter
from numpy.typing import NDArray

from fdtd_onn.api.fidelity import Swept
from fdtd_onn.report.figures.style import MARKERS, MUTED, PALETTE, legend_below, page_figure, page_style, png
from fdtd_onn.report.folder import FORMAT, NUMBERS, whole_folder
from fdtd_onn.report.formats import significant

Real: TypeAlias = NDArray[np.float64]

TABLE, FIGURE = "table.txt", "figure.png"
LABELS = {
    "tap_ratio": "tap ratio",
    "detector_noise_a_per_sqrt_hz": "detector noise (A/√Hz)",
    "optical_depth": "optical depth in the dark",
    "probe": "probe",
    "heater_guide_pitch_um": "heater pitch (µm)",
    "drive_bits": "bits of the drive",
    "phase_error_rad": "phase error (rad)",
}
LOGARITHMIC = ("tap_ratio", "detector_noise_a_per_sqrt_hz", "optical_depth")


@dataclass(frozen=True)
class FidelityRow:
    """One value of one property, one rule, one mesh: over the settings, the mean and the standard deviation.

    None where a gradient is zero, as where converters saturate, and no angle exists.
    """

    quantity: str
    value: float | str
    rule: str
    mesh: int
    cosine: float | None
    cosine_deviation: float | None
    norm_ratio: float | None
    norm_ratio_deviation: float | None


def fidelity_rows(swept: Sequence[Swept]) -> tuple[FidelityRow, ...]:
    """One row per property, value, rule and mesh."""
    rows = []
    for one in swept:
        for value, fidelity in zip(one.values, one.fidelities, strict=True):
            for mesh in range(fidelity.cosine.shape[1]):
                tables = (fidelity.cosine[:, mesh], fidelity.norm_ratio[:, mesh])
                numbers = [float(of(table)) for table in tables for of in (np.mean, np.std)]
                known = [number if np.isfinite(number) else None for number in numbers]
                rows.append(FidelityRow(one.quantity, value, one.rule, mesh + 1, *known))
    return tuple(rows)


def write_fidelity(swept: Sequence[Swept], folder: Path) -> Path:
    """Write numbers.json, table.txt and figure.png, and give the table's path; raises BadInput as `whole_folder`."""
    rows = fidelity_rows(swept)
    with whole_folder(folder) as part:
        with page_style():
            (part / FIGURE).write_bytes(png(_draw(swept)))
        (part / TABLE).write_text(fidelity_table(rows) + "\n", encoding="utf-8")
        plain = {"format": FORMAT, "files": [NUMBERS, TABLE, FIGURE], "rows": [vars(row) for row in rows]}
        (part / NUMBERS).write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")
    return folder / TABLE


def fidelity_table(rows: tuple[FidelityRow, ...]) -> str:
    """Aligned columns of text."""
    titles: tuple[str, ...] = ("property", "value", "rule", "mesh", "cosine", "±", "norm ratio", "±")
    lines = [titles]
    for row in rows:
        value = row.value if isinstance(row.value, str) else significant(row.value, 2)
        numbers = (row.cosine, row.cosine_deviation, row.norm_ratio, row.norm_ratio_deviation)
        lines.append(
            (LABELS[row.quantity], value, row.rule, str(row.mesh), *(significant(number) for number in numbers))
        )
    widths = [max(len(line[k]) for line in lines) for k in range(len(lines[0]))]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip() for line in lines)


def _draw(swept: Sequence[Swept]) -> Figure:
    """A panel per property: the cosine above, the ratio of lengths below it; a colour per rule, a marker per mesh."""
    quantities = list(dict.fromkeys(one.quantity for one in swept))
    rules = list(dict.fromkeys(one.rule for one in swept))
    columns = min(len(quantities), 4)
    rows = -(-len(quantities) // columns)
    figure = page_figure(2.9 * rows + 0.5)
    panels = figure.subplots(2 * rows, columns, squeeze=False)
    for k, quantity in enumerate(quantities):
        cosine, ratio = (panels[2 * (k // columns) + half][k % columns] for half in (0, 1))
        for one in (s for s in swept if s.quantity == quantity):
            _lines(cosine, one, rules.index(one.rule), "cosine")
            _lines(ratio, one, rules.index(one.rule), "norm_ratio")
        ratio.set(xlabel=LABELS[quantity])
        cosine.tick_params(labelbottom=False)
        if k % columns == 0:
            cosine.set_ylabel("cosine")
            ratio.set_ylabel("length / exact")
    for k in range(len(quantities), rows * columns):
        for half in (0, 1):
            panels[2 * (k // columns) + half][k % columns].set_axis_off()
    legend_below(figure, _legend(rules, swept[0].fidelities[0].cosine.shape[1]), 5)
    return figure


def _lines(axes: Axes, one: Swept, colour: int, what: str) -> None:
    """Mean over the settings with its standard error, mesh by mesh."""
    tables = np.stack([getattr(fidelity, what) for fidelity in one.fidelities])
    mean, error = tables.mean(axis=1), tables.std(axis=1, ddof=1) / np.sqrt(tables.shape[1])
    x = value_axis(axes, one.quantity, one.values)
    for mesh in range(mean.shape[1]):
        axes.errorbar(
            x,
            mean[:, mesh],
            error[:, mesh],
            color=PALETTE[colour],
            marker=MARKERS[mesh % len(MARKERS)],
            linewidth=1.0,
            elinewidth=0.8,
            capsize=1.5,
        )
    axes.axhline(1.0, color=MUTED, linewidth=0.8)


def value_axis(axes: Axes, quantity: str, values: Sequence[float | str]) -> Real:
    """Where a property's values are on an axis, which is prepared for them: words stand one after the other."""
    if isinstance(values[0], str):
        axes.set_xticks(range(len(values)), [str(value) for value in values])
        axes.set_xlim(-0.5, len(values) - 0.5)
        return np.arange(len(values), dtype=float)
    places = np.array(values, dtype=float)
    if quantity in LOGARITHMIC:
        axes.set_xscale("log")
        axes.xaxis.set_minor_formatter(NullFormatter())
        if places.max() < 100.0 * places.min():  # less than two decades may have no power of ten to be labelled
            axes.set_xticks(places, [significant(place, 2) for place in places])
    return places


def _legend(rules: Sequence[str], meshes: int) -> list[Artist]:
    lines: list[Artist] = [Line2D([], [], color=PALETTE[k], label=rule) for k, rule in enumerate(rules)]
    for mesh in range(meshes):
        marker = MARKERS[mesh % len(MARKERS)]
        lines.append(Line2D([], [], color=MUTED, marker=marker, linestyle="none", label=f"mesh {mesh + 1}"))
    return lines
