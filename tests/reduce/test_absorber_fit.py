from dataclasses import astuple, replace

import numpy as np
import pytest

from fdtd_onn.analytic.saturable import saturable_transmission
from fdtd_onn.errors import BadInput, FdtdOnnError
from fdtd_onn.reduce import compile_model
from fdtd_onn.reduce.absorption import Absorption, transit
from fdtd_onn.responses.saturation import ModeProfile
from tests.reduce.synthetic import guide_profile, saturation_response, uniform_profile, with_noise

POWERS = np.array([0.03, 0.1, 0.2, 0.4, 0.7, 1.0, 1.5, 2.2, 3.5, 5.0, 8.0, 13.0])
TRUTH = Absorption(1.0, 0.05, 5e-4, 0.2, 0.4, 0.5)


def synthetic(noise=0.0, seed=0, profile=None):
    log = transit(guide_profile(), TRUTH, POWERS * TRUTH.saturation_power_w)
    pump, probe = (with_noise(np.exp(x), noise, seed + i) for i, x in enumerate((log.pump, log.coherent)))
    return saturation_response(POWERS, 0.5, pump, probe, guide_profile() if profile is None else profile)


def test_the_six_numbers_come_back():
    model = compile_model(synthetic())
    assert astuple(model.absorption) == pytest.approx(astuple(TRUTH), rel=1e-6)
    assert max(astuple(model.fit_error) + astuple(model.held_out_error)) < 1e-7
    assert model.max_power_w == pytest.approx(6.5e-3)
    assert astuple(model.response_error) == (5e-4, 5e-4)


def test_a_plane_wave_without_other_loss_is_fitted_at_the_bound():
    exact = saturable_transmission(POWERS, 1.0)
    turn = np.exp(0.4j)
    made = saturation_response(
        POWERS, 0.5, np.sqrt(exact.pump) * turn, np.sqrt(exact.coherent_probe) * turn, uniform_profile()
    )
    model = compile_model(made)
    assert astuple(model.absorption) == pytest.approx((1.0, 0.0, 5e-4, 0.0, 0.4, 0.4), abs=1e-5)
    assert max(astuple(model.fit_error) + astuple(model.held_out_error)) < 1e-6


def test_the_stated_uncertainty_is_the_scatter_of_repeated_noisy_runs():
    models = [compile_model(synthetic(noise=1e-3, seed=10 * k)) for k in range(24)]
    deviations = np.array([np.subtract(astuple(m.absorption), astuple(TRUTH)) / astuple(m.uncertainty) for m in models])
    # 24 runs: the standard deviation of a unit normal is known to 15 %, so 0.5 … 1.6 is four sigma wide.
    assert np.all((deviations.std(axis=0) > 0.5) & (deviations.std(axis=0) < 1.6))
    assert np.all(np.abs(deviations.mean(axis=0)) < 1.0)


def test_the_held_out_error_tells_a_right_model_from_a_wrong_one():
    right = compile_model(synthetic(noise=3e-4))
    wrong = compile_model(synthetic(noise=3e-4, profile=uniform_profile()))
    assert max(astuple(right.held_out_error)) < 2e-3
    assert min(astuple(wrong.held_out_error)) > 1e-2


def test_held_out_powers_do_not_touch_the_fit():
    made = synthetic()
    pump = made.pump_transmission.copy()
    pump[2] *= 1.1  # the first power that is held out
    spoiled = compile_model(replace(made, pump_transmission=pump))
    assert astuple(spoiled.absorption) == astuple(compile_model(made).absorption)
    assert spoiled.held_out_error.pump > 0.05
    assert spoiled.fit_error.pump < 1e-7


def test_what_cannot_be_fitted_is_refused():
    made = synthetic()
    few = saturation_response(POWERS[:4], 0.5, made.pump_transmission[:4], made.probe_transmission[:4], guide_profile())
    assert compile_model(few).held_out_error.pump < 1e-5
    names = ("pump_mw", "pump_transmission", "pump_reflection", "probe_transmission", "gated_transmission", "error")
    three = {name: getattr(few, name)[:3] for name in names}
    with pytest.raises(BadInput, match="at least 4 pump powers, got 3"):
        compile_model(replace(few, **three))
    with pytest.raises(BadInput, match="positive and increase"):
        compile_model(replace(made, pump_mw=made.pump_mw[::-1]))
    with pytest.raises(BadInput, match="finite transmissions"):
        compile_model(replace(made, probe_transmission=made.probe_transmission * np.nan))
    with pytest.raises(BadInput, match="one saturation response"):
        compile_model([made, made])


@pytest.mark.parametrize(
    ("transverse", "weight", "complaint"),
    [([1.0], [0.5, 0.5], "share a shape"), ([1.1, 1.1], [0.5, 0.5], "Σw"), ([3.0, -1.0], [0.5, 0.5], "negative")],
)
def test_a_profile_must_be_normalised(transverse, weight, complaint):
    with pytest.raises(FdtdOnnError, match=complaint):
        ModeProfile(np.array(transverse), np.zeros(len(transverse)), np.array(weight))
