"""TapResponse → TapModel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.reduce.scattering import ScatteringModel
from fdtd_onn.reduce.scattering_fit import DENSER, compile_scattering, padded
from fdtd_onn.reduce.smooth import SmoothMatrix, to_unit_interval
from fdtd_onn.reduce.surface import Samples, fit_surface
from fdtd_onn.reduce.tap import TapModel, polynomials
from fdtd_onn.responses.tap import TapResponse


def compile_tap(response: TapResponse) -> TapModel:
    """Fit guided S as that of any linear device, and the camera's amplitudes as polynomials of 1/λ.

    Raises BadInput for too few wavelengths, and where the phase of S cannot be followed between points.
    """
    device = response.device
    guided = compile_scattering([response.guided])
    frequencies = 1.0 / response.guided.wavelengths_um[::-1]
    roots = _root(response.overlap(device.camera)[::-1])
    x = to_unit_interval(frequencies, frequencies[[0, -1]])
    surfaces = [
        [fit_surface(Samples(x, np.zeros(1), roots[None, :, i, j], logarithmic=False)) for j in range(2)]
        for i in range(2)
    ]
    flat = [surface for row in surfaces for surface in row]
    collected = polynomials(frequencies[[0, -1]], padded([[s.coefficients for s in row] for row in surfaces]))
    return TapModel(
        name=guided.name,
        ports=guided.ports,
        fidelity=guided.fidelity,
        run_keys=guided.run_keys,
        guided=guided,
        aperture=device.camera,
        collected=collected,
        collected_fit_error=max(s.fit_error for s in flat),
        collected_validation_error=max(s.validation_error for s in flat),
        collected_error=float(response.ratio_error(device.camera).max()),
        largest_singular_value=_largest_singular_value(guided, collected, frequencies),
    )


def _root(matrices: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """The Hermitian, positive square root of each of (n, 2, 2)."""
    values, vectors = np.linalg.eigh(matrices)
    scaled = vectors * np.sqrt(np.clip(values, 0.0, None))[:, None, :]
    return np.asarray(scaled @ vectors.conj().transpose(0, 2, 1))


def _largest_singular_value(
    guided: ScatteringModel, collected: SmoothMatrix, frequencies: NDArray[np.float64]
) -> float:
    """Of S and C in one matrix, over the denser grid."""
    dense = np.linspace(frequencies[0], frequencies[-1], DENSER * (frequencies.size - 1) + 1)
    none = np.zeros(1)
    both = [np.concatenate([guided.smooth.at(f, none)[0], collected.at(f, none)[0]]) for f in dense.tolist()]
    return float(np.linalg.svd(np.stack(both), compute_uv=False).max())
