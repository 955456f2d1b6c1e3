"""S-parameters of a linear device: over wavelength, and over its tunable parameter."""

from __future__ import annotations

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from fdtd_onn.reduce import ScatteringModel
from fdtd_onn.report.figures.style import MARKERS, PALETTE, legend_below, page_figure
from fdtd_onn.report.formats import quantity
from fdtd_onn.report.parts import LinearPart
from fdtd_onn.units import SPEED_OF_LIGHT_UM_PER_S, db_from_power_ratio

Complex = NDArray[np.complex128]
Real = NDArray[np.float64]
CURVE_POINTS = 241
FLOOR_DB = -90.0  # below, absorbing layers and rounding speak, not the device
STRONG_DB = -20.0  # from here on an entry is shown on a linear scale, and its phase means something


def draw_spectrum(part: LinearPart) -> Figure:
    """|S|² in dB over wavelength, a panel per input port: full-wave points on the model's curves."""
    response, model = part.family[part.shown], part.model
    wavelengths, curves = _over_wavelength(model, part.shown_value)
    error = np.minimum((2 * np.abs(response.s) + response.s_error) * response.s_error, response.power_error)
    ports = len(response.ports)
    figure = page_figure(2.6)
    panels = figure.subplots(1, ports, sharex=True, sharey=True)
    for into, axes in enumerate(panels):
        for out in _seen(response.s[:, :, into]):
            _band(axes, out, response.wavelengths_um, np.abs(response.s[:, out, into]) ** 2, error[:, out, into])
            _entry(
                axes,
                out,
                wavelengths,
                _db(curves[:, out, into]),
                response.wavelengths_um,
                _db(response.s[:, out, into]),
            )
        axes.set_title(f"light into {response.ports[into]}")
        axes.set_xlabel("wavelength (µm)")
    _to_floor(panels[0], response.s)
    panels[0].set_ylabel("|S|² (dB)")
    legend_below(figure, _handles(response.ports, "to"), ports + 2)
    return figure


def draw_model(model: ScatteringModel, value: float | None) -> Figure:
    """|S|² in dB over wavelength, a panel per input port, by a model whose runs are not at hand."""
    wavelengths, curves = _over_wavelength(model, value)
    power, error = np.square(np.abs(curves)), np.array([model.power_error])
    figure = page_figure(2.6)
    panels = figure.subplots(1, len(model.ports), sharex=True, sharey=True)
    for into, axes in enumerate(panels):
        for out in _seen(curves[:, :, into]):
            _band(axes, out, wavelengths, power[:, out, into], error)
            axes.plot(wavelengths, _db(curves[:, out, into]), color=PALETTE[out % len(PALETTE)], linewidth=1.1)
        axes.set(title=f"light into {model.ports[into]}", xlabel="wavelength (µm)")
    _to_floor(panels[0], curves)
    panels[0].set_ylabel("|S|² (dB)")
    legend_below(figure, _handles(model.ports, "to")[:-2], len(model.ports))
    return figure


def draw_delay(model: ScatteringModel, value: float | None) -> Figure:
    """Phase since the middle wavelength and group delay of strong entries over wavelength, from the first port."""
    wavelengths, curves = _over_wavelength(model, value)
    figure = page_figure(2.5)
    phase, delay = figure.subplots(1, 2)
    for out in _seen(curves[:, :, 0], STRONG_DB):
        turn, colour = np.unwrap(np.angle(curves[:, out, 0])), PALETTE[out % len(PALETTE)]
        phase.plot(wavelengths, turn - turn[wavelengths.size // 2], color=colour, label=model.ports[out])
        delay.plot(wavelengths, group_delay_fs(turn, wavelengths), color=colour, label=model.ports[out])
    phase.set(xlabel="wavelength (µm)", ylabel="phase (rad)")
    delay.set(xlabel="wavelength (µm)", ylabel="group delay (fs)")
    handles, labels = phase.get_legend_handles_labels()
    figure.legend(handles, [f"{model.ports[0]} to {label}" for label in labels], loc="outside lower center", ncols=4)
    return figure


def group_delay_fs(phase: Real, wavelengths_um: Real) -> Real:
    """dφ/dω in fs of a continuous phase (n,) under exp(−iωt)."""
    per_um = 1e15 / SPEED_OF_LIGHT_UM_PER_S
    return np.asarray(np.gradient(phase, 1.0 / wavelengths_um) / (2.0 * np.pi) * per_um)


def _over_wavelength(model: ScatteringModel, value: float | None) -> tuple[Real, Complex]:
    """Wavelengths (m,), and S (m, n, n) at one value of the tunable parameter."""
    wavelengths = np.linspace(*model.wavelength_range_um, CURVE_POINTS)
    values = None if value is None else [value]
    return wavelengths, np.stack([model.s_matrices(float(w), values)[0] for w in wavelengths])


def draw_family(part: LinearPart) -> Figure:
    """|S|² in dB, strong |S|² and their phase over the tunable parameter, at the middle wavelength, from one port."""
    values, model = part.values, part.model
    if values is None or model.parameter is None:
        raise ValueError(f"device {part.short!r} is not tunable")
    middle = part.family[0].wavelengths_um.size // 2
    wavelength = float(part.family[0].wavelengths_um[middle])
    fine = np.unique(np.concatenate([np.linspace(values[0], values[-1], CURVE_POINTS), values]))
    runs = np.stack([r.s[middle, :, 0] for r in part.family])
    curves = model.s_matrices(wavelength, fine)[:, :, 0]
    at_runs = np.searchsorted(fine, values)
    figure = page_figure(2.5)
    everything, strong, phase = figure.subplots(1, 3)
    for out in _seen(runs):
        _entry(everything, out, fine, _db(curves[:, out]), values, _db(runs[:, out]))
    for out in _seen(runs, STRONG_DB):
        _entry(strong, out, fine, np.abs(curves[:, out]) ** 2, values, np.abs(runs[:, out]) ** 2)
        turn, points = _phases(curves[:, out], runs[:, out], at_runs)
        _entry(phase, out, fine, turn, values, points)
    _to_floor(everything, runs)
    strong.set_ylim(0.0, 1.05)
    for axes, label in ((everything, "|S|² (dB)"), (strong, "|S|², strong entries"), (phase, "phase change (rad)")):
        axes.set(xlabel=quantity(model.parameter), ylabel=label)
    legend_below(figure, _handles(part.family[0].ports, f"{part.family[0].ports[0]} to"), len(part.family[0].ports) + 2)
    return figure


def _phases(curve: Complex, runs: Complex, at_runs: NDArray[np.intp]) -> tuple[Real, Real]:
    """Model's continuous phase and that of the full-wave points on the same turn, both since the first value."""
    turn = np.unwrap(np.angle(curve))
    points = turn[at_runs] + np.angle(runs / curve[at_runs])
    return turn - turn[0], points - turn[0]


def _band(axes: Axes, out: int, x: Real, power: Real, error: Real) -> None:
    """From power − error to power + error, in dB; a power that may be zero reaches to the floor."""
    low = np.maximum(power - error, 10.0 ** (0.1 * FLOOR_DB))
    colour = PALETTE[out % len(PALETTE)]
    axes.fill_between(
        x, db_from_power_ratio(low), db_from_power_ratio(power + error), color=colour, alpha=0.15, linewidth=0.0
    )


def _entry(axes: Axes, out: int, x: Real, curve: Real, x_runs: Real, runs: Real) -> None:
    colour = PALETTE[out % len(PALETTE)]
    axes.plot(x, curve, color=colour, linewidth=1.1)
    marker = MARKERS[out % len(MARKERS)]
    axes.plot(x_runs, runs, marker, color=colour, markersize=3.4, markerfacecolor="white", markeredgewidth=0.9)


def _seen(columns: Complex, floor_db: float = FLOOR_DB) -> list[int]:
    """Rows (m, n) → outputs that rise above the floor anywhere."""
    return np.flatnonzero(_db(columns).max(axis=0) > floor_db).tolist()


def _to_floor(axes: Axes, runs: Complex) -> None:
    """Down to the weakest full-wave point that matters: a model's curve may pass through zero between points."""
    points = _db(runs)
    axes.set_ylim(max(points[points > FLOOR_DB].min() - 6.0, FLOOR_DB), 5.0)


def _db(s: Complex) -> Real:
    return db_from_power_ratio(np.abs(s) ** 2)


def _handles(ports: tuple[str, ...], prefix: str) -> list[Artist]:
    """Legend entries: a colour and marker per output port, then what points and curves are."""
    handles: list[Artist] = [
        Line2D([], [], color=PALETTE[i % len(PALETTE)], marker=MARKERS[i % len(MARKERS)], markerfacecolor="white",
               label=f"{prefix} {port}")
        for i, port in enumerate(ports)
    ]  # fmt: skip
    handles.append(Line2D([], [], color="0.4", marker="o", markerfacecolor="white", linestyle="", label="full wave"))
    handles.append(Line2D([], [], color="0.4", label="model"))
    return handles
