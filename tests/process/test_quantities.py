import numpy as np
import pytest

from fdtd_onn.process import period, quantities, run_errors
from fdtd_onn.responses.one_input import Above, OneInput, first_input
from fdtd_onn.responses.tap import Directions
from tests.geometry.make import make_device
from tests.reduce.synthetic import coupler_response, device, effective_index, response, shifter_response
from tests.reduce.test_absorber import GUIDE
from tests.report.experiments import TRUTH, absorber_response


def test_a_coupler_has_shares_phases_and_no_loss():
    nominal, wider = coupler_response(0.2), coupler_response(0.201)
    found = quantities(first_input(wider), first_input(nominal))
    same = quantities(first_input(nominal), first_input(nominal))
    assert found["coupling_ratio_o3"] + found["coupling_ratio_o4"] == pytest.approx(1.0)
    assert found["coupling_ratio_o3"] == pytest.approx(abs(wider.s[5, 2, 0]) ** 2, rel=1e-12)
    assert found["phase_rad_o3"] == pytest.approx(float(np.angle(wider.s[5, 2, 0] / nominal.s[5, 2, 0])))
    assert found["loss_db"] == pytest.approx(0.0, abs=1e-12)
    assert same["phase_rad_o3"] == 0.0
    assert list(found) == list(same) == list(run_errors(nominal))


def test_a_guides_loss_and_index_are_read_off_its_amplitude_and_phase():
    """Transmission 0.9 exp(2πi n L/λ), with an n that the slab's closed form gives only to a few hundredths."""
    straight = device("straight", {"width_um": 0.5, "length_um": 5.0})
    waves = np.linspace(1.5, 1.6, 11)
    through = 0.9 * np.exp(2j * np.pi * 5.0 * effective_index(waves) / waves)
    none = np.zeros_like(through)
    made = response(straight, np.stack([np.stack([none, through], -1), np.stack([through, none], -1)], -2))
    found = quantities(first_input(made), first_input(made))
    assert found["n_eff"] == pytest.approx(effective_index(1.55), abs=1e-9)
    assert found["loss_db"] == pytest.approx(-20.0 * np.log10(0.9))
    # 2e-3 of S at 0.9: a phase of 2.2e-3, and of the index that over 2π L/λ.
    assert run_errors(made)["phase_rad_o2"] == pytest.approx(2e-3 / 0.9)
    assert run_errors(made)["n_eff"] == pytest.approx(2e-3 / 0.9 * 1.55 / (2 * np.pi * 5.0))


def test_heat_moves_the_phase_of_a_shifter_by_its_closed_form():
    cold, warm = shifter_response(0.0), shifter_response(10.0)
    expected = 2 * np.pi / 1.55 * 30.0 * 1.9e-4 * 10.0 * (1 + 2e-4 * 10.0)
    assert quantities(first_input(warm), first_input(cold))["phase_rad_o2"] == pytest.approx(expected, rel=1e-9)
    assert period("n_eff", first_input(cold)) == pytest.approx(1.55 / 30.0)
    assert period("loss_db", first_input(cold)) == 0.0


def test_a_taps_light_has_a_ratio_and_a_direction():
    """3 % of the power goes up between 10° and 20°, evenly over the sine; a camera of ±15° takes its lower half."""
    u = np.linspace(-1.0, 1.0, 4001)
    low, high = np.sin(np.radians([10.0, 20.0]))
    field = np.where((u >= low) & (u <= high), np.sqrt(0.03 / (high - low)), 0.0)
    amplitude = np.zeros((1, u.size, 1, 2))
    amplitude[0, :, 0, 1] = field
    tap = make_device("grating_tap")
    tap = tap.model_copy(update={"camera": tap.camera.model_copy(update={"centre_deg": 0.0, "half_width_deg": 15.0})})
    out = np.array([[0.01, np.sqrt(0.94)]])
    seen = OneInput(tap, np.array([1.55]), ("o1", "o2"), out, Above(Directions(u, np.zeros(1)), amplitude))
    found = quantities(seen, seen)
    middle = np.sin(np.radians(15.0))
    assert found["tap_ratio"] == pytest.approx(0.03 * (middle - low) / (high - low), rel=0.01)
    assert found["angle_deg"] == pytest.approx(np.degrees(np.arcsin(0.5 * (low + high))), abs=0.02)
    assert found["insertion_loss_db"] == pytest.approx(-10.0 * np.log10(0.94))
    assert found["reflection"] == pytest.approx(1e-4)


def test_an_absorber_has_the_numbers_that_it_was_compiled_to():
    found = quantities(GUIDE, GUIDE)
    assert found["optical_depth"] == GUIDE.absorption.optical_depth
    assert found["saturation_power_mw"] == pytest.approx(1e3 * GUIDE.absorption.saturation_power_w)


def test_what_an_absorbers_run_leaves_open_is_what_moves_its_fit():
    """|t|² off by 5e-4 everywhere: in the dark, at 0.35, both depths share 1.4e-3, at full power the other has 5e-4."""
    errors = run_errors(absorber_response(noise=0.0))
    both = errors["optical_depth"] + errors["nonsaturable_optical_depth"]
    assert both == pytest.approx(5e-4 / np.exp(-TRUTH.optical_depth - TRUTH.nonsaturable_optical_depth), rel=0.3)
    assert errors["nonsaturable_optical_depth"] == pytest.approx(5e-4, rel=0.3)
    assert list(errors) == list(quantities(GUIDE, GUIDE))
