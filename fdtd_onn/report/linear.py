"""What the report says of a linear device in numbers."""

from __future__ import annotations

from dataclasses import dataclass

from fdtd_onn.report.parts import LinearPart


@dataclass(frozen=True)
class LinearNumbers:
    """A linear device, its responses and its model; errors are absolute, of S entries unless said otherwise.

    power_balance: lowest and highest total outgoing over incident power, over inputs, wavelengths and the family.
    run_largest_singular_value, run_reciprocity_defect: of the full-wave S; the model's own are over a denser grid.
    """

    short: str
    device: str
    summary: str
    kind: str
    polarization: str
    ports: tuple[str, ...]
    wavelength_range_um: tuple[float, float]
    wavelength_points: int
    parameter: str | None
    parameter_values: tuple[float, ...]
    power_balance: tuple[float, float]
    run_reciprocity_defect: float
    run_largest_singular_value: float
    s_error: float
    power_error: float
    fit_error: float
    validation_error: float
    parameter_validated: bool
    reciprocity_defect: float
    largest_singular_value: float
    passive: bool
    passivity_tolerance: float
    model_file: str


def linear_numbers(part: LinearPart, model_file: str) -> LinearNumbers:
    """Read them off a device's family and model."""
    family, model = part.family, part.model
    first, values = family[0], part.values
    return LinearNumbers(
        short=part.short,
        device=first.device.name,
        summary=first.device.summary,
        kind=first.device.kind,
        polarization=first.device.polarization,
        ports=first.ports,
        wavelength_range_um=model.wavelength_range_um,
        wavelength_points=first.wavelengths_um.size,
        parameter=model.parameter,
        parameter_values=() if values is None else tuple(values.tolist()),
        power_balance=(
            min(float(r.power_balance.min()) for r in family),
            max(float(r.power_balance.max()) for r in family),
        ),
        run_reciprocity_defect=max(r.reciprocity_defect for r in family),
        run_largest_singular_value=max(r.largest_singular_value for r in family),
        s_error=model.s_error,
        power_error=model.power_error,
        fit_error=model.fit_error,
        validation_error=model.validation_error,
        parameter_validated=model.parameter_validated,
        reciprocity_defect=model.reciprocity_defect,
        largest_singular_value=model.largest_singular_value,
        passive=bool(model.passive),
        passivity_tolerance=model.passivity_tolerance,
        model_file=model_file,
    )
