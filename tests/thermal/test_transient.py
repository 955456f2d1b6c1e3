"""Growth in time against the exact modes of slabs."""

import numpy as np
import pytest
from scipy.optimize import brentq

from fdtd_onn.responses.steps import StepResponse
from fdtd_onn.thermal.conduction import solver
from fdtd_onn.thermal.materials import CONDUCTORS
from fdtd_onn.thermal.scene import Block, Meshing, meshed, spread_power
from fdtd_onn.thermal.transient import step_response

OXIDE, SILICON = CONDUCTORS["SiO2"], CONDUCTORS["Si"]


def slab(layers, finest):
    top = sum(t for t, _ in layers)
    blocks, z = [Block((0.0, 1.0), (0.0, top), layers[0][1])], 0.0
    for thickness, matter in layers:
        blocks.append(Block((0.0, 1.0), (z, z + thickness), matter))
        z += thickness
    return meshed(blocks, Meshing((0.0, 1.0), (0.0, top), finest, 0.0), 0.0), top


def test_a_slab_follows_its_exact_series():
    """Heated evenly, cold below: T = Σ over odd n of (16 q H²/k π³n³) sin(nπz/2H) [1 − exp(−n²π²Dt/4H²)]."""
    section, height = slab([(4.0, OXIDE)], 0.02)
    power, place = spread_power(section, (0.0, 1.0), (0.0, height)), 3.0
    step = step_response(section, power, section.weights(np.array([0.5]), np.array([place]), np.ones(1)))
    n = np.arange(1, 400, 2)
    weights = 16.0 * height / (OXIDE.conductivity * np.pi**3 * n**3) * np.sin(n * np.pi * place / (2 * height))
    times = 4.0 * height**2 * OXIDE.capacity / (OXIDE.conductivity * np.pi**2 * n**2)
    exact = StepResponse(times, weights)
    t = np.geomspace(0.3, 100.0, 30)
    assert step.at(t) == pytest.approx(exact.at(t), abs=3e-4 * exact.final)
    assert step.time_constant_us == pytest.approx(exact.time_constant_us, rel=1e-3)
    assert step.times_us.max() == pytest.approx(times[0], rel=1e-3)


def test_the_slowest_modes_of_two_layers_obey_their_condition():
    """k₁s₁ cot(s₁d₁) = k₂s₂ tan(s₂d₂) with s = √(c/kτ) for a layer on a sink and one without outlet upon it."""
    lower, upper = (30.0, SILICON), (3.0, OXIDE)
    section, top = slab([lower, upper], 0.06)
    power = spread_power(section, (0.0, 1.0), (top - 0.3, top))
    step = step_response(section, power, power)

    def mismatch(rate):
        (s1, s2), (k1, k2) = (
            [np.sqrt(rate * m.capacity / m.conductivity) for _, m in (lower, upper)],
            [m.conductivity for _, m in (lower, upper)],
        )
        return k1 * s1 * np.cos(s1 * 30.0) * np.cos(s2 * 3.0) - k2 * s2 * np.sin(s2 * 3.0) * np.sin(s1 * 30.0)

    trial = np.linspace(1e-3, 4.0, 4000)
    signs = np.flatnonzero(np.diff(np.sign([mismatch(r) for r in trial])))
    rates = [brentq(mismatch, trial[i], trial[i + 1]) for i in signs[:2]]
    assert np.sort(1.0 / step.times_us)[:2] == pytest.approx(rates, rel=2e-3)


def test_the_response_ends_in_the_steady_state_and_never_falls():
    section, top = slab([(30.0, SILICON), (3.0, OXIDE)], 0.1)
    power = spread_power(section, (0.0, 1.0), (top - 0.3, top))
    reading = section.weights(np.array([0.5]), np.array([31.0]), np.ones(1))
    step = step_response(section, power, reading)
    assert step.final == pytest.approx(reading @ solver(section.operator())(power), rel=1e-9)
    assert np.all(np.diff(step.at(np.geomspace(1e-2, 1e3, 200))) > -1e-6 * step.final)


def test_times_of_one_exponential():
    step = StepResponse(np.array([5.0]), np.array([2.0]))
    assert step.time_constant_us == pytest.approx(5.0, rel=1e-12)
    assert step.time_to(0.9) - step.time_to(0.1) == pytest.approx(5.0 * np.log(9.0), rel=1e-12)
    assert step.at([0.0, 5.0]) == pytest.approx([0.0, 2.0 * (1.0 - np.exp(-1.0))])
