"""Time-reversed copies as light that is read and made anew, and what that leaves of the gradient."""

import numpy as np
import pytest

from fdtd_onn.network.build import build_network
from fdtd_onn.network.generator import IdealGenerator, ModulatorBank
from fdtd_onn.network.transceiver import IDEAL_TRANSCEIVER
from fdtd_onn.specs.layout import NetworkSpec
from fdtd_onn.training.rules import make_rule
from tests.network.stand_ins import AnalyticAbsorber, AnalyticCoupler, AnalyticShifter, AnalyticTap

MODELS = {
    "coupler": AnalyticCoupler(),
    "phase_shifter": AnalyticShifter(loss=0.01),
    "tap": AnalyticTap(),
    "absorber": AnalyticAbsorber(),
}
#: All but silent: what is left is the converter.
QUIET = {"bandwidth_hz": 1e-6, "thermal_noise_a_per_sqrt_hz": 1e-15, "full_scale_mw": 5.0}


def network(generator=None, detector=None, between="electronic", monitor=None):
    mesh = {"kind": "mesh", "tap": "tap"}
    spec = NetworkSpec(
        ports=4,
        wavelength_um=1.55,
        input={"power_mw": 2.0},
        generator=generator,
        layers=(mesh, {"kind": between}, mesh),
        readout={"kind": "homodyne", "ports": (0, 1), "detector": detector},
        monitor=monitor or {},
    )
    return build_network(spec, MODELS)


def light(rng, batch=8):
    return np.sqrt(2e-4) * (rng.standard_normal((4, batch)) + 1j * rng.standard_normal((4, batch)))


def error(built):
    """Of an in-situ gradient, relative to the exact one of the network without converters."""
    rng = np.random.default_rng(0)
    x, phases, weights = light(rng), rng.uniform(0, 2 * np.pi, built.phase_count), rng.standard_normal((2, 8))
    got, exact = (
        make_rule(rule, one, 0)(phases, x, lambda readings: (0.0, weights), np.random.default_rng(1)).gradient
        for rule, one in (("in-situ", built), ("digital-bp", network()))
    )
    return np.linalg.norm(got - exact) / np.linalg.norm(exact)


def test_a_copy_is_the_conjugate_as_bright_as_the_forward_light():
    rng = np.random.default_rng(2)
    forward, leaving = light(rng), 7.0 * light(rng)
    copy, scale = IDEAL_TRANSCEIVER.time_reversed(forward, leaving)
    np.testing.assert_allclose(copy, scale * leaving.conj(), rtol=1e-12)
    assert np.linalg.norm(copy) == pytest.approx(np.linalg.norm(forward), rel=1e-12)


def test_without_generators_or_receivers_copies_are_exact():
    assert error(network()) < 1e-10


@pytest.mark.parametrize("part", ["generator", "detector"])
def test_the_gradient_s_error_falls_by_half_for_every_bit_of_what_copies_pass(part):
    def with_bits(bits):
        if part == "generator":
            return network(generator={"full_scale_mw": 5.0, "bits": bits})
        return network(detector={**QUIET, "adc_bits": bits})

    errors = [error(with_bits(bits)) for bits in (7, 9, 11, 13)]
    # Rounding in a converter of b bits errs by 2^-b of its full scale, at random: factors of 4, scattered.
    assert errors[0] < 0.2
    assert 4.0**3 / 3.0 < errors[0] / errors[-1] < 4.0**3 * 3.0
    assert np.all(np.diff(errors) < 0.0)


def test_receivers_add_their_noise_on_the_bench_alone():
    loud = network(detector={**QUIET, "adc_bits": 24, "bandwidth_hz": 1e8, "thermal_noise_a_per_sqrt_hz": 1e-9})
    rng = np.random.default_rng(3)
    x, delta, phases = light(rng), light(rng), rng.uniform(0, 2 * np.pi, loud.phase_count)

    def copy(built):
        return built.send_back(phases, built.forward(phases, x)[1], delta)[1].send_copy().field

    exact = copy(network())
    np.testing.assert_allclose(copy(loud), exact, atol=1e-12 * np.abs(exact).max())
    one, again, other = (copy(loud.on_bench(np.random.default_rng(seed))) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, again)
    assert 1e-4 < np.linalg.norm(one - other) / np.linalg.norm(exact) < 0.5


def test_the_modulators_of_every_place_have_errors_of_their_own():
    built = network({"full_scale_mw": 5.0, "phase_sigma_rad": 0.1, "seed": 2})
    first, electronics, last = built.layers
    banks = [built.generator, built.back, electronics.back.generator, last.transceiver.generator]
    assert all(isinstance(bank, ModulatorBank) for bank in banks)
    assert len({bank.errors.tobytes() for bank in banks}) == 4
    # Copies come out of the modulators that make a mesh's forward light, where it has such.
    np.testing.assert_array_equal(first.transceiver.generator.errors, built.generator.errors)
    np.testing.assert_array_equal(electronics.ahead.generator.errors, last.transceiver.generator.errors)
    drawn = built.design
    np.testing.assert_array_equal(drawn.back.errors, 1.0)
    assert isinstance(network().back, IdealGenerator)


def test_ranges_from_a_calibration_pass_give_every_mesh_its_converters_steps():
    """Absorbers leave the second mesh a fortieth of the light: on the first one's range its gradient is lost."""
    detector = {"bandwidth_hz": 1.0, "thermal_noise_a_per_sqrt_hz": 1e-15, "adc_bits": 10}
    dark = {**MODELS, "absorber": AnalyticAbsorber(optical_depth=6.0, saturation_power_w=1e-3)}
    spec = network(between="absorber", monitor={"detector": {**detector, "full_scale_mw": "auto"}}).spec
    ranged = build_network(spec, dark)
    (first, wide), (second, narrow) = ranged.monitor.detectors
    assert (first, second) == ranged.phase_slices[::2]
    assert narrow.full_scale_w < 0.1 * wide.full_scale_w
    fixed = spec.monitor.detector.model_copy(update={"full_scale_mw": 1e3 * wide.full_scale_w})
    monitor = spec.monitor.model_copy(update={"detector": fixed})
    common = build_network(spec.model_copy(update={"monitor": monitor}), dark)
    rng = np.random.default_rng(4)
    x, delta, phases = 0.5 * light(rng), light(rng), rng.uniform(0, 2 * np.pi, ranged.phase_count)
    found = []
    for built in (ranged, common):
        taps = built.send_back(phases, built.forward(phases, x)[1], delta)[1]
        exact = np.einsum("p,pb,pb->p", taps.passage, taps.forward, taps.backward).imag[second]
        got = built.monitor.overlap(taps, np.random.default_rng(5))[second]
        found.append(np.linalg.norm(got - exact) / np.linalg.norm(exact))
    assert found[0] < 0.1
    assert found[1] > 0.5
    assert build_network(spec, dark).monitor.detectors[0][1].full_scale_w == wide.full_scale_w


def test_the_range_of_a_camera_that_integrates_a_batch_is_that_of_its_mean():
    """A single sample may be many times as bright: on its range the mean would get a part of the steps."""
    detector = {"bandwidth_hz": 1.0, "thermal_noise_a_per_sqrt_hz": 1e-15, "adc_bits": 10, "full_scale_mw": "auto"}
    rng = np.random.default_rng(6)
    x = light(rng, 64)
    x *= np.sqrt(2e-3) / np.linalg.norm(x, axis=0)
    for integration in ("sample", "batch"):
        built = network(between="absorber", monitor={"integration": integration, "detector": detector})
        for part, camera in built.monitor.detectors:
            found = []
            for phases in rng.uniform(0, 2 * np.pi, (8, built.phase_count)):
                taps = built.send_back(phases, built.forward(phases, x)[1], np.zeros_like(x))[1]
                power = built.monitor.collected[part, None] * np.abs(taps.forward[part]) ** 2
                found.append(power.mean(axis=1).max() if integration == "batch" else power.max())
            assert 4.0 * max(found) == pytest.approx(camera.full_scale_w, rel=0.3)
