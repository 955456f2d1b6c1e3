import pytest
from hypothesis import given
from hypothesis import strategies as st

from fdtd_onn.report.formats import duration, fixed, percent, quantity, significant, uncertain

PLAIN = str.maketrans("−⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "--0123456789")
NUMBERS = st.floats(1e-300, 1e300).flatmap(lambda x: st.sampled_from([x, -x]))


def read_back(text):
    mantissa, _, power = text.translate(PLAIN).partition(" × 10")
    return float(mantissa) * 10.0 ** int(power) if power else float(mantissa)


@given(value=NUMBERS, digits=st.integers(1, 6))
def test_printed_digits_are_right_to_half_a_unit_of_the_last(value, digits):
    assert read_back(significant(value, digits)) == pytest.approx(value, rel=0.5001 * 10.0 ** (1 - digits))
    assert "-" not in significant(value, digits)


def test_small_and_large_numbers_turn_to_powers_of_ten():
    assert significant(1.234e-5) == "1.23 × 10⁻⁵"
    assert significant(0.0123) == "0.0123"
    assert significant(2.47e10) == "2.47 × 10¹⁰"
    assert significant(999.96, 4) == "1000"
    assert significant(-46.51) == "−46.5"
    assert significant(0.0) == "0"


@given(value=st.floats(-100.0, 100.0), deviation=st.floats(1e-9, 10.0))
def test_an_uncertain_number_keeps_two_digits_of_its_deviation(value, deviation):
    left, right = uncertain(value, deviation).split(" ± ")
    assert float(right) == pytest.approx(deviation, rel=0.051)
    assert abs(read_back(left) - value) <= 0.051 * deviation + 1e-12


def test_no_number_is_a_dash_and_zero_has_no_sign():
    assert {significant(None), fixed(None, 2), percent(None)} == {"–"}
    assert fixed(-1e-9, 2) == "0.00"
    assert percent(0.9275) == "92.8 %"


def test_durations_and_quantities_carry_units():
    assert [duration(s) for s in (4.2, 600.0, 9000.0)] == ["4.2 s", "10.0 min", "2.5 h"]
    assert quantity("gap_um") == "gap (µm)"
    assert quantity("delta_t_k") == "ΔT (K)"
    assert quantity("saturation_intensity_mw_per_um2") == "saturation intensity (mW/µm²)"
    assert quantity("order") == "order"
