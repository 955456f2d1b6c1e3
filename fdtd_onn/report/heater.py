"""A heater's response as a figure."""

from __future__ import annotations

from pathlib import Path

from fdtd_onn.report.figures.heater import draw_heater
from fdtd_onn.report.figures.style import page_style, png
from fdtd_onn.report.sweep import write_png
from fdtd_onn.responses.heating import HeaterResponse


def write_heater(response: HeaterResponse, file: Path) -> None:
    """Draw temperature and crosstalk of a heater into a PNG file. Raises BadInput if it cannot be written."""
    with page_style():
        image = png(draw_heater(response))
    write_png(image, file)
