"""Designs found by full-wave runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from fdtd_onn.api.characterize import AnyResponse, Listener, characterize
from fdtd_onn.errors import BadInput, RunFailed
from fdtd_onn.responses.tap import TapResponse
from fdtd_onn.specs.device import GratingTap
from fdtd_onn.specs.fidelity import FidelityName
from fdtd_onn.store import Store

#: Tap ratios that can be asked for: below, the grid's own scattering shows; above, the grooves are no longer shallow.
RATIOS = (1e-3, 0.2)
TOLERANCE = 0.1
_CLOSE = 0.03
_SHALLOWEST_UM = 0.01
_DEEPEST = 0.5  # of the film that stands above the slab
_STEP_UM = 1e-4
_MOST_GROOVES = 15
_MOST_RUNS = 8


@dataclass(frozen=True, eq=False)
class Trial:
    """One tap that was characterised. ratio: of light from o1 to the camera, in the middle of the band."""

    grooves: int
    etch_um: float
    ratio: float
    response: TapResponse


_Run = Callable[[GratingTap], AnyResponse]


def design_tap(
    template: GratingTap,
    ratio: float,
    fidelity: FidelityName = "draft",
    store: Store | None = None,
    workers: int | None = None,
    listener: Listener | None = None,
) -> tuple[Trial, ...]:
    """Trials of a tap, the last of them within 10 % of a tap ratio: its device is the design.

    The etch depth follows from log-log secants, begun with the square law of shallow grooves. Where it would get too
    shallow to make or too deep to be shallow, the row gets fewer or more grooves. Raises BadInput for ratios that no
    such tap has, and RunFailed where the search does not end.
    """
    if not RATIOS[0] <= ratio <= RATIOS[1]:
        expected = f"a tap ratio from {RATIOS[0]:g} to {RATIOS[1]:g}"
        raise BadInput("ratio", expected, f"{ratio:g}", "Ask for one that shallow grooves can have.")
    stack, etched = template.stack_in_use, template.parameters.etch_um
    limits = (_SHALLOWEST_UM, _DEEPEST * (stack.thickness_um - stack.slab_um))
    grooves, etch = template.parameters.grooves, float(np.clip(etched, *limits))
    run = partial(characterize, fidelity=fidelity, store=store, workers=workers, listener=listener)
    trials: list[Trial] = []
    while len(trials) < _MOST_RUNS:
        trials.append(_tried(template, grooves, _rounded(etch), run))
        if abs(trials[-1].ratio / ratio - 1.0) < _CLOSE:
            return tuple(trials)
        etch = _next_etch([trial for trial in trials if trial.grooves == grooves], ratio)
        if _rounded(etch) == trials[-1].etch_um:
            break
        if not limits[0] <= etch <= limits[1]:
            grooves, etch = _other_row(grooves, etch, limits)
    best = trials[-1]
    if abs(best.ratio / ratio - 1.0) < TOLERANCE:
        return tuple(trials)
    got = f"{best.ratio:.3g} with {best.grooves} grooves of {best.etch_um * 1e3:.1f} nm"
    raise RunFailed(
        f"design tap: expected a tap ratio within {TOLERANCE:.0%} of {ratio:g} after {len(trials)} trials, got {got}: "
        "start from a template closer to it"
    )


def _tried(template: GratingTap, grooves: int, etch_um: float, run: _Run) -> Trial:
    parameters = template.parameters.model_copy(update={"grooves": grooves, "etch_um": etch_um})
    device = template.model_copy(update={"parameters": parameters})
    response = run(device)
    assert isinstance(response, TapResponse)
    middle = response.guided.wavelengths_um.size // 2
    return Trial(grooves, etch_um, float(response.ratio(device.camera)[middle, 0]), response)


def _next_etch(trials: list[Trial], ratio: float) -> float:
    """Where the secant of log ratio over log depth meets the wanted one; the square law for a first trial."""
    last, power = trials[-1], 2.0
    before = next((trial for trial in reversed(trials) if trial.etch_um != last.etch_um), None)
    if before is not None:
        power = float(np.log(last.ratio / before.ratio) / np.log(last.etch_um / before.etch_um))
        power = float(np.clip(power, 1.0, 3.0))  # two trials close by tell it badly
    return float(last.etch_um * (ratio / last.ratio) ** (1.0 / power))


def _other_row(grooves: int, etch_um: float, limits: tuple[float, float]) -> tuple[int, float]:
    """A row whose light, about as its length and the square of its depth, is the same within the limits."""
    nearest = float(np.clip(etch_um, *limits))
    wanted = grooves * (etch_um / nearest) ** 2
    other = int(np.ceil(wanted)) if wanted > grooves else int(np.floor(wanted))
    if not 1 <= other <= _MOST_GROOVES:
        expected = f"a ratio that 1 to {_MOST_GROOVES} grooves of {limits[0] * 1e3:g} to {limits[1] * 1e3:g} nm have"
        got = f"one for about {wanted:.3g} grooves of {nearest * 1e3:g} nm"
        raise BadInput("ratio", expected, got, "Ask for another ratio, or change the camera or the period.")
    return other, nearest


def _rounded(etch_um: float) -> float:
    return round(round(etch_um / _STEP_UM) * _STEP_UM, 6)
