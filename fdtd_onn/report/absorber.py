"""What the report says of a saturable absorber: its fit, its errors, its probes."""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np

from fdtd_onn.reduce import AbsorberModel, SaturationFit
from fdtd_onn.reduce.absorber import PumpProbeError
from fdtd_onn.reduce.absorber_fit import held_out
from fdtd_onn.reduce.probe_error import DepthRow, error_over_depth
from fdtd_onn.reduce.saturation_fit import Estimate as Fitted
from fdtd_onn.report.absorber_curves import W_PER_MW, absorber_curves, pump_axis
from fdtd_onn.report.parts import AbsorberPart
from fdtd_onn.responses.saturation import SaturationResponse
from fdtd_onn.units import db_from_power_ratio


@dataclass(frozen=True)
class Estimate:
    """A fitted number and its standard deviation."""

    value: float
    deviation: float


@dataclass(frozen=True)
class LineNumbers:
    """One fit of all that was run of a section (`fit_saturation`), depth and saturation power at the line's centre.

    detuning: of the light above the line, in its half widths. recovery_periods: in optical periods of the run, beside
    the lifetime that it was given; None where recovery was not run. largest_error: of |t|², by kind of data.
    """

    optical_depth: Estimate
    nonsaturable_optical_depth: Estimate
    saturation_power_mw: Estimate
    effective_area_um2: Estimate
    detuning: Estimate
    recovery_periods: Estimate | None
    set_recovery_periods: float | None
    largest_error: dict[str, float]


@dataclass(frozen=True)
class AbsorberNumbers:
    """An absorber section: fitted numbers, errors, and how far each probe's transmission is from ∂y/∂E.

    points: one row per full-wave pump power: mW, |t|² of pump, coherent and time-gated probe, and whether the fit left
    it out. gated_error, gated_response_error: of the time-gated probe's |t|², by the model, which was not fitted to it,
    and of its full-wave runs. over_depth: what each probe's gradient errs by at other optical depths.
    reflection_db: largest reflected over incident pump power. phase_per_absorption: κ, zero on resonance.
    scale_error: relative, of all powers, by two grids.
    coherent_deviation, gated_deviation: largest | |t_probe|/|∂y/∂E| − 1 | over the characterised powers, for one
    section and for each of `sections` in series.
    """

    short: str
    device: str
    summary: str
    wavelength_um: float
    pump_range_mw: tuple[float, float]
    optical_depth: Estimate
    saturation_power_mw: Estimate
    nonsaturable_optical_depth: Estimate
    phase_per_absorption: Estimate
    fit_error: PumpProbeError
    held_out_error: PumpProbeError
    response_error: PumpProbeError
    gated_error: float
    gated_response_error: float
    line: LineNumbers
    over_depth: tuple[DepthRow, ...]
    reflection_db: float
    scale_error: float
    sections: tuple[int, ...]
    coherent_deviation: tuple[float, ...]
    gated_deviation: tuple[float, ...]
    points: tuple[tuple[float, float, float, float, bool], ...]
    model_file: str


def series_counts(part: AbsorberPart) -> tuple[int, ...]:
    """One section, and then the numbers in series that the network uses."""
    return tuple(sorted({1, *part.sections}))


def absorber_numbers(part: AbsorberPart, model_file: str) -> AbsorberNumbers:
    """Read them off an absorber's response and model."""
    response, model = part.response, part.model
    depth, nonsaturable, saturation_w, phase = _estimates(model)
    curves = [absorber_curves(model.cascade(count), pump_axis(part)) for count in series_counts(part)]
    return AbsorberNumbers(
        short=part.short,
        device=response.device.name,
        summary=response.device.summary,
        wavelength_um=response.wavelength_um,
        pump_range_mw=(float(response.pump_mw[0]), float(response.pump_mw[-1])),
        optical_depth=depth,
        saturation_power_mw=Estimate(saturation_w.value / W_PER_MW, saturation_w.deviation / W_PER_MW),
        nonsaturable_optical_depth=nonsaturable,
        phase_per_absorption=phase,
        fit_error=model.fit_error,
        held_out_error=model.held_out_error,
        response_error=model.response_error,
        gated_error=_gated_error(part),
        gated_response_error=float(response.error[:, 2].max()),
        line=_line(part.fit),
        over_depth=error_over_depth(model, W_PER_MW * pump_axis(part)),
        reflection_db=float(db_from_power_ratio(np.abs(response.pump_reflection).max() ** 2)),
        scale_error=response.scale_error,
        sections=series_counts(part),
        coherent_deviation=tuple(float(np.abs(c.coherent_ratio - 1.0).max()) for c in curves),
        gated_deviation=tuple(float(np.abs(c.gated_ratio - 1.0).max()) for c in curves),
        points=_points(response),
        model_file=model_file,
    )


def _estimates(model: AbsorberModel) -> tuple[Estimate, ...]:
    """Fitted numbers with their deviations: α₀L, α_ns L, P_sat in W, κ."""
    return tuple(
        Estimate(value, deviation)
        for value, deviation in zip(astuple(model.absorption)[:4], astuple(model.uncertainty)[:4], strict=True)
    )


def _line(fit: SaturationFit) -> LineNumbers:
    def estimate(found: Fitted, scale: float = 1.0) -> Estimate:
        return Estimate(scale * found.value, scale * found.deviation)

    return LineNumbers(
        optical_depth=estimate(fit.optical_depth),
        nonsaturable_optical_depth=estimate(fit.nonsaturable_optical_depth),
        saturation_power_mw=estimate(fit.saturation_power_w, 1.0 / W_PER_MW),
        effective_area_um2=estimate(fit.effective_area_um2),
        detuning=estimate(fit.detuning),
        recovery_periods=None if fit.recovery_periods is None else estimate(fit.recovery_periods),
        set_recovery_periods=fit.set_recovery_periods,
        largest_error=fit.largest_error,
    )


def _gated_error(part: AbsorberPart) -> float:
    power = np.minimum(W_PER_MW * part.response.pump_mw, part.model.max_power_w)
    model = np.abs(part.model.probe(np.sqrt(power), "time-gated")) ** 2
    return float(np.abs(model - np.abs(part.response.gated_transmission) ** 2).max())


def _points(response: SaturationResponse) -> tuple[tuple[float, float, float, float, bool], ...]:
    seen = (response.pump_transmission, response.probe_transmission, response.gated_transmission)
    pump, coherent, gated = ((np.abs(t) ** 2).tolist() for t in seen)
    return tuple(zip(response.pump_mw.tolist(), pump, coherent, gated, held_out(len(pump)).tolist(), strict=True))
