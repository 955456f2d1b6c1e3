"""A compiled model as a table over frequency: what file formats hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.atomic import whole_file
from fdtd_onn.errors import BadInput
from fdtd_onn.reduce.absorber import AbsorberModel
from fdtd_onn.reduce.compile import AnyModel
from fdtd_onn.reduce.heater import HeaterModel
from fdtd_onn.units import SPEED_OF_LIGHT_UM_PER_S

POINTS = 201  # readers interpolate linearly between them


@dataclass(frozen=True, eq=False)
class SampledModel:
    """S over frequency, at one value of a tunable parameter.

    frequencies_hz: (n_f,) increasing. s: (n_f, n, n), S[out, in] of power-normalised waves, time dependence exp(−iωt).
    notes: what a reader of the file should know, one sentence each.
    """

    name: str
    ports: tuple[str, ...]
    frequencies_hz: NDArray[np.float64]
    s: NDArray[np.complex128]
    notes: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse arrays that do not belong together."""
        n = len(self.ports)
        if self.s.shape != (self.frequencies_hz.size, n, n):
            raise ValueError(f"S must have shape {(self.frequencies_hz.size, n, n)}, got {self.s.shape}")


def sample_model(model: AnyModel, parameters: Mapping[str, float], points: int = POINTS) -> SampledModel:
    """Sample a model evenly in frequency over its whole range, ends included; an absorber in the dark, at its own one.

    parameters: exactly the value of a tunable model's parameter, by name. Raises BadInput if it is missing or unknown
    and for a heater, OutOfRange if the model does not cover it.
    """
    if isinstance(model, HeaterModel):
        raise without_s(f"model {model.name!r}")
    if isinstance(model, AbsorberModel):
        if parameters:
            raise BadInput(f"model {model.name!r}", "no parameter", ", ".join(parameters), "It is not tunable.")
        wavelengths = np.array([model.wavelength_um])
        s = model.s_matrix(model.wavelength_um)[None]
        error = f"pump |t|^2 {model.response_error.pump:.2g} (runs), {model.held_out_error.pump:.2g} (model)"
        state = "Small-signal S of a saturable absorber, in the dark"
    else:
        shortest, longest = model.wavelength_range_um
        wavelengths = 1.0 / np.linspace(1.0 / longest, 1.0 / shortest, points)
        s = np.stack([model.s_matrix(float(w), **parameters) for w in wavelengths])
        error = f"|S|^2 {model.power_error:.2g} (runs), S {model.validation_error:.2g} (model)"
        state = ", ".join(f"{name} = {value!r}" for name, value in parameters.items())
    made = f"Compiled from full-wave runs at fidelity {model.fidelity}; error estimates: {error}"
    notes = tuple(note for note in (f"fdtd-onn model {model.name}", state, made) if note)
    return SampledModel(model.name, model.ports, SPEED_OF_LIGHT_UM_PER_S / wavelengths, s, notes)


def without_s(where: str) -> BadInput:
    """The refusal of a heater, whose model says what its power does to a guide, and not what the guide does."""
    cure = "Export the heated section of guide: a device of kind phase_shifter."
    return BadInput(where, "a device with an S-matrix", "a heater, which has a phase per power", cure)


def write_text(file: Path, text: str) -> None:
    """Write a text file, whole or not at all; BadInput if it cannot be written."""
    try:
        with whole_file(file) as part:
            part.write_text(text, encoding="ascii", errors="backslashreplace")
    except OSError as error:
        raise BadInput(str(file), "a file that can be written", error, "Choose another file.") from error
