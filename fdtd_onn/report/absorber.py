"""What the report says of a saturable absorber: its fit, its errors, its probes."""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np

from fdtd_onn.reduce import AbsorberModel
from fdtd_onn.reduce.absorber import PumpProbeError
from fdtd_onn.reduce.absorber_fit import held_out
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
class AbsorberNumbers:
    """An absorber section: fitted numbers, errors, and how far each probe's transmission is from ∂y/∂E.

    points: one row per full-wave pump power: mW, |t|² of pump and of coherent probe, and whether the fit left it out.
    reflection_db: largest reflected over incident pump power. phase_per_absorption: κ, zero on resonance.
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
    reflection_db: float
    sections: tuple[int, ...]
    coherent_deviation: tuple[float, ...]
    gated_deviation: tuple[float, ...]
    points: tuple[tuple[float, float, float, bool], ...]
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
        reflection_db=float(db_from_power_ratio(np.abs(response.pump_reflection).max() ** 2)),
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


def _points(response: SaturationResponse) -> tuple[tuple[float, float, float, bool], ...]:
    pump, probe = np.abs(response.pump_transmission) ** 2, np.abs(response.probe_transmission) ** 2
    columns = (response.pump_mw.tolist(), pump.tolist(), probe.tolist(), held_out(pump.size).tolist())
    return tuple(zip(*columns, strict=True))
