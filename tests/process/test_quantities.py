import numpy as np
import pytest

from fdtd_onn.process import period, quantities, run_errors
from tests.reduce.synthetic import coupler_response, device, effective_index, response, shifter_response


def test_a_coupler_has_shares_phases_and_no_loss():
    nominal, wider = coupler_response(0.2), coupler_response(0.201)
    found = quantities(wider, nominal)
    assert found["coupling_ratio_o3"] + found["coupling_ratio_o4"] == pytest.approx(1.0)
    assert found["coupling_ratio_o3"] == pytest.approx(abs(wider.s[5, 2, 0]) ** 2, rel=1e-12)
    assert found["phase_rad_o3"] == pytest.approx(float(np.angle(wider.s[5, 2, 0] / nominal.s[5, 2, 0])))
    assert found["loss_db"] == pytest.approx(0.0, abs=1e-12)
    assert quantities(nominal, nominal)["phase_rad_o3"] == 0.0
    assert list(found) == list(quantities(nominal, nominal)) == list(run_errors(nominal))


def test_a_guides_loss_and_index_are_read_off_its_amplitude_and_phase():
    """Transmission 0.9 exp(2πi n L/λ), with an n that the slab's closed form gives only to a few hundredths."""
    straight = device("straight", {"width_um": 0.5, "length_um": 5.0})
    waves = np.linspace(1.5, 1.6, 11)
    through = 0.9 * np.exp(2j * np.pi * 5.0 * effective_index(waves) / waves)
    none = np.zeros_like(through)
    made = response(straight, np.stack([np.stack([none, through], -1), np.stack([through, none], -1)], -2))
    found = quantities(made, made)
    assert found["n_eff"] == pytest.approx(effective_index(1.55), abs=1e-9)
    assert found["loss_db"] == pytest.approx(-20.0 * np.log10(0.9))
    # 2e-3 of S at 0.9: a phase of 2.2e-3, and of the index that over 2π L/λ.
    assert run_errors(made)["phase_rad_o2"] == pytest.approx(2e-3 / 0.9)
    assert run_errors(made)["n_eff"] == pytest.approx(2e-3 / 0.9 * 1.55 / (2 * np.pi * 5.0))


def test_heat_moves_the_phase_of_a_shifter_by_its_closed_form():
    cold, warm = shifter_response(0.0), shifter_response(10.0)
    expected = 2 * np.pi / 1.55 * 30.0 * 1.9e-4 * 10.0 * (1 + 2e-4 * 10.0)
    assert quantities(warm, cold)["phase_rad_o2"] == pytest.approx(expected, rel=1e-9)
    assert period("n_eff", cold) == pytest.approx(1.55 / 30.0)
    assert period("loss_db", cold) == 0.0
