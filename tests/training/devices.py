"""Networks of stand-ins as a bench has them: with errors of fabrication, and with taps."""

from dataclasses import replace

import numpy as np

from fdtd_onn.network.build import build_network
from fdtd_onn.network.mesh import CouplerTransfer, GuideTransfer, Mesh
from fdtd_onn.network.monitor import TapMonitor
from fdtd_onn.specs.layout import NetworkSpec
from tests.network.stand_ins import AnalyticAbsorber, AnalyticCoupler, AnalyticShifter


def make_network(probe="coherent", saturation_power_w=2e-4, readout="homodyne", nonreciprocity=0.0, lossless=False):
    spec = NetworkSpec(
        ports=4,
        wavelength_um=1.55,
        input={"power_mw": 2.0, "reference": 1.5},
        layers=({"kind": "mesh"}, {"kind": "absorber", "sections": 3, "probe": probe}, {"kind": "mesh"}),
        readout={"kind": readout, "ports": (0, 1)},
    )
    models = {
        "coupler": AnalyticCoupler(0.53, 0.0 if lossless else 0.01, nonreciprocity=nonreciprocity),
        "phase_shifter": AnalyticShifter(loss=0.0 if lossless else 0.01),
        "absorber": AnalyticAbsorber(saturation_power_w=saturation_power_w),
    }
    return build_network(spec, models)


def fabricated(network, phase_error=0.1, mixing=0.05, seed=0):
    """The network as it comes from the fab: phase errors on every guide, couplers turned by random angles."""
    rng = np.random.default_rng(seed)
    layers = tuple(
        _with_errors(layer, phase_error, mixing, rng) if isinstance(layer, Mesh) else layer for layer in network.layers
    )
    return replace(network, layers=layers, design=network)


def _with_errors(mesh, phase_error, mixing, rng):
    errors = np.exp(1j * phase_error * rng.standard_normal(mesh.guides.forward.shape))
    angles = mixing * rng.standard_normal(mesh.couplers.forward.shape[0])
    turn = np.cos(angles)[:, None, None] * np.eye(2) + 1j * np.sin(angles)[:, None, None] * np.eye(2)[::-1]
    couplers = CouplerTransfer(turn @ mesh.couplers.forward, mesh.couplers.backward @ turn)
    return replace(
        mesh, couplers=couplers, guides=GuideTransfer(mesh.guides.forward * errors, mesh.guides.backward * errors)
    )


def tapped(network, protocol="three-reading", integration="sample", detector=None, collected=0.02, transmission=None):
    """Taps that take no light from the guide but are read; calibrated perfectly in a mesh without loss."""
    eta = np.full(network.phase_count, collected)
    assumed = eta if transmission is None else eta * transmission
    detectors = () if detector is None else ((slice(0, eta.size), detector),)
    return replace(network, monitor=TapMonitor(eta, assumed, protocol, integration, detectors))


def start(network, batch=8, seed=7):
    rng = np.random.default_rng(seed)
    shape = (network.spec.ports, batch)
    x = np.sqrt(3e-4) * (rng.standard_normal(shape) + 1j * rng.standard_normal(shape))
    return rng.uniform(0, 2 * np.pi, network.phase_count), x


def quadratic_loss(samples, outputs=2, seed=8):
    """A loss that bends, so that a reading's error changes the gradient: Σ (w r − t)² over the batch."""
    rng = np.random.default_rng(seed)
    weights, targets = rng.standard_normal((2, outputs, samples))

    def loss(readings):
        off = weights * readings * 30.0 - targets
        return float(np.sum(off**2)), 60.0 * weights * off

    return loss
