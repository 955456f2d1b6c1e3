"""Numbers as the page prints them: few digits, true minus signs and powers of ten."""

from __future__ import annotations

from math import floor, log10

from fdtd_onn.specs.problems import UNITS

MISSING = "–"
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_NAMES = {"delta_t": "ΔT", "dn_dt": "dn/dT"}


def significant(value: float | None, digits: int = 3) -> str:
    """A number to so many significant digits, in powers of ten below 0.001 and from a million on."""
    if value is None:
        return MISSING
    if value == 0.0:
        return "0"
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    power = int(exponent)
    if -3 <= power < 6:
        return _signed(f"{value:.{max(digits - 1 - power, 0)}f}")
    return f"{_signed(mantissa)} × 10{str(power).translate(_RAISED)}"


def fixed(value: float | None, decimals: int) -> str:
    """A number with so many decimals."""
    return MISSING if value is None else _signed(f"{round(value, decimals) + 0.0:.{decimals}f}")  # no minus zero


def percent(share: float | None) -> str:
    """A share of one in percent, to a tenth."""
    return MISSING if share is None else f"{100.0 * share:.1f} %"


def uncertain(value: float, deviation: float) -> str:
    """Value ± standard deviation, both to the deviation's second significant digit."""
    if deviation == 0.0:
        return f"{significant(value, 4)} ± 0"
    decimals = max(1 - floor(log10(deviation)), 0)
    return f"{_signed(f'{value:.{decimals}f}')} ± {deviation:.{decimals}f}"


def duration(seconds: float) -> str:
    """Seconds in the unit that suits them."""
    if seconds < 120.0:
        return f"{significant(seconds, 2)} s"
    return f"{seconds / 60.0:.1f} min" if seconds < 7200.0 else f"{seconds / 3600.0:.1f} h"


def quantity(name: str) -> str:
    """A parameter's name with its unit as an axis has them: `gap_um` is "gap (µm)"."""
    endings = [ending for ending in UNITS if name.endswith(ending)]
    if not endings:
        return name.replace("_", " ")
    ending = max(endings, key=len)
    stem = name.removesuffix(ending)
    return f"{_NAMES.get(stem, stem.replace('_', ' '))} ({UNITS[ending]})"


def _signed(text: str) -> str:
    return text.replace("-", "−")
