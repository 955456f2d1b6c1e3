"""What the report says of a heater: its numbers and its figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fdtd_onn.reduce import HeaterModel
from fdtd_onn.report.figures.heater import draw_crosstalk, draw_growth, draw_heater
from fdtd_onn.report.figures.style import page_style, png
from fdtd_onn.report.folder import write_image
from fdtd_onn.report.parts import HeaterPart
from fdtd_onn.report.pictures import Drawn
from fdtd_onn.responses.heating import HeaterResponse

NEIGHBOURS_UM = (10.0, 25.0, 50.0)


@dataclass(frozen=True)
class HeaterNumbers:
    """A heater at the middle wavelength, per mW of its power; phase and time errors are relative, both from two grids.

    crosstalk: (distance in µm, phase in the section of a heater so far aside over the heated one's own).
    """

    short: str
    device: str
    summary: str
    wavelength_um: float
    p_pi_mw: float
    phase_rad_per_mw: float
    core_k_per_mw: float
    heater_k_per_mw: float
    crosstalk: tuple[tuple[float, float], ...]
    time_constant_us: float
    rise_time_10_90_us: float
    loss_db: float
    energy_at_heater: float
    phase_error: float
    crosstalk_error: float
    time_error: float
    model_file: str


def heater_numbers(part: HeaterPart, model_file: str) -> HeaterNumbers:
    """Read them off a heater's model."""
    model, device = part.model, part.response.device
    wavelength = 0.5 * sum(model.wavelength_range_um)
    return HeaterNumbers(
        short=part.short,
        device=device.name,
        summary=device.summary,
        wavelength_um=wavelength,
        p_pi_mw=model.p_pi_mw(wavelength),
        phase_rad_per_mw=model.radians_per_mw(wavelength),
        core_k_per_mw=model.core_k_per_mw,
        heater_k_per_mw=model.heater_k_per_mw,
        crosstalk=tuple((aside, float(model.crosstalk_at(0.0, aside))) for aside in NEIGHBOURS_UM),
        time_constant_us=model.time_constant_us,
        rise_time_10_90_us=model.step.time_to(0.9) - model.step.time_to(0.1),
        loss_db=model.loss_db,
        energy_at_heater=model.energy_at_heater,
        phase_error=model.phase_error,
        crosstalk_error=model.crosstalk_error,
        time_error=model.time_error,
        model_file=model_file,
    )


def of_heater(part: HeaterPart) -> Iterator[Drawn]:
    """The figures of a heater."""
    yield (
        f"{part.short}_heat", f"Temperature around {part.short} and its crosstalk over distance",
        "Temperature rise per mW over the cross-section, with guide, heater and wafer; and the phase in the section of "
        "another heater over that in the heated one's own.",
        draw_heater(part.response),
    )  # fmt: skip
    yield _of_growth(part.short, part.model)


def of_heater_model(short: str, model: HeaterModel) -> Iterator[Drawn]:
    """The figures of a heater's model, which has no map of temperature."""
    yield (
        f"{short}_crosstalk", f"Crosstalk of {short} over distance",
        "Phase in the section of another heater over that in the heated one's own, by the model.",
        draw_crosstalk(model),
    )  # fmt: skip
    yield _of_growth(short, model)


def _of_growth(short: str, model: HeaterModel) -> Drawn:
    return (
        f"{short}_growth", f"Growth of the phase of {short} after switching on",
        "Phase over time after the power is switched on, over its final value; dotted: the time constant, at 1 − 1/e.",
        draw_growth(model),
    )  # fmt: skip


def write_heater(response: HeaterResponse, file: Path) -> None:
    """Draw temperature and crosstalk of a heater into a PNG file. Raises BadInput if it cannot be written."""
    with page_style():
        image = png(draw_heater(response))
    write_image(image, file)
