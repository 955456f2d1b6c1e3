"""Parts compiled by the package from closed-form responses, as full-wave runs would give them."""

from __future__ import annotations

import numpy as np

from fdtd_onn.reduce import AbsorberModel, compile_model
from fdtd_onn.reduce.absorber import PumpProbeError
from fdtd_onn.reduce.absorption import Absorption
from fdtd_onn.responses.provenance import Provenance
from fdtd_onn.responses.saturation import ModeProfile
from fdtd_onn.responses.scattering import Response
from fdtd_onn.specs.device import device_adapter
from tests.network.stand_ins import AnalyticCoupler, AnalyticShifter

WAVELENGTHS = np.linspace(1.53, 1.57, 21)
PROVENANCE = Provenance("closed form", "1", "0", "draft", ("0",), "2025-01-01T00:00:00Z", 0.0, 0.0, 0.0)
COMMON = {
    "source": "closed form",
    "polarization": "te",
    "materials": {"core": {"index": 2.8, "basis": "effective"}, "cladding": {"index": 1.44, "basis": "bulk"}},
    "wavelengths": {"start_um": 1.53, "stop_um": 1.57, "points": 21},
}


def response(device, ports, s):
    """s: (n, n) at every wavelength, with 20 µm of guide for its phase to turn over the band."""
    turning = np.exp(2j * np.pi * 20.0 * (1.0 / WAVELENGTHS - 1.0 / 1.55))[:, None, None] * s
    index = np.full(turning.shape[:2], 2.45)
    return Response(
        device, WAVELENGTHS, ports, turning, np.full(turning.shape, 1e-6), 1e-6, index, 1e-6 * index, PROVENANCE, ports
    )


def compiled_coupler():
    parameters = {"width_um": 0.5, "gap_um": 0.2, "length_um": 10.0, "bend_length_um": 5.0, "pitch_um": 2.0}
    device = device_adapter.validate_python({"kind": "coupler", "name": "coupler", "parameters": parameters, **COMMON})
    part = AnalyticCoupler(0.53, 0.01)
    return compile_model(response(device, part.ports, part.s_matrix(1.55)))


def compiled_shifter():
    part, family = AnalyticShifter(slope=0.015, loss=1e-3, heated_loss=2e-5), []
    for heating in np.linspace(0.0, 150.0, 5):
        parameters = {"width_um": 0.5, "length_um": 20.0, "delta_t_k": heating, "dn_dt_per_k": 1.8e-4}
        raw = {"kind": "phase_shifter", "name": "phase_shifter", "parameters": parameters, **COMMON}
        device = device_adapter.validate_python(raw)
        family.append(response(device, part.ports, part.s_matrices(1.55, [heating])[0]))
    return compile_model(family)


def compiled_absorber():
    return AbsorberModel(
        name="absorber",
        ports=("o1", "o2"),
        fidelity="draft",
        run_keys=("0",),
        wavelength_um=1.55,
        absorption=Absorption(1.0, 0.02, 2e-4, 0.0, 0.3, 0.3),
        covariance=np.zeros((6, 6)),
        profile=ModeProfile(np.array([1.2, 0.6]), np.array([0.1, 0.1]), np.array([0.5, 0.5])),
        reflection=0j,
        max_power_w=0.02,
        fit_error=PumpProbeError(0.0, 0.0),
        held_out_error=PumpProbeError(0.0, 0.0),
        response_error=PumpProbeError(0.0, 0.0),
    )


def compiled_parts():
    return {"coupler": compiled_coupler(), "phase_shifter": compiled_shifter(), "absorber": compiled_absorber()}
