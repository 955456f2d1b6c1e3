"""The text file that Lumerical INTERCONNECT's "Optical N Port S-Parameter" element loads.

Form: type "transmission" with named ports, that is, a line `["port","SIDE"]` for every port, then for every entry of S
the line `("out port","mode label",out mode id,"in port",in mode id,"transmission")`, the line `(points,3)`, and rows
of frequency (Hz), |S| and angle (rad).
Source: Ansys Optics, "S-parameter file formats", Optical N Port S-Parameter, option 2. There a group delay τ turns the
angle by +2π τ Δf, which is this package's exp(−iωt): angles are written as they are.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fdtd_onn.reduce.exports.sampled import SampledModel, write_text


def write_interconnect(sampled: SampledModel, file: str | Path) -> None:
    """Write S over frequency; angles are continuous over the band, because the reader interpolates them.

    A port `o1@te0` becomes mode te0 of port o1, with the mode's place among the port's own, from 1, as its id. The
    first half of the ports is put on the symbol's left side, the rest on its right: this moves nothing but pins.
    Raises BadInput if the file cannot be written.
    """
    modes = _modes(sampled.ports)
    names = list(dict.fromkeys(port for port, _, _ in modes))
    lines = [f'["{name}","{"LEFT" if k < len(names) // 2 else "RIGHT"}"]' for k, name in enumerate(names)]
    for out, (out_port, label, out_id) in enumerate(modes):
        for into, (in_port, _, in_id) in enumerate(modes):
            entry = sampled.s[:, out, into]
            columns = (sampled.frequencies_hz, np.abs(entry), np.unwrap(np.angle(entry)))
            lines.append(f'("{out_port}","{label}",{out_id},"{in_port}",{in_id},"transmission")')
            lines.append(f"({entry.size},3)")
            lines.extend(" ".join(repr(float(x)) for x in row) for row in zip(*columns, strict=True))
    write_text(Path(file), "\n".join(lines) + "\n")


def _modes(ports: tuple[str, ...]) -> list[tuple[str, str, int]]:
    """(port, mode label, mode id) of every port of S; the only mode of a port that names none is `mode 1`."""
    found: list[tuple[str, str, int]] = []
    for name in ports:
        port, _, mode = name.partition("@")
        number = 1 + sum(other == port for other, _, _ in found)
        found.append((port, mode if mode else f"mode {number}", number))
    return found
