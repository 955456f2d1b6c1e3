"""A small network of closed-form parts, light for it, and what the package itself says of both."""

import numpy as np

from fdtd_onn.network.build import build_network
from fdtd_onn.specs.layout import NetworkSpec
from tests.network.stand_ins import AnalyticAbsorber, AnalyticCoupler, AnalyticShifter

SAMPLES = 3


DETECTOR = {"bandwidth_hz": 1e9, "thermal_noise_a_per_sqrt_hz": 1e-7, "adc_bits": 24, "full_scale_mw": 1e5}


def small_network(readout="homodyne", detector=None, between="absorber"):
    spec = NetworkSpec(
        ports=3,
        wavelength_um=1.55,
        input={"power_mw": 2.0},
        layers=({"kind": "mesh"}, {"kind": between}, {"kind": "mesh"}),
        readout={"kind": readout, "ports": (0, 2), "detector": detector},
    )
    models = {
        "coupler": AnalyticCoupler(0.53, 0.01),
        "phase_shifter": AnalyticShifter(loss=0.01, heated_loss=1e-4),
        "absorber": AnalyticAbsorber(saturation_power_w=0.5, max_power_w=1e3),  # of the order of `light`
    }
    return build_network(spec, models)


def light(samples=SAMPLES):
    """Phases (P,) and input fields (B, N) of about 1 √W, so that differences and derivatives are of one size."""
    rng = np.random.default_rng(5)
    phases = rng.uniform(0.0, 2.0 * np.pi, small_network().phase_count)
    return phases, rng.standard_normal((samples, 3)) + 1j * rng.standard_normal((samples, 3))


def own_gradients(network, kind, phases, x, weights):
    """dL/dphase (P,) and ∂L/∂E (B, N), Wirtinger, of L = Σ weights (B, K) · readings (B, K)."""
    y, residuals = network.forward(phases, x.T)
    delta = network.readout.pull_back(y, weights.T)
    if kind == "exact":
        in_fields, in_phases = network.adjoint(phases, residuals, delta)
        return in_phases, in_fields.T
    leaving, taps = network.send_back(phases, residuals, delta)
    return -2.0 * network.monitor.overlap(taps, np.random.default_rng(0)), leaving.T


def agree(got, wanted):
    """To 1e-12 of the largest."""
    np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-12 * np.abs(wanted).max())
