"""Responses made from formulas, so that the truth between their points is known."""

import numpy as np

from fdtd_onn.analytic.coupled import coupler_s
from fdtd_onn.responses.provenance import Provenance
from fdtd_onn.responses.saturation import ModeProfile, SaturationResponse
from fdtd_onn.responses.scattering import Response
from fdtd_onn.specs.device import device_adapter

PROVENANCE = Provenance("formula", "1", "0" * 64, "standard", ("key",), "2025-01-01T00:00:00Z", 0.0, 0.0, 0.0)
MATERIALS = {"core": {"index": 2.85, "basis": "effective"}, "cladding": {"index": 1.44, "basis": "bulk"}}
WAVELENGTHS = np.linspace(1.5, 1.6, 11)
BETWEEN = np.linspace(1.5, 1.6, 173)


def device(kind, parameters, **more):
    return device_adapter.validate_python(
        {
            "kind": kind,
            "name": f"test_{kind}",
            "source": "formula",
            "polarization": "te",
            "materials": MATERIALS,
            "wavelengths": {"start_um": 1.5, "stop_um": 1.6, "points": 11},
            "parameters": parameters,
            **more,
        }
    )


def effective_index(wavelength):
    """Of a guide with group index 4.2 and ordinary dispersion."""
    d = wavelength - 1.55
    return 2.45 - (4.2 - 2.45) / 1.55 * d - 0.05 * d**2


def response(made_of, s, wavelengths=WAVELENGTHS, ports=("o1", "o2"), power_error=1e-3):
    index = np.tile(effective_index(wavelengths)[:, None], (1, len(ports)))
    return Response(
        made_of, wavelengths, ports, s, np.full(s.shape, 2e-3), power_error, index, 1e-4 * index, PROVENANCE, ports
    )


def shifter_s(wavelengths, delta_t_k, length=30.0):
    """Heated guide with a little loss, and two equal reflections at its ends of 1e-3."""
    w = np.asarray(wavelengths)
    heated = effective_index(w) + 1.9e-4 * delta_t_k * (1 + 2e-4 * delta_t_k + 0.3 * (w - 1.55))
    through = 0.995 * np.exp(2j * np.pi / w * heated * length)
    back = 1e-3 * np.exp(2j * np.pi / w * 0.2 * length) * (w - 1.53) / 0.1
    return np.stack([np.stack([back, through], -1), np.stack([through, back], -1)], -2)


def shifter_response(delta_t_k, length=30.0, wavelengths=WAVELENGTHS, noise=0.0, seed=0):
    made_of = device(
        "phase_shifter", {"width_um": 0.5, "length_um": length, "delta_t_k": delta_t_k, "dn_dt_per_k": 1.9e-4}
    )
    return response(made_of, with_noise(shifter_s(wavelengths, delta_t_k, length), noise, seed), wavelengths)


def with_noise(s, noise, seed):
    rng = np.random.default_rng(seed)
    return s + noise * (rng.standard_normal(s.shape) + 1j * rng.standard_normal(s.shape)) / np.sqrt(2)


def dispersive_coupler_s(wavelengths, gap_um, length=12.0):
    """Coupled-mode coupler whose coupling falls with the gap and rises with the wavelength; 10 µm of leads."""
    w = np.asarray(wavelengths)
    half_difference = 0.02 * np.exp(-(gap_um - 0.2) / 0.08) * (1 + 5.0 * (w - 1.55))
    mean = effective_index(w)
    return np.exp(2j * np.pi / w * mean * 10.0)[:, None, None] * coupler_s(
        length, w, mean + half_difference, mean - half_difference
    )


def coupler_response(gap_um, length=12.0):
    made_of = device(
        "coupler", {"width_um": 0.5, "gap_um": gap_um, "length_um": length, "bend_length_um": 5.0, "pitch_um": 2.0}
    )
    return response(made_of, dispersive_coupler_s(WAVELENGTHS, gap_um, length), ports=("o1", "o2", "o3", "o4"))


def uniform_profile():
    return ModeProfile(np.ones(1), np.zeros(1), np.ones(1))


def guide_profile(points=15):
    """Cosine-like transverse field with its longitudinal partner, as across the core of a high-contrast guide."""
    y = (np.arange(points) + 0.5) / points - 0.5
    across, along = np.cos(2.0 * y) ** 2, 0.35 * np.sin(2.0 * y) ** 2
    mean = np.mean(across + along)
    return ModeProfile(across / mean, along / mean, np.full(points, 1.0 / points))


def absorber_device(pump_over_saturation):
    return device(
        "absorber",
        {
            "width_um": 0.5, "length_um": 10.0, "thickness_um": 0.22, "absorption_per_um": 0.1,
            "nonsaturable_absorption_per_um": 0.005, "saturation_intensity_mw_per_um2": 1.0, "linewidth_thz": 5.0,
            "relaxation_periods": 20.0,
        },
        saturation={
            "pump_over_saturation": pump_over_saturation, "probe_over_saturation": 1e-3, "wavelength_um": 1.55
        },
    )  # fmt: skip


def saturation_response(power_over_saturation, saturation_mw, pump, probe, profile, gated=None):
    power = np.asarray(power_over_saturation)
    return SaturationResponse(
        device=absorber_device(power.tolist()),
        wavelength_um=1.55,
        ports=("o1", "o2"),
        pump_mw=power * saturation_mw,
        pump_transmission=pump,
        pump_reflection=np.full(power.size, 1e-3j),
        probe_transmission=probe,
        gated_transmission=pump if gated is None else gated,
        error=np.full((power.size, 3), 5e-4),
        scale_error=1e-2,
        profile=profile,
        provenance=PROVENANCE,
    )
