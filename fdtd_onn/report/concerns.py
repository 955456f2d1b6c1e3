"""What a reader must know before trusting the numbers: checks that failed, and how far they were missed."""

from __future__ import annotations

import numpy as np

from fdtd_onn.api import ProcessSpread
from fdtd_onn.reduce import AnyModel, HeaterModel, ScatteringModel, TapModel
from fdtd_onn.reduce.scattering import ABSORBING_LAYERS
from fdtd_onn.report.absorber import AbsorberNumbers
from fdtd_onn.report.formats import percent, significant
from fdtd_onn.report.heater import HeaterNumbers
from fdtd_onn.report.linear import LinearNumbers
from fdtd_onn.report.origin import Origin
from fdtd_onn.report.tap import TapNumbers
from fdtd_onn.report.training import EXACT_RULE, RuleNumbers

# What a model must reach before a network built of it says something about the devices.
LARGEST_FIT_ERROR = 5e-3
LARGEST_HELD_OUT_ERROR = 5e-3
LARGEST_POWER_ERROR = 1e-2
LARGEST_RECIPROCITY_DEFECT = 1e-3
LARGEST_HEATER_ERROR = 1e-2  # relative, of phase and time
LARGEST_CROSSTALK_ERROR = 1e-3
LARGEST_SPECTRUM_DEFECT = 2e-2  # of the radiated power
DRAFT = "Results are at draft fidelity: good for trying out, not for figures to publish."
NEGLIGIBLE_SPREAD = 1e-4  # of a share, of dB or rad: nobody asks how certain less than this is
LOWEST_COSINE = 0.5  # a gradient 60° off costs half of every step


def linear_concerns(n: LinearNumbers) -> list[str]:
    """Of one linear device."""
    singular, gain = significant(n.largest_singular_value, 5), n.power_balance[1] - 1.0
    checks = (
        (n.passive, f"the model is not passive: largest singular value {singular}, "
                    f"tolerance {significant(n.passivity_tolerance, 2)} above 1"),
        (gain <= 2 * ABSORBING_LAYERS,
         f"the full-wave runs give {significant(gain, 2)} more power than they get, "
         f"beyond the {significant(2 * ABSORBING_LAYERS, 2)} that absorbing layers may add"),
        (n.run_reciprocity_defect <= LARGEST_RECIPROCITY_DEFECT, _above("reciprocity defect of the full-wave S",
                                                                        n.run_reciprocity_defect,
                                                                        LARGEST_RECIPROCITY_DEFECT)),
        (n.inference_error is None or n.inference_error <= n.s_error,
         f"an inferred column is off its own run by {significant(n.inference_error, 2)}, above the error of S, "
         f"{significant(n.s_error, 2)}: look at the symmetries that the device declares"),
        (n.power_error <= LARGEST_POWER_ERROR, _above("power error of the full-wave runs", n.power_error,
                                                      LARGEST_POWER_ERROR)),
        (n.validation_error <= LARGEST_FIT_ERROR, _above("model error at left-out points", n.validation_error,
                                                         LARGEST_FIT_ERROR)),
        (n.parameter_validated, f"the model was never checked between its two values of {n.parameter}"),
    )  # fmt: skip
    return [f"{n.short}: {text}." for holds, text in checks if not holds]


def tap_concerns(short: str, n: TapNumbers) -> list[str]:
    """Of the light that leaves one grating tap."""
    what, defect = "part of the radiated light that the angular spectra miss", n.spectrum_defect
    return [] if defect <= LARGEST_SPECTRUM_DEFECT else [f"{short}: {_above(what, defect, LARGEST_SPECTRUM_DEFECT)}."]


def absorber_concerns(n: AbsorberNumbers) -> list[str]:
    """Of one saturable absorber."""
    limits = (
        ("model error at fitted pump powers", n.fit_error, LARGEST_FIT_ERROR),
        ("model error at held-out pump powers", n.held_out_error, LARGEST_HELD_OUT_ERROR),
        ("|t|² error of the full-wave runs", n.response_error, LARGEST_POWER_ERROR),
    )
    return [
        f"{n.short}: {_above(f'{what}, {light}', error, limit)}."
        for what, errors, limit in limits
        for light, error in (("pump", errors.pump), ("coherent probe", errors.probe))
        if error > limit
    ]


def heater_concerns(n: HeaterNumbers) -> list[str]:
    """Of one heater."""
    return _heater_errors(n.short, n)


def model_concerns(short: str, model: AnyModel) -> list[str]:
    """Of a compiled model of which nothing else is at hand."""
    found = [] if model.passive else [f"{short}: the model is not passive."]
    draft = [DRAFT] if model.fidelity == "draft" else []
    if isinstance(model, HeaterModel):
        return [*found, *_heater_errors(short, model), *draft]
    if isinstance(model, ScatteringModel):
        runs, left_out = model.power_error, model.validation_error
    elif isinstance(model, TapModel):
        runs = model.guided.power_error
        left_out = max(model.guided.validation_error, model.collected_validation_error)
    else:
        runs, left_out = model.response_error.pump, model.held_out_error.pump
    checks = (
        ("power error of the full-wave runs", runs, LARGEST_POWER_ERROR),
        ("model error at left-out points", left_out, LARGEST_FIT_ERROR),
    )
    found += [f"{short}: {_above(what, error, limit)}." for what, error, limit in checks if error > limit]
    return [*found, *draft]


def process_concerns(spread: ProcessSpread) -> list[str]:
    """Of a spread: quantities whose expansion, slopes or runs are further off than one device is from the mean."""
    causes = (
        ("the expansion at the corners is off by", spread.corner_error),
        ("the sensitivities leave open", np.sqrt(np.sum(spread.first_error**2, axis=1))),
        ("the full-wave run of the device as drawn may be off by", spread.run_error),
    )
    return [
        f"{name}: {what} {significant(error, 2)}, more than one standard deviation "
        f"({significant(deviation, 2)}). Steps of nanometres may be below what the grid tells: take a finer fidelity."
        for what, errors in causes
        for name, error, deviation in zip(spread.names, errors.tolist(), spread.expansion.deviation, strict=True)
        if error > max(float(deviation), NEGLIGIBLE_SPREAD)
    ]


def training_concerns(n: RuleNumbers) -> list[str]:
    """Of one rule's trainings."""
    found = []
    if n.rule != EXACT_RULE:
        for mesh, lowest in enumerate(n.lowest_cosine, start=1):
            if lowest is None:
                found.append(f"{n.rule}: no gradient cosine in mesh {mesh}, because a gradient was zero.")
            elif lowest < LOWEST_COSINE:
                found.append(f"{n.rule}: gradient cosine in mesh {mesh} falls to {significant(lowest, 2)}.")
    if len(n.seeds) == 1:
        found.append(f"{n.rule}: a single seed, so nothing is known of the spread.")
    spread = n.test_accuracy
    if spread.interval is not None and spread.interval[1] - spread.interval[0] > 0.1:
        low, high = spread.interval
        found.append(f"{n.rule}: mean test accuracy is known only to {percent(low)} … {percent(high)}.")
    return found


def origin_concerns(rows: tuple[Origin, ...]) -> list[str]:
    """Of where the numbers come from."""
    found = []
    if any(row.fidelity == "draft" for row in rows):
        found.append(DRAFT)
    if len({(row.engine, row.engine_version, row.code_digest) for row in rows}) > 1:
        found.append("Responses come from different engines or versions of the code: see the provenance.")
    return found


def _heater_errors(short: str, errors: HeaterNumbers | HeaterModel) -> list[str]:
    limits = (
        ("relative error of the phase", errors.phase_error, LARGEST_HEATER_ERROR),
        ("error of the crosstalk", errors.crosstalk_error, LARGEST_CROSSTALK_ERROR),
        ("relative error of the time constant", errors.time_error, LARGEST_HEATER_ERROR),
    )
    return [f"{short}: {_above(what, error, limit)}." for what, error, limit in limits if error > limit]


def _above(what: str, value: float, limit: float) -> str:
    return f"{what} is {significant(value, 3)}, above {significant(limit, 2)}"
