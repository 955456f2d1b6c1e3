"""Responses → ScatteringModel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import BadInput
from fdtd_onn.reduce.family import Family, family_of
from fdtd_onn.reduce.phase import continuous_phase, delays
from fdtd_onn.reduce.scattering import ScatteringModel
from fdtd_onn.reduce.smooth import SmoothMatrix, to_unit_interval
from fdtd_onn.reduce.surface import Samples, Surface, fit_surface
from fdtd_onn.responses.scattering import Response

# An entry that stays above both, the second relative to its largest value, is fitted as magnitude and phase, others
# as a complex value: near a zero the logarithm has no good polynomial.
STRONG, STEADY = 0.05, 0.5
FEWEST_WAVELENGTHS = 5  # below, nothing can be left out
DENSER = 4  # grid of the passivity check, intervals per characterised interval


def compile_scattering(responses: Sequence[Response]) -> ScatteringModel:
    """Fit one response, or a family that differs in one device parameter, as smooth functions of 1/λ and parameter.

    An entry that stays strong is fitted as logarithm (magnitude and unwrapped phase), a weak one, which may pass
    through zero, as a complex value without its group delay. Degrees are chosen by leaving points out. Raises
    BadInput for responses that do not belong together, and where the phase cannot be followed between points.
    """
    family = family_of(responses)
    where = f"compile({family.name})"
    if family.frequencies.size < FEWEST_WAVELENGTHS:
        cure = "Raise wavelengths.points in the device file and characterise again."
        raise BadInput(where, f"at least {FEWEST_WAVELENGTHS} wavelengths", family.frequencies.size, cure)
    delay = delays(family.s, family.frequencies, where)
    n = len(family.ports)
    surfaces = [[_fit_entry(family, delay, i, j, where) for j in range(n)] for i in range(n)]
    smooth = SmoothMatrix(
        frequency_range=family.frequencies[[0, -1]],
        parameter_range=family.values[[0, -1]],
        delay_um=delay,
        logarithmic=np.array([[s.logarithmic for s in row] for row in surfaces]),
        coefficients=padded([[s.coefficients for s in row] for row in surfaces]),
    )
    largest, reciprocity = _checks_between_points(smooth, family)
    return ScatteringModel(
        name=family.name,
        ports=family.ports,
        fidelity=family.fidelity,
        run_keys=family.run_keys,
        parameter=family.parameter,
        smooth=smooth,
        fit_error=max(s.fit_error for row in surfaces for s in row),
        validation_error=max(s.validation_error for row in surfaces for s in row),
        parameter_validated=family.values.size != 2,
        s_error=family.s_error,
        power_error=family.power_error,
        largest_singular_value=largest,
        reciprocity_defect=reciprocity,
    )


def _fit_entry(family: Family, delay: NDArray[np.float64], i: int, j: int, where: str) -> Surface:
    s, f = family.s[:, :, i, j], family.frequencies
    magnitude = np.abs(s)
    strong = bool(magnitude.min() > max(STRONG, STEADY * magnitude.max()))
    if strong:
        place = f"{where}: S[{family.ports[i]}, {family.ports[j]}]"
        target = np.log(magnitude) + 1j * continuous_phase(s, f, delay[i, j], place)
    else:
        target = s * np.exp(-2j * np.pi * f * delay[i, j])
    x, y = to_unit_interval(f, f[[0, -1]]), to_unit_interval(family.values, family.values[[0, -1]])
    return fit_surface(Samples(x, y, target, strong))


def padded(blocks: list[list[NDArray[np.complex128]]]) -> NDArray[np.complex128]:
    """Coefficients of different degrees in one array, (n, n, rows, columns), zeros beyond each one's degree."""
    shape = np.max([block.shape for row in blocks for block in row], axis=0)
    padded = np.zeros((len(blocks), len(blocks), *shape), dtype=complex)
    for i, row in enumerate(blocks):
        for j, block in enumerate(row):
            padded[i, j, : block.shape[0], : block.shape[1]] = block
    return padded


def _checks_between_points(smooth: SmoothMatrix, family: Family) -> tuple[float, float]:
    """Largest singular value and reciprocity defect over the denser grid."""
    f_low, f_high = smooth.frequency_range
    q_low, q_high = smooth.parameter_range
    values = np.linspace(q_low, q_high, DENSER * (family.values.size - 1) + 1)
    largest = reciprocity = 0.0
    for frequency in np.linspace(f_low, f_high, DENSER * (family.frequencies.size - 1) + 1):
        s = smooth.at(float(frequency), values)
        largest = max(largest, float(np.linalg.svd(s, compute_uv=False).max()))
        reciprocity = max(reciprocity, float(np.abs(s - s.transpose(0, 2, 1)).max()))
    return largest, reciprocity
