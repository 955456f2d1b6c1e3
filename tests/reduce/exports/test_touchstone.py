import numpy as np
import pytest

from fdtd_onn.errors import BadInput, OutOfRange
from fdtd_onn.reduce.exports import sample_model, write_touchstone
from fdtd_onn.units import SPEED_OF_LIGHT_UM_PER_S
from tests.reduce.exports.one_way import PORTS, one_way_model, one_way_pair
from tests.reduce.test_absorber import GUIDE


@pytest.mark.parametrize(("model", "parameters"), [(one_way_model(), {"gap_um": 0.197}), (one_way_pair(), {})])
def test_scikit_rf_reads_back_the_conjugate_to_rounding_error(model, parameters, tmp_path):
    skrf = pytest.importorskip("skrf")
    file = tmp_path / f"model.s{len(model.ports)}p"
    write_touchstone(sample_model(model, parameters), file)
    network = skrf.Network(str(file))
    wavelengths = SPEED_OF_LIGHT_UM_PER_S / network.f
    assert (wavelengths[-1], wavelengths[0]) == pytest.approx(model.wavelength_range_um, rel=1e-12)
    # A frequency moved by one rounding turns the phase of 30 µm by 1e-14; the rest is exact.
    inside = np.clip(wavelengths, *model.wavelength_range_um)
    expected = np.stack([model.s_matrix(float(w), **parameters) for w in inside])
    np.testing.assert_allclose(network.s, expected.conj(), rtol=0, atol=1e-11)
    assert np.abs(expected - expected.transpose(0, 2, 1)).max() > 0.01
    assert network.port_names == list(model.ports)
    assert "complex conjugate" in network.comments


def test_a_delay_has_the_sign_of_the_format(tmp_path):
    """With exp(+jωt) light that comes later has a phase that falls with frequency."""
    skrf = pytest.importorskip("skrf")
    file = tmp_path / "pair.s2p"
    write_touchstone(sample_model(one_way_pair(), {}), file)
    assert np.all(np.diff(np.unwrap(np.angle(skrf.Network(str(file)).s[:, 1, 0]))) < 0)


def test_an_absorber_goes_out_as_its_dark_state(tmp_path):
    sampled = sample_model(GUIDE, {})
    np.testing.assert_array_equal(sampled.s[0], GUIDE.s_matrix(1.55))
    write_touchstone(sampled, tmp_path / "absorber.s2p")
    assert "Small-signal" in (tmp_path / "absorber.s2p").read_text()


def test_what_cannot_be_exported_is_refused_and_leaves_no_file(tmp_path):
    sampled = sample_model(one_way_model(), {"gap_um": 0.2})
    with pytest.raises(BadInput, match=r"a name ending in \.s4p, for 4 ports, got \.s2p"):
        write_touchstone(sampled, tmp_path / "model.s2p")
    with pytest.raises(BadInput, match="a file that can be written"):
        write_touchstone(sampled, tmp_path / "no folder" / "model.s4p")
    with pytest.raises(BadInput, match="expected the parameter gap_um, got none"):
        sample_model(one_way_model(), {})
    with pytest.raises(OutOfRange, match=r"gap_um from 0\.19 to 0\.21, got 0\.3"):
        sample_model(one_way_model(), {"gap_um": 0.3})
    with pytest.raises(BadInput, match="no parameter"):
        sample_model(GUIDE, {"gap_um": 0.2})
    assert list(tmp_path.iterdir()) == []
    assert sampled.ports == PORTS
