"""The scattering response of a linear device over wavelength."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import BadInput, FdtdOnnError
from fdtd_onn.responses.frozen import frozen
from fdtd_onn.responses.provenance import Provenance
from fdtd_onn.specs.device import AnyDevice


@dataclass(frozen=True, eq=False)
class Response:
    """S-matrix over wavelength, with its error and its origin.

    wavelengths_um: (n_wl,) increasing, in µm.
    ports: (n,) names in the order of S's rows and columns: `o1` for a port with its fundamental mode only, else one
    for each of its modes, `o1@te0`, `o1@te1`.
    s: (n_wl, n, n) complex, S[out, in] of power-normalised waves, time dependence exp(−iωt).
    s_error: (n_wl, n, n), absolute error estimate of each entry: two resolutions, what absorbing layers return and the
    run had not settled to, and margins where their check was asked for.
    effective_index: (n_wl, n), of the guide and the mode behind each port, in the limit of a fine grid.
    effective_index_error: (n_wl, n), absolute error estimate (two resolutions).
    power_error: largest error estimate of any |S|² entry: what is left when the common phase is not counted.
    computed_columns: ports that were excited; columns of the others follow from the device's declared symmetries.
    inference_error: largest difference of an inferred column from its own run, None unless that check was asked for.
    margin_error: largest change of S in a larger cell, None unless that check was asked for.
    """

    device: AnyDevice
    wavelengths_um: NDArray[np.float64]
    ports: tuple[str, ...]
    s: NDArray[np.complex128]
    s_error: NDArray[np.float64]
    power_error: float
    effective_index: NDArray[np.float64]
    effective_index_error: NDArray[np.float64]
    provenance: Provenance
    computed_columns: tuple[str, ...]
    inference_error: float | None = None
    margin_error: float | None = None

    def __post_init__(self) -> None:
        """Freeze the arrays and refuse shapes that do not belong together."""
        object.__setattr__(self, "wavelengths_um", frozen(self.wavelengths_um, np.float64))
        object.__setattr__(self, "s", frozen(self.s, np.complex128))
        object.__setattr__(self, "s_error", frozen(self.s_error, np.float64))
        for name in ("effective_index", "effective_index_error"):
            values = frozen(getattr(self, name), np.float64)
            object.__setattr__(self, name, values)
            if values.shape != (self.wavelengths_um.size, len(self.ports)):
                raise FdtdOnnError(f"{name} {values.shape} must have one value per wavelength and port")
        shape = (self.wavelengths_um.size, len(self.ports), len(self.ports))
        if self.s.shape != shape or self.s_error.shape != shape:
            raise FdtdOnnError(f"S {self.s.shape} and its error {self.s_error.shape} must both have shape {shape}")
        if not (np.all(np.isfinite(self.s)) and np.all(np.diff(self.wavelengths_um) > 0)):
            raise FdtdOnnError("S must be finite and wavelengths must increase")

    @property
    def group_index(self) -> NDArray[np.float64]:
        """dβ/dω in units of 1/c, (n_wl, n), by second-order differences over the wavelengths.

        Raises BadInput for less than three of them.
        """
        if self.wavelengths_um.size < 3:
            cure = "Raise wavelengths.points in the device file and characterise again."
            raise BadInput("group index", "at least 3 wavelengths", self.wavelengths_um.size, cure)
        wave_number = 2 * np.pi / self.wavelengths_um
        beta = self.effective_index * wave_number[:, None]
        return np.asarray(np.gradient(beta, wave_number, axis=0, edge_order=2))

    @property
    def reciprocity_defect(self) -> float:
        """Largest |S − Sᵀ| over entries and wavelengths."""
        return float(np.abs(self.s - self.s.transpose(0, 2, 1)).max())

    @property
    def power_balance(self) -> NDArray[np.float64]:
        """Total outgoing over incident power, (n_wl, n): 1 for a lossless device whose ports are all counted."""
        return np.sum(np.abs(self.s) ** 2, axis=1)

    @property
    def largest_singular_value(self) -> float:
        """Over all wavelengths; above 1 (plus the error) a passive device would show gain."""
        return float(np.linalg.svd(self.s, compute_uv=False).max())
