"""Touchstone files (.s2p, .s4p, …), which electronic and photonic circuit simulators read.

Source: Touchstone File Format Specification, version 1.1 (IBIS Open Forum, 2002).
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import BadInput
from fdtd_onn.reduce.exports.sampled import SampledModel, write_text

GHZ_PER_HZ = 1e-9
PAIRS_PER_LINE = 4


def write_touchstone(sampled: SampledModel, file: str | Path) -> None:
    """Write real and imaginary parts over GHz (the format knows no THz), rows of S in the order of the ports.

    The format has exp(+jωt): S is conjugated, and a comment says so. Raises BadInput if the file's ending is not that
    of the number of ports, or if it cannot be written.
    """
    path = Path(file)
    require_ending(path, len(sampled.ports))
    lines = [
        *(f"! {note}" for note in sampled.notes),
        "! Time dependence exp(+j omega t): S is the complex conjugate of the model's, which has exp(-i omega t)",
        "! Waves are normalised to optical power; the reference impedance only fills its place",
        *(f"! Port[{number}] = {port}" for number, port in enumerate(sampled.ports, start=1)),
        "# GHz S RI R 50",
        *(
            line
            for frequency, s in zip(sampled.frequencies_hz * GHZ_PER_HZ, sampled.s.conj(), strict=True)
            for line in _lines(float(frequency), s)
        ),
    ]
    write_text(path, "\n".join(lines) + "\n")


def require_ending(file: Path, ports: int) -> None:
    """BadInput unless a file's ending is that of so many ports."""
    ending = f".s{ports}p"
    if file.suffix.lower() != ending:
        raise BadInput(str(file), f"a name ending in {ending}, for {ports} ports", file.suffix, "Name the file so.")


def is_touchstone(file: Path) -> bool:
    """Whether a file's name says that it is one, whatever its number of ports."""
    return re.fullmatch(r"\.s[0-9]+p", file.suffix.lower()) is not None


def _lines(frequency: float, s: NDArray[np.complex128]) -> list[str]:
    """One frequency: S row by row, at most four entries a line; two ports on one line, column by column."""
    rows = [s.T.ravel()] if len(s) == 2 else list(s)
    chunks = [row[k : k + PAIRS_PER_LINE] for row in rows for k in range(0, row.size, PAIRS_PER_LINE)]
    texts = [" ".join(f"{float(x.real)!r} {float(x.imag)!r}" for x in chunk) for chunk in chunks]
    return [f"{frequency!r} {texts[0]}", *(f"  {text}" for text in texts[1:])]
