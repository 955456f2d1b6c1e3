import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fdtd_onn.errors import BadInput, OutOfRange
from fdtd_onn.reduce import compile_model
from tests.reduce.synthetic import coupler_response, shifter_response

TUNABLE = compile_model([shifter_response(t) for t in (0.0, 30.0, 60.0, 90.0)])
GAPS = compile_model([coupler_response(gap) for gap in (0.15, 0.2, 0.25)])
FIXED = compile_model(shifter_response(0.0))


@pytest.mark.parametrize(("model", "values", "step"), [(TUNABLE, [3.0, 50.0, 88.0], 1e-3), (GAPS, [0.17, 0.23], 1e-6)])
def test_the_parameter_derivative_is_that_of_the_fit(model, values, step):
    values = np.array(values)
    difference = model.s_matrices(1.537, values + step) - model.s_matrices(1.537, values - step)
    exact = model.s_parameter_derivative(1.537, values)
    np.testing.assert_allclose(difference / (2 * step), exact, atol=1e-8 * np.abs(exact).max())


def test_one_value_at_a_time_or_many_at_once():
    values = np.array([0.0, 45.0, 90.0])
    one_by_one = [TUNABLE.s_matrix(1.52, delta_t_k=v) for v in values]
    np.testing.assert_array_equal(TUNABLE.s_matrices(1.52, values), one_by_one)
    np.testing.assert_array_equal(FIXED.s_matrices(1.52, None)[0], FIXED.s_matrix(1.52))


def test_the_ends_of_the_ranges_are_inside():
    assert FIXED.wavelength_range_um == pytest.approx((1.5, 1.6), rel=1e-15)
    for wavelength in (1.5, 1.6):
        assert abs(TUNABLE.s_matrix(wavelength, delta_t_k=90.0)[1, 0]) == pytest.approx(0.995)


outside = st.one_of(st.floats(max_value=1.49999), st.floats(min_value=1.60001), st.just(float("nan")))


@given(outside)
def test_wavelengths_outside_are_refused_with_the_range(wavelength):
    with pytest.raises(OutOfRange, match=r"wavelength_um from 1\.5 to 1\.6, got"):
        FIXED.s_matrix(wavelength)


@given(st.one_of(st.floats(max_value=-1e-6), st.floats(min_value=90.0001), st.just(float("nan"))))
def test_parameters_outside_are_refused_with_the_range(value):
    with pytest.raises(OutOfRange, match="delta_t_k from 0 to 90, got"):
        TUNABLE.s_matrices(1.55, [10.0, value])


def test_the_parameter_has_no_default_and_one_name():
    with pytest.raises(BadInput, match="expected the parameter delta_t_k, got none"):
        TUNABLE.s_matrix(1.55)
    with pytest.raises(BadInput, match="got gap_um"):
        TUNABLE.s_matrix(1.55, gap_um=0.2)
    with pytest.raises(BadInput, match="expected no parameter, got delta_t_k"):
        FIXED.s_matrix(1.55, delta_t_k=1.0)
    with pytest.raises(BadInput, match="not tunable"):
        FIXED.s_matrices(1.55, [1.0])
    with pytest.raises(BadInput, match="a tunable model"):
        FIXED.s_parameter_derivative(1.55, [1.0])
