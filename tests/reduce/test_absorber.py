import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fdtd_onn.analytic.saturable import saturable_transmission, saturable_transmission_with_loss
from fdtd_onn.errors import BadInput, OutOfRange
from fdtd_onn.reduce import AbsorberModel
from fdtd_onn.reduce.absorber import PumpProbeError
from fdtd_onn.reduce.absorption import Absorption, transit
from tests.reduce.synthetic import guide_profile, uniform_profile

P_SAT = 5e-4
MAX_OVER_SATURATION = 20.0
NO_ERROR = PumpProbeError(0.0, 0.0)


def absorber(profile, absorption, sections=1):
    return AbsorberModel(
        name="absorber", ports=("o1", "o2"), fidelity="standard", run_keys=(), wavelength_um=1.55,
        absorption=absorption, covariance=np.zeros((6, 6)), profile=profile, reflection=1e-3j,
        max_power_w=MAX_OVER_SATURATION * P_SAT, fit_error=NO_ERROR, held_out_error=NO_ERROR, response_error=NO_ERROR,
        sections=sections,
    )  # fmt: skip


UNIFORM = absorber(uniform_profile(), Absorption(1.7, 0.0, P_SAT, 0.0, 0.4, 0.4))
LOSSY = absorber(uniform_profile(), Absorption(1.7, 0.3, P_SAT, 0.0, 0.4, 0.4))
GUIDE = absorber(guide_profile(), Absorption(1.2, 0.05, P_SAT, 0.3, 0.4, 0.5))
INTENSITY = np.concatenate([[0.0, 1e-9], np.geomspace(1e-3, MAX_OVER_SATURATION, 41)])
FIELD = np.sqrt(INTENSITY * P_SAT) * np.exp(1j * np.arange(INTENSITY.size))


@pytest.mark.parametrize(("model", "loss"), [(UNIFORM, 0.0), (LOSSY, 0.3)])
def test_a_uniform_absorber_is_the_closed_form(model, loss):
    exact = (
        saturable_transmission(INTENSITY, 1.7)
        if loss == 0.0
        else saturable_transmission_with_loss(INTENSITY, 1.7, loss)
    )
    turn = np.exp(0.4j)
    np.testing.assert_allclose(model.forward(FIELD), FIELD * np.sqrt(exact.pump) * turn, atol=1e-8 * 0.1)
    np.testing.assert_allclose(model.probe(FIELD, "coherent"), np.sqrt(exact.coherent_probe) * turn, atol=1e-8)
    np.testing.assert_allclose(model.probe(FIELD, "time-gated"), np.sqrt(exact.time_gated_probe) * turn, atol=1e-8)
    along, across = model.jacobian(FIELD)
    in_phase = along + across * np.exp(-2j * np.angle(FIELD))
    np.testing.assert_allclose(in_phase, exact.slope * turn, atol=1e-7)


@pytest.mark.parametrize("model", [UNIFORM, GUIDE, absorber(guide_profile(), GUIDE.absorption, sections=3)])
def test_wirtinger_derivatives_are_those_of_forward(model):
    e = FIELD[2:-1]
    h = 1e-5 * np.abs(e)
    real = (model.forward(e + h) - model.forward(e - h)) / (2 * h)
    imaginary = (model.forward(e + 1j * h) - model.forward(e - 1j * h)) / (2 * h)
    along, across = model.jacobian(e)
    np.testing.assert_allclose(along, (real - 1j * imaginary) / 2, atol=1e-9)
    np.testing.assert_allclose(across, (real + 1j * imaginary) / 2, atol=1e-9)


def test_in_the_dark_the_model_is_its_linear_limit():
    along, across = GUIDE.jacobian(np.zeros((2, 3)))
    dark = np.exp(-0.5 * (1.2 * (1 - 0.3j) + 0.05))
    np.testing.assert_allclose(along, np.full((2, 3), dark * np.exp(0.4j)), rtol=1e-12)
    np.testing.assert_array_equal(across, np.zeros((2, 3)))
    weak = GUIDE.forward(1e-9) / 1e-9
    assert weak == pytest.approx(dark * np.exp(0.4j), rel=1e-12)
    expected = [[1e-3j, dark * np.exp(0.5j)], [dark * np.exp(0.4j), 1e-3j]]
    np.testing.assert_allclose(GUIDE.s_matrix(1.55), expected, rtol=1e-12)


def test_the_coherent_probe_is_what_a_standing_wave_of_this_profile_gives():
    # A thin slice, solved by brute force: the material's polarisation under pump and probe together, over a period
    # of the standing wave (longitudinal field in antiphase), projected on the backward mode.
    profile, p, b, depth = guide_profile(), 1.7, 1e-4, 1e-3
    t, along = np.sqrt(profile.transverse), np.sqrt(profile.longitudinal)
    wave = np.exp(2j * np.pi * (np.arange(64) / 64)[:, None])
    forward, backward = np.sqrt(p) * wave, b / wave
    field_t, field_l = t * (forward + backward), along * (forward - backward)
    saturation = 1.0 + np.abs(field_t) ** 2 + np.abs(field_l) ** 2
    projected = np.mean((t * field_t - along * field_l) / saturation * wave, axis=0) @ profile.weight
    thin = transit(profile, Absorption(depth, 0.0, 1.0, 0.0, 0.0, 0.0), np.array([p]))
    assert -2.0 * thin.coherent[0].real / depth == pytest.approx((projected / b).real, rel=1e-3)


def test_saturation_is_softer_in_a_guide_than_in_a_plane_wave():
    plane = absorber(uniform_profile(), GUIDE.absorption)
    at_saturation = np.sqrt(P_SAT)
    assert abs(GUIDE.forward(at_saturation)) != pytest.approx(abs(plane.forward(at_saturation)), rel=2e-3)
    # Jensen: the mean of a concave saturation over an uneven profile with the same mean lies below.
    assert abs(transit(GUIDE.profile, GUIDE.absorption, np.array([P_SAT])).pump.real[0]) < abs(
        transit(plane.profile, plane.absorption, np.array([P_SAT])).pump.real[0]
    )


def test_a_cascade_is_one_section_after_another():
    e = FIELD.reshape(1, -1)
    behind_two = GUIDE.forward(GUIDE.forward(e))
    three = GUIDE.cascade(3)
    assert three.sections == 3
    np.testing.assert_allclose(three.forward(e), GUIDE.forward(behind_two), rtol=1e-9)
    probe = GUIDE.probe(e, "coherent") * GUIDE.probe(GUIDE.forward(e), "coherent") * GUIDE.probe(behind_two, "coherent")
    np.testing.assert_allclose(three.probe(e, "coherent"), probe, rtol=1e-9)
    gated = three.probe(e, "time-gated")
    pumped = np.abs(three.forward(e[:, 1:]) / e[:, 1:])
    np.testing.assert_allclose(np.abs(gated[:, 1:]), pumped, rtol=1e-12)
    np.testing.assert_allclose(np.angle(gated[0, 0] / three.s_matrix(1.55)[0, 1]), 0.0, atol=1e-12)
    double_depth = absorber(uniform_profile(), Absorption(3.4, 0.0, P_SAT, 0.0, 0.8, 0.8))
    np.testing.assert_allclose(UNIFORM.cascade(2).forward(e), double_depth.forward(e), rtol=1e-8)


@given(st.floats(MAX_OVER_SATURATION * 1.0001, 1e12))
def test_powers_above_the_characterised_ones_are_refused(p):
    with pytest.raises(OutOfRange, match=r"pump power in W from 0 to 0\.01, got"):
        UNIFORM.forward(np.array([0.0, np.sqrt(p * P_SAT)]))


def test_other_misuse_is_refused():
    with pytest.raises(OutOfRange, match="wavelength_um"):
        GUIDE.s_matrix(1.551)
    with pytest.raises(OutOfRange, match="got nan"):
        GUIDE.jacobian(np.nan)
    with pytest.raises(BadInput, match="time-gated"):
        GUIDE.probe(0.0, "gated")
    with pytest.raises(BadInput, match="sections"):
        GUIDE.cascade(0)
