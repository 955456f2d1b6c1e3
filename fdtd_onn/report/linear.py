"""What the report says of a linear device in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fdtd_onn.report.parts import LinearPart
from fdtd_onn.responses.scattering import Response


@dataclass(frozen=True)
class GuideNumbers:
    """The guide's mode behind a port, at the middle wavelength, of the member shown.

    effective_index_error: absolute, from two grids. group_index: None for less than three wavelengths.
    """

    port: str
    effective_index: float
    effective_index_error: float
    group_index: float | None


@dataclass(frozen=True)
class LinearNumbers:
    """A linear device, its responses and its model; errors are absolute, of S entries unless said otherwise.

    power_balance: lowest and highest total outgoing over incident power, over inputs, wavelengths and the family.
    computed_columns, inferred_columns: ports whose light was run, and whose follows from the declared symmetries.
    inference_error, margin_error: largest of the family's; None unless that check was asked for.
    run_largest_singular_value, run_reciprocity_defect: of the full-wave S; the model's own are over a denser grid.
    """

    short: str
    device: str
    summary: str
    kind: str
    polarization: str
    ports: tuple[str, ...]
    guides: tuple[GuideNumbers, ...]
    computed_columns: tuple[str, ...]
    inferred_columns: tuple[str, ...]
    inference_error: float | None
    margin_error: float | None
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
        guides=_guides(family[part.shown]),
        computed_columns=first.computed_columns,
        inferred_columns=tuple(port for port in first.ports if port not in first.computed_columns),
        inference_error=_largest([r.inference_error for r in family]),
        margin_error=_largest([r.margin_error for r in family]),
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


def _guides(response: Response) -> tuple[GuideNumbers, ...]:
    middle, known = response.wavelengths_um.size // 2, response.wavelengths_um.size > 2
    return tuple(
        GuideNumbers(
            port,
            float(response.effective_index[middle, k]),
            float(response.effective_index_error[middle, k]),
            float(response.group_index[middle, k]) if known else None,
        )
        for k, port in enumerate(response.ports)
    )


def _largest(errors: Sequence[float | None]) -> float | None:
    """Of those that were checked; None if none was."""
    return max((error for error in errors if error is not None), default=None)
