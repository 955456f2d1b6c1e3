"""The response of a grating tap: guided light, and what leaves the chip, for light from either end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import FdtdOnnError
from fdtd_onn.responses.frozen import frozen
from fdtd_onn.responses.provenance import Provenance
from fdtd_onn.responses.scattering import Response
from fdtd_onn.specs.device import Aperture, GratingTap

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

#: All directions above the chip.
EVERYWHERE = Aperture(centre_deg=0.0, half_width_deg=90.0)


@dataclass(frozen=True, eq=False)
class Directions:
    """Direction cosines along the guide, u (n_u,), and across it in the chip's plane, v (n_v,); each increases evenly.

    In an upright plane v is (0,) alone, and nothing is integrated over it.
    """

    u: Floats
    v: Floats

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for name in ("u", "v"):
            object.__setattr__(self, name, frozen(getattr(self, name), np.float64))

    @property
    def angles_deg(self) -> Floats:
        """(n_u,) from the normal towards the guide's +x."""
        return np.degrees(np.arcsin(self.u))

    def weights(self, aperture: Aperture) -> Floats:
        """(n_u, n_v) du dv that each direction stands for, as far as the aperture takes it."""
        step = float(self.u[1] - self.u[0])
        if self.v.size == 1:
            edges = np.clip([aperture.centre_deg + side * aperture.half_width_deg for side in (-1, 1)], -90.0, 90.0)
            low, high = np.sin(np.radians(edges))
            inside = np.minimum(self.u + 0.5 * step, high) - np.maximum(self.u - 0.5 * step, low)
            return np.clip(inside, 0.0, None)[:, None]
        u, v = self.u[:, None], self.v[None, :]
        upright = np.sqrt(np.clip(1.0 - u**2 - v**2, 0.0, None))
        centre, half = np.radians([aperture.centre_deg, aperture.half_width_deg])
        taken = (u * np.sin(centre) + upright * np.cos(centre) >= np.cos(half)) & (upright > 0.0)
        return taken * step * float(self.v[1] - self.v[0])


@dataclass(frozen=True, eq=False)
class TapResponse:
    """Guided S and radiated light of a tap, for light that enters at o1 (forward) and at o2 (backward).

    guided: S of both ports, with its error and its origin.
    power: (3, n_wl, 2), up, down and aside through the rim of the cell, over the incident power at each port.
    power_error: the same shape, absolute error estimate (two resolutions).
    found: (2, n_wl, 2), what goes up and down in the end, in all directions, the light that passed aside included.
    amplitude: (n_wl, 2, n_u, n_v, 2), for each port the wave that leaves upwards in each direction, above all layers,
    per incident amplitude: |amplitude|² du dv is power. Its two components are the electric field's along and across
    the guide, turned upright with the direction (s and p waves turned back by the azimuth). Its phase is that of a
    wave from the tap's centre, in the middle of the film. exp(−iωt).
    amplitude_error: (n_wl, 2), absolute error estimate over all directions, √∫|δ|² du dv, without the phase that both
    ports share, which no camera sees.
    """

    guided: Response
    directions: Directions
    power: Floats
    power_error: Floats
    found: Floats
    amplitude: Complex
    amplitude_error: Floats

    def __post_init__(self) -> None:
        """Freeze the arrays and refuse shapes that do not belong together."""
        if not isinstance(self.guided.device, GratingTap):
            raise FdtdOnnError(
                f"expected the guided response of a grating_tap, got that of a {self.guided.device.kind}"
            )
        n, u, v = self.guided.wavelengths_um.size, self.directions.u.size, self.directions.v.size
        shapes = {
            "power": (3, n, 2),
            "power_error": (3, n, 2),
            "found": (2, n, 2),
            "amplitude": (n, 2, u, v, 2),
            "amplitude_error": (n, 2),
        }
        for name, shape in shapes.items():
            values = frozen(getattr(self, name), np.complex128 if name == "amplitude" else np.float64)
            if values.shape != shape or not np.all(np.isfinite(values)):
                raise FdtdOnnError(f"{name} must be finite and of shape {shape}, got {values.shape}")
            object.__setattr__(self, name, values)

    @property
    def device(self) -> GratingTap:
        """What was run."""
        assert isinstance(self.guided.device, GratingTap)  # seen to at construction
        return self.guided.device

    @property
    def provenance(self) -> Provenance:
        """Of all its runs."""
        return self.guided.provenance

    @property
    def balance(self) -> Floats:
        """(n_wl, 2) guided, reflected and radiated power over the incident one: 1 for lossless matter."""
        return self.guided.power_balance + self.power.sum(axis=0)

    @property
    def spectrum_defect(self) -> Floats:
        """(n_wl, 2) radiated power less what the angular spectra above and below hold, over the incident one."""
        return np.asarray(self.power.sum(axis=0) - self.found.sum(axis=0))

    @property
    def lobe_deg(self) -> Floats:
        """(n_wl, 2) angle at which most power per angle leaves upwards, integrated across the guide."""
        u, density = (
            self.directions.u,
            np.sum(np.abs(self.amplitude) ** 2, axis=(3, 4)) * np.sqrt(1.0 - self.directions.u**2),
        )
        top = np.clip(np.argmax(density, axis=-1), 1, u.size - 2)[..., None]
        before, peak, after = (np.take_along_axis(density, top + k, axis=-1)[..., 0] for k in (-1, 0, 1))
        bend = before - 2.0 * peak + after
        shift = np.divide(0.5 * (before - after), bend, out=np.zeros_like(peak), where=bend < 0.0)
        return np.degrees(np.arcsin(u[top[..., 0]] + np.clip(shift, -0.5, 0.5) * (u[1] - u[0])))

    def overlap(self, aperture: Aperture) -> Complex:
        """(n_wl, 2, 2) Hermitian G with G[i, j] = ∫ conj(R_i) R_j du dv over an aperture, R the ports' amplitudes.

        A camera there reads conj(a) G a for the amplitudes a = (forward, backward): each direction's own power on the
        diagonal, and their interference beside it.
        """
        weights = self.directions.weights(aperture)
        return np.einsum("wiuvp,uv,wjuvp->wij", self.amplitude.conj(), weights, self.amplitude)

    def collected(self, aperture: Aperture, forward: complex, backward: complex) -> Floats:
        """(n_wl,) power in W that an aperture takes from amplitudes (√W) at o1 and o2, both at once."""
        light = np.array([forward, backward])
        return np.einsum("i,wij,j->w", light.conj(), self.overlap(aperture), light).real

    def ratio(self, aperture: Aperture) -> Floats:
        """(n_wl, 2) tap ratio: the part of the light into each port that an aperture takes."""
        return np.einsum("wii->wi", self.overlap(aperture)).real

    def ratio_error(self, aperture: Aperture) -> Floats:
        """(n_wl, 2) absolute error estimate of the tap ratio: all of the amplitudes' error could be in the aperture."""
        return np.asarray(self.amplitude_error * (2.0 * np.sqrt(self.ratio(aperture)) + self.amplitude_error))
