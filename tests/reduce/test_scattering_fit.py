import numpy as np
import pytest

from fdtd_onn.errors import BadInput
from fdtd_onn.reduce import compile_model
from fdtd_onn.reduce.scattering import ABSORBING_LAYERS
from fdtd_onn.specs.device import StraightParameters
from tests.reduce.synthetic import (
    BETWEEN,
    WAVELENGTHS,
    coupler_response,
    device,
    dispersive_coupler_s,
    response,
    shifter_response,
    shifter_s,
)


def largest_error(model, truth, values):
    """Between the characterised points, over all entries."""
    given = values if model.parameter else [None]
    return max(
        np.abs(model.s_matrices(w, None if v is None else [v])[0] - truth(np.array([w]), v)[0]).max()
        for w in BETWEEN
        for v in given
    )


@pytest.mark.parametrize("length_um", [5.0, 40.0, 200.0])
def test_phase_is_followed_between_wavelengths_however_often_it_turns(length_um):
    # At 200 µm the phase turns 3.5 times between neighbouring wavelengths.
    model = compile_model(shifter_response(20.0, length_um))
    assert largest_error(model, lambda w, _: shifter_s(w, 20.0, length_um), [None]) < 1e-9
    assert not model.smooth.logarithmic[0, 0]  # the reflection passes through zero
    assert model.smooth.logarithmic[1, 0]


def test_a_heated_family_interpolates_both_ways():
    model = compile_model([shifter_response(t) for t in (150.0, 0.0, 75.0)])  # order does not matter
    assert model.parameter == "delta_t_k"
    assert model.parameter_range == (0.0, 150.0)
    assert largest_error(model, shifter_s, np.linspace(0.0, 150.0, 7)) < 1e-9
    # The middle value, left out, is predicted by a straight line only: a bound, not the error.
    assert 1e-3 < model.validation_error < 0.05
    assert model.parameter_validated


def test_two_values_are_said_to_be_unvalidated():
    model = compile_model([shifter_response(t) for t in (0.0, 100.0)])
    assert not model.parameter_validated
    assert largest_error(model, shifter_s, [0.0, 100.0]) < 1e-9


@pytest.mark.parametrize("gaps", [(0.18, 0.2, 0.22), (0.15, 0.175, 0.2, 0.225, 0.25)])
def test_the_validation_error_bounds_the_true_error_of_a_coupler_whose_through_port_nears_zero(gaps):
    model = compile_model([coupler_response(gap) for gap in gaps])
    true = largest_error(model, dispersive_coupler_s, np.linspace(gaps[0], gaps[-1], 9))
    assert 1e-6 < true < model.validation_error


def test_a_single_coupler_is_exact_to_its_own_estimate():
    model = compile_model(coupler_response(0.2))
    true = largest_error(model, lambda w, _: dispersive_coupler_s(w, 0.2), [None])
    assert true < model.validation_error < 1e-5


@pytest.mark.parametrize("noise", [1e-4, 1e-3, 1e-2])
def test_noise_is_smoothed_and_reported(noise):
    model = compile_model([shifter_response(t, noise=noise, seed=int(t)) for t in (0.0, 30.0, 60.0, 90.0)])
    true = largest_error(model, shifter_s, [0.0, 45.0, 90.0])
    assert true < model.validation_error
    assert noise < model.fit_error < model.validation_error < 6 * noise


def test_rows_are_outputs():
    s = shifter_s(WAVELENGTHS, 0.0)
    s[:, 1, 0] *= 0.5 * np.exp(1j * WAVELENGTHS)  # an isolator: o1 → o2 is weaker
    model = compile_model(response(shifter_response(0.0).device, s))
    np.testing.assert_allclose(model.s_matrix(1.55), s[5], atol=1e-9)
    assert abs(model.s_matrix(1.555)[1, 0]) == pytest.approx(0.4975)
    assert model.reciprocity_defect == pytest.approx(np.abs(s[:, 1, 0] - s[:, 0, 1]).max(), rel=0.05)


def test_gain_is_reported_and_left_in():
    gained = response(shifter_response(0.0).device, 1.01 * shifter_s(WAVELENGTHS, 0.0), power_error=1e-3)
    model = compile_model(gained)
    assert model.passivity_tolerance == pytest.approx(model.validation_error + ABSORBING_LAYERS)
    assert not model.passive
    assert abs(model.s_matrix(1.55)[1, 0]) == pytest.approx(1.01 * 0.995)
    assert model.largest_singular_value > 1.004


def test_gain_between_the_points_is_found():
    # No gain at any characterised wavelength, 0.25 % of amplitude half-way between two of them.
    magnitude = 1.0 - 100.0 * ((WAVELENGTHS - 1.555) ** 2 - 0.005**2)
    s = magnitude[:, None, None] * np.exp(9j / WAVELENGTHS)[:, None, None] * np.array([[0, 1], [1, 0]])
    made = response(shifter_response(0.0).device, s, power_error=0.0)
    assert made.largest_singular_value <= 1.0 + 1e-12
    model = compile_model(made)
    assert model.largest_singular_value == pytest.approx(1.0025, abs=2e-4)
    assert not model.passive


def test_the_runs_own_errors_are_carried():
    model = compile_model(shifter_response(0.0))
    assert (model.s_error, model.power_error) == (2e-3, 1e-3)
    assert (model.fidelity, model.run_keys) == ("standard", ("key",))


def test_turns_that_the_data_do_not_determine_are_refused():
    frequencies = np.linspace(1 / 1.6, 1 / 1.5, 11)
    even = shifter_response(0.0, wavelengths=1 / frequencies[::-1])
    with pytest.raises(BadInput, match="hide whole turns"):
        compile_model(even)
    rng = np.random.default_rng(0)
    scrambled = shifter_s(WAVELENGTHS, 0.0) * np.exp(2j * np.pi * rng.random(11))[:, None, None]
    with pytest.raises(BadInput, match=r"wavelengths\.points"):
        compile_model(response(even.device, scrambled))


def test_a_parameter_step_of_about_a_whole_turn_is_refused():
    with pytest.raises(BadInput, match=r"tunable\.values"):
        compile_model([shifter_response(t, length=40.0) for t in (0.0, 200.0)])


def test_what_is_no_family_is_refused():
    with pytest.raises(BadInput, match="got no difference"):
        compile_model([shifter_response(10.0), shifter_response(10.0)])
    with pytest.raises(BadInput, match="length_um, delta_t_k"):
        compile_model([shifter_response(10.0), shifter_response(20.0, length=20.0)])
    with pytest.raises(BadInput, match="a different delta_t_k for each"):
        compile_model([shifter_response(t) for t in (10.0, 20.0, 10.0)])
    with pytest.raises(BadInput, match="same wavelengths_um"):
        compile_model([shifter_response(10.0), shifter_response(20.0, wavelengths=WAVELENGTHS[1:])])
    straight = device("straight", StraightParameters(width_um=0.5, length_um=30.0).model_dump())
    with pytest.raises(BadInput, match="same device"):
        compile_model([shifter_response(10.0), response(straight, shifter_s(WAVELENGTHS, 0.0))])
    with pytest.raises(BadInput, match="got nothing"):
        compile_model([])
    with pytest.raises(BadInput, match="at least 5 wavelengths"):
        compile_model(shifter_response(0.0, wavelengths=WAVELENGTHS[:4]))
