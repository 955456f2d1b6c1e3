"""Powers at the taps against the fields' overlap that they stand for."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chi2, norm

from fdtd_onn.errors import BadInput
from fdtd_onn.network.build import build_network
from fdtd_onn.network.mesh import GuideTransfer
from fdtd_onn.network.monitor import IdealMonitor, TapMonitor
from fdtd_onn.network.scaled_tap import ScaledTap
from fdtd_onn.network.topology import clements, reck
from fdtd_onn.specs.layout import NetworkSpec
from fdtd_onn.training.rules import make_rule
from tests.network.stand_ins import DIODE, AnalyticAbsorber, AnalyticCoupler, AnalyticShifter, AnalyticTap, make_mesh

PROTOCOLS, INTEGRATIONS = ("three-reading", "toggled"), ("sample", "batch")
ETA = 0.03


def light(loss=0.0, topology=clements, guides=1.0):
    """Light at the taps of a mesh of 4 guides and 6 samples, and its T."""
    mesh = make_mesh(AnalyticCoupler(0.53), AnalyticShifter(loss=loss), topology(4))
    factors = np.full(mesh.guides.forward.shape, guides, dtype=complex)
    mesh = replace(mesh, guides=GuideTransfer(factors, factors))
    rng = np.random.default_rng(4)
    x, delta = np.sqrt(1e-4) * (rng.standard_normal((2, 4, 6)) + 1j * rng.standard_normal((2, 4, 6)))
    phases = rng.uniform(0, 2 * np.pi, mesh.phase_count)
    _y, behind = mesh.forward(phases, x)
    return mesh.send_back(phases, behind, 50.0 * delta)[1], mesh.transmission_to_taps()


def monitor(taps, transmission=1.0, protocol="three-reading", integration="sample", detector=DIODE):
    eta = np.full(taps.passage.size, ETA)
    detectors = () if detector is None else ((slice(0, eta.size), detector),)
    return TapMonitor(eta, eta * transmission, protocol, integration, detectors)


def exact(taps):
    return IdealMonitor().overlap(taps, np.random.default_rng(0))


@pytest.mark.parametrize("topology", [clements, reck])
@pytest.mark.parametrize("integration", INTEGRATIONS)
@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(("loss", "guides"), [(0.0, 1.0), (0.02, 1.0), (0.0, 0.98 * np.exp(0.4j))])
def test_powers_without_noise_give_the_overlap_of_the_fields(loss, guides, protocol, integration, topology):
    """In meshes without loss, and in those of even loss once it is calibrated."""
    taps, transmission = light(loss, topology, guides)
    read = monitor(taps, transmission, protocol, integration, None).overlap(taps, np.random.default_rng(1))
    np.testing.assert_allclose(read, exact(taps), atol=1e-10 * np.abs(exact(taps)).max())


def test_counter_propagating_light_at_a_tap_does_not_hold_the_gradient():
    """Forward and backward light that meet interfere as a* b: turning the backward light gives no part of Im a b."""
    taps, _transmission = light()
    a, b = taps.forward, taps.passage[:, None] * taps.backward
    toggled = np.sum(np.abs(a + 1j * b) ** 2 - np.abs(a - 1j * b) ** 2, axis=1)
    assert abs(np.corrcoef(toggled, exact(taps))[0, 1]) < 0.5


def test_a_mesh_of_uneven_loss_leaves_an_error():
    rng = np.random.default_rng(3)
    taps, transmission = light(guides=rng.uniform(0.9, 1.0, (9, 4)))
    read = monitor(taps, transmission, detector=None).overlap(taps, rng)
    error = np.linalg.norm(read - exact(taps)) / np.linalg.norm(exact(taps))
    assert 1e-3 < error < 0.3


def test_a_wrong_calibration_scales_each_tap_s_own_reading():
    taps, _transmission = light()
    off = np.random.default_rng(4).uniform(0.8, 1.2, taps.passage.size)
    wrong = replace(monitor(taps, detector=None), collected=ETA * off)
    np.testing.assert_allclose(wrong.overlap(taps, np.random.default_rng(0)), off * exact(taps), rtol=1e-9, atol=1e-16)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_batch_s_charge_has_the_mean_and_the_variance_of_its_readings_sum(protocol):
    """Mean and variance by theory, each tap at 99.9 % after Bonferroni's correction for all of them.

    A reading's variance is σ² of its power plus that of rounding, step²/12; three readings have their sum, over
    (2 s η)², and two over (4 s η)².
    """
    taps, _transmission = light()
    copy, draws, level = taps.send_copy(), 1500, 1e-3 / taps.passage.size
    taps = replace(taps, send_copy=lambda: copy)  # the light is the same at every draw
    fields = [taps.forward + 1j * copy.field]
    fields += [taps.forward - 1j * copy.field] if protocol == "toggled" else [taps.forward, copy.field]
    unit = (4.0 if protocol == "toggled" else 2.0) * copy.scale * ETA
    dimmest = ETA * min(np.abs(field).min() ** 2 for field in fields)
    assert dimmest > 5 * DIODE.noise_w(dimmest), "converters cut at zero, which shifts the mean of dimmer light"
    for integration in INTEGRATIONS:
        samples = taps.forward.shape[1]
        rounding = samples * DIODE.step_w**2 / 12 * (1 if integration == "sample" else samples)
        variance = sum((DIODE.noise_w(ETA * np.abs(f) ** 2) ** 2).sum(axis=1) + rounding for f in fields) / unit**2
        rng, read = np.random.default_rng(5), monitor(taps, 1.0, protocol, integration)
        got = np.array([read.overlap(taps, rng) for _draw in range(draws)])
        z = (got.mean(axis=0) - exact(taps)) / np.sqrt(variance / draws)
        assert np.abs(z).max() < norm.isf(level / 2)
        ratio = (draws - 1) * got.var(axis=0, ddof=1) / variance
        assert np.all((chi2.isf(1 - level / 2, draws - 1) < ratio) & (ratio < chi2.isf(level / 2, draws - 1)))


def test_integrated_charge_saturates_where_all_readings_would():
    bright = np.full((2, 5), 2 * DIODE.full_scale_w)
    np.testing.assert_allclose(DIODE.integrate(bright, np.random.default_rng(0)), 5 * DIODE.full_scale_w)


def test_darkness_reads_as_no_gradient():
    mesh = make_mesh(AnalyticCoupler(), AnalyticShifter(), clements(3))
    phases, x = np.zeros(mesh.phase_count), np.full((3, 2), 0.01 + 0j)
    taps = mesh.send_back(phases, mesh.forward(phases, x)[1], np.zeros((3, 2), complex))[1]
    np.testing.assert_array_equal(monitor(taps, detector=None).overlap(taps, np.random.default_rng(0)), 0.0)


def test_what_the_protocols_take():
    taps, _transmission = light()
    counted = {p: [monitor(taps, protocol=p, integration=i).readings(6) for i in INTEGRATIONS] for p in PROTOCOLS}
    assert counted == {"three-reading": [18, 3], "toggled": [12, 2]}


def network(layers, monitor=None, spread=False):
    """4 guides with taps behind the shifters, of even loss; with errors of fabrication on request."""
    errors = {"spread": {"seed": 0, "phase_sigma_rad": 0.3}} if spread else {}
    mesh = {"kind": "mesh", "tap": "tap", **errors}
    spec = NetworkSpec(
        ports=4,
        wavelength_um=1.55,
        input={"power_mw": 2.0},
        layers=tuple(mesh if layer == "mesh" else layer for layer in layers),
        readout={"kind": "homodyne", "ports": (0, 1)},
        monitor=monitor,
    )
    models = {
        "coupler": AnalyticCoupler(),
        "phase_shifter": AnalyticShifter(loss=0.01),
        "tap": AnalyticTap(),
        "absorber": AnalyticAbsorber(),
    }
    return build_network(spec, models)


def gradients(built, rule):
    rng = np.random.default_rng(6)
    x = np.sqrt(3e-4) * (rng.standard_normal((4, 8)) + 1j * rng.standard_normal((4, 8)))
    phases, weights = rng.uniform(0, 2 * np.pi, built.phase_count), rng.standard_normal((2, 8))

    def loss(readings):
        return float(np.sum(weights * readings)), weights

    return [make_rule(name, built, 0)(phases, x, loss, rng).gradient for name in ("digital-bp", rule)]


@pytest.mark.parametrize("spread", [False, True])
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_in_situ_through_electronics_is_exact_with_the_layout_s_own_taps(protocol, spread):
    """As published: meshes of their own light, moduli computed between them. Phase errors lose no light."""
    built = network(("mesh", {"kind": "electronic"}, "mesh"), {"protocol": protocol}, spread)
    exact, measured = gradients(built, "in-situ")
    np.testing.assert_allclose(measured, exact, atol=1e-10 * np.abs(exact).max())


def test_electronics_stop_light_that_shall_go_all_the_way():
    with pytest.raises(BadInput, match="Choose in-situ"):
        make_rule("optical-bp", network(("mesh", {"kind": "electronic"}, "mesh")), 0)


def test_a_layout_s_calibration_error_is_on_every_tap_and_its_seed_s():
    layers = ("mesh", {"kind": "absorber"}, "mesh")
    sure, off, other = (
        network(layers, {"calibration_sigma": sigma, "seed": seed}).monitor
        for sigma, seed in ((0, 0), (0.1, 0), (0.1, 1))
    )
    np.testing.assert_allclose(sure.collected, 0.02)
    ratio = np.log(off.collected / sure.collected)
    assert 0.05 < ratio.std() < 0.2
    np.testing.assert_array_equal(off.assumed, sure.assumed)
    assert np.any(off.collected != other.collected)


def test_a_monitor_needs_a_tap_in_every_mesh():
    layers = ("mesh", {"kind": "absorber"}, {"kind": "mesh"})
    with pytest.raises(BadInput, match=r"network.layers\[2\].tap"):
        network(layers, {})


def test_a_scaled_tap_takes_what_it_is_asked_to():
    tap = AnalyticTap(reflection=0.05)
    half = ScaledTap(tap, 0.5)
    assert half.camera_power(1.55, 1.0, 0.0) == pytest.approx(0.01)
    np.testing.assert_allclose(np.abs(half.s_matrix(1.55)[1, 0]) ** 2, 1 - 0.5 * (1 - 0.98**2))
    assert np.angle(half.s_matrix(1.55)[1, 0]) == pytest.approx(0.2)
    np.testing.assert_allclose(ScaledTap(tap, 1.0).s_matrix(1.55), tap.s_matrix(1.55))
