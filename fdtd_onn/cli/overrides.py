"""Parameters from the command line: `--set NAME=VALUE`, or `--set NAME=START:STOP:STEP` for a sweep."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from decimal import Decimal

from fdtd_onn.errors import BadInput
from fdtd_onn.specs.device import AnyDevice
from fdtd_onn.specs.device.base import Plane
from fdtd_onn.specs.load import in_dimensions, load_device

LARGEST_SWEEP = 1000
_EXAMPLE = "For example: --set gap_um=0.21, or --set gap_um=0.15:0.30:0.05 for a sweep."


def load_one(source: str, texts: Sequence[str], dimensions: int | None, plane: Plane | None = None) -> AnyDevice:
    """The device with its overrides; BadInput for a sweep."""
    return in_dimensions(load_device(source, **single_values(texts)), dimensions, plane)


def single_values(texts: Sequence[str]) -> dict[str, float]:
    """The value of each parameter that the texts name; BadInput for a sweep."""
    values = _all_values(texts)
    swept = [name for name, several in values.items() if len(several) > 1]
    if swept:
        raise BadInput("--set", "one value per parameter here", f"a sweep of {', '.join(swept)}", "Give single values.")
    return {name: value for name, (value,) in values.items()}


def load_swept(
    source: str, texts: Sequence[str], dimensions: int | None, plane: Plane | None = None
) -> tuple[list[AnyDevice], tuple[str, ...]]:
    """The devices of all combinations of the swept values, last parameter fastest, and the swept names.

    dimensions, plane: in place of the file's own; the word for one of them alone settles the other, if it must.
    """
    values = _all_values(texts)
    if math.prod(map(len, values.values())) > LARGEST_SWEEP:
        raise BadInput("--set", f"at most {LARGEST_SWEEP} devices", f"more than {LARGEST_SWEEP}", "Take larger steps.")
    combinations = itertools.product(*values.values())
    devices = [load_device(source, **dict(zip(values, chosen, strict=True))) for chosen in combinations]
    placed = [in_dimensions(device, dimensions, plane) for device in devices]
    return placed, tuple(name for name, several in values.items() if len(several) > 1)


def _all_values(texts: Sequence[str]) -> dict[str, list[float]]:
    values: dict[str, list[float]] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise BadInput("--set", "NAME=VALUE or NAME=START:STOP:STEP", repr(text), _EXAMPLE)
        if name in values:
            raise BadInput("--set", "each parameter once", f"{name} twice", "Give it once.")
        values[name] = _values(text, value)
    return values


def _values(text: str, value: str) -> list[float]:
    """One number, or a range with both ends: decimal arithmetic, so that 0.15:0.30:0.05 holds 0.30."""
    try:
        numbers = [Decimal(part) for part in value.split(":")]
        if len(numbers) == 1 and numbers[0].is_finite():
            return [float(numbers[0])]
        start, stop, step = numbers
        if not (step > 0 and stop >= start and stop.is_finite()):
            raise ValueError(value)
        count = min(int((stop - start) / step) + 1, LARGEST_SWEEP + 1)
    except (ArithmeticError, ValueError) as error:
        got = repr(text)
        raise BadInput("--set", "a number, or START:STOP:STEP with STEP above 0", got, _EXAMPLE) from error
    return [float(start + k * step) for k in range(count)]
