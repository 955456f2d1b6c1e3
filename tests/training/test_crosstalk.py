"""Training by light under heaters that warm one another's sections."""

import numpy as np
import pytest

from fdtd_onn.network.build import build_network
from fdtd_onn.specs.layout import NetworkSpec
from fdtd_onn.training.bench_figures import BENCH, bench_estimate
from fdtd_onn.training.datasets import make_dataset
from fdtd_onn.training.loop import train
from fdtd_onn.training.rules import Effort, make_rule
from tests.network.stand_ins import AnalyticAbsorber, AnalyticCoupler, AnalyticHeater, AnalyticShifter, AnalyticTap
from tests.training.devices import quadratic_loss, start

MODELS = {
    "coupler": AnalyticCoupler(0.53),
    "phase_shifter": AnalyticShifter(loss=0.01),
    "absorber": AnalyticAbsorber(),
    "tap": AnalyticTap(),
    "heater": AnalyticHeater(),
}


def network(*between, crosstalk="left", monitor=None):
    heater = {"device": "heater", "crosstalk": crosstalk}
    mesh = {"kind": "mesh", "tap": "tap", "plane_pitch_um": 100.0, "guide_pitch_um": 30.0, "heater": heater}
    spec = NetworkSpec(
        ports=4,
        wavelength_um=1.55,
        input={"power_mw": 2.0, "reference": 1.5},
        layers=(mesh, *between),
        readout={"kind": "homodyne", "ports": (0, 1)},
        monitor=monitor,
    )
    return build_network(spec, MODELS)


@pytest.mark.parametrize("crosstalk", ["left", "corrected"])
@pytest.mark.parametrize("rule", ["optical-bp", "in-situ"])
def test_gradients_by_light_are_brought_to_the_phases_asked_for(rule, crosstalk):
    """Taps stand behind driven sections only, but heat in all of them counts; exact up to what taps leave."""
    built = network(crosstalk=crosstalk, monitor={} if rule == "in-situ" else None)
    phases, x = start(built)
    loss = quadratic_loss(x.shape[1])
    got, exact = (
        make_rule(name, built, 0)(phases, x, loss, np.random.default_rng(0)).gradient for name in (rule, "digital-bp")
    )
    np.testing.assert_allclose(got, exact, atol=1e-9 * np.abs(exact).max())
    sections = make_rule(rule, build_network(built.spec, MODELS | {"heater": AnalyticHeater(strength=0.0)}), 0)
    alone = sections(phases, x, loss, np.random.default_rng(0)).gradient
    assert (np.linalg.norm(alone - exact) > 0.1 * np.linalg.norm(exact)) == (crosstalk == "left")


def test_training_by_light_works_with_crosstalk_left():
    built = network({"kind": "absorber", "sections": 3}, {"kind": "mesh"})
    data = make_dataset("rings", 0)
    exact, optical = (train(built, data, rule, 0, 25, 30, 0.05) for rule in ("digital-bp", "optical-bp"))
    assert optical.test_accuracy > 0.85
    assert abs(optical.test_accuracy - exact.test_accuracy) < 0.08
    assert optical.gradient_cosine.min() > 0.8


def test_heaters_take_what_the_trained_phases_take_and_the_usual_where_none_is_named():
    built = network({"kind": "absorber"}, {"kind": "mesh"})
    effort, phases = Effort(passes=10, settings=10), np.random.default_rng(0).uniform(0.0, 2 * np.pi, (3, 32))
    seconds = bench_estimate(effort, built, phases).optical_s
    named = np.mean(phases[:, :16].sum(axis=1)) / AnalyticHeater().per_mw
    assert bench_estimate(effort, built, phases).heater_j == pytest.approx(
        1e-3 * seconds * (named + 16 * BENCH.heater_mw)
    )
