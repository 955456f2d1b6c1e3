import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fdtd_onn.errors import BadInput
from fdtd_onn.network.encoding import fit_encoding
from fdtd_onn.specs.layout import InputSpec

FEATURES = np.random.default_rng(0).normal([3.0, -1.0], [2.0, 0.1], (200, 2))


@given(st.floats(1e-3, 100.0), st.floats(0.0, 10.0))
def test_mean_power_over_the_training_set_is_the_one_asked_for(power_mw, reference):
    encoding = fit_encoding(InputSpec(power_mw=power_mw, reference=reference), 4, FEATURES)
    power = np.sum(np.abs(encoding.fields(FEATURES)) ** 2, axis=0).mean()
    assert power == pytest.approx(power_mw * 1e-3, rel=1e-12)


def test_features_come_first_then_the_reference_then_dark_ports():
    encoding = fit_encoding(InputSpec(power_mw=1.0, reference=2.0), 4, FEATURES)
    fields = encoding.fields(FEATURES)
    rms = np.sqrt(np.mean(np.abs(fields) ** 2, axis=1))
    np.testing.assert_allclose(rms / rms[0], [1.0, 1.0, 2.0, 0.0], atol=1e-12)
    assert np.ptp(fields[2]) == 0.0
    np.testing.assert_array_equal(fields.imag, 0.0)


def test_new_samples_are_scaled_by_the_training_set():
    encoding = fit_encoding(InputSpec(power_mw=1.0), 4, FEATURES)
    np.testing.assert_array_equal(encoding.fields(FEATURES)[:, :3], encoding.fields(FEATURES[:3]))


def test_too_few_ports_are_refused_unless_the_reference_is_left_out():
    with pytest.raises(BadInput, match="at least 3"):
        fit_encoding(InputSpec(power_mw=1.0), 2, FEATURES)
    assert fit_encoding(InputSpec(power_mw=1.0, reference=0.0), 2, FEATURES).fields(FEATURES).shape == (2, 200)


def test_constant_feature_is_refused():
    with pytest.raises(BadInput, match="values that differ"):
        fit_encoding(InputSpec(power_mw=1.0), 4, np.ones((5, 2)))
