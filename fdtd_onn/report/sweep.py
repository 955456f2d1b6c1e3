"""A sweep of one device parameter as a figure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from fdtd_onn.report.figures.style import MARKERS, PALETTE, page_figure, page_style, png
from fdtd_onn.report.folder import write_image
from fdtd_onn.report.formats import quantity
from fdtd_onn.responses.scattering import Response
from fdtd_onn.units import db_from_power_ratio


def write_sweep(responses: Sequence[Response], parameter: str, file: Path) -> None:
    """Draw |S|² from the first port, at the middle wavelength, over a device parameter, into a PNG file.

    Raises BadInput if the file cannot be written.
    """
    with page_style():
        image = png(_draw(responses, parameter))
    write_image(image, file)


def _draw(responses: Sequence[Response], parameter: str) -> Figure:
    values = [getattr(r.device.parameters, parameter) for r in responses]
    middle = responses[0].wavelengths_um.size // 2
    power = np.array([np.abs(r.s[middle, :, 0]) ** 2 for r in responses])
    error = np.array([2 * np.abs(r.s[middle, :, 0]) * r.s_error[middle, :, 0] for r in responses])
    limits = np.array([r.power_error for r in responses])
    ports = responses[0].ports
    figure = page_figure(2.8)
    linear, decibels = figure.subplots(1, 2)
    for k, port in enumerate(ports):
        style = {
            "color": PALETTE[k % len(PALETTE)],
            "marker": MARKERS[k % len(MARKERS)],
            "label": f"{ports[0]} to {port}",
        }
        linear.errorbar(values, power[:, k], np.minimum(error[:, k], limits), capsize=2, **style)
        decibels.plot(values, db_from_power_ratio(power[:, k]), **style)
    wavelength = responses[0].wavelengths_um[middle]
    linear.set(xlabel=quantity(parameter), ylabel=f"|S|² at {wavelength:.3f} µm", ylim=(-0.05, 1.05))
    decibels.set(xlabel=quantity(parameter), ylabel="|S|² (dB)")
    linear.legend()
    return figure
