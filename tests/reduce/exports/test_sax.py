import inspect

import numpy as np
import pytest

from fdtd_onn.errors import BadInput, OutOfRange
from fdtd_onn.reduce.composition import star_product
from fdtd_onn.reduce.exports import sax_model
from tests.reduce.exports.one_way import PORTS, one_way_model, one_way_pair


def test_keys_are_port_in_and_port_out():
    s = one_way_model().s_matrix(1.53, gap_um=0.2)
    found = sax_model(one_way_model())(wl=1.53, gap_um=0.2)
    assert list(found) == [(into, out) for into in PORTS for out in PORTS]
    for (into, out), value in found.items():
        assert value == s[PORTS.index(out), PORTS.index(into)]
    assert found["o1", "o3"] != found["o3", "o1"]


def test_wavelengths_may_have_any_shape():
    model = sax_model(one_way_pair())
    assert model()["o1", "o2"].shape == ()
    assert model(wl=[1.52, 1.53, 1.54])["o1", "o2"].shape == (3,)
    assert model(wl=np.full((2, 3), 1.55))["o1", "o2"].shape == (2, 3)


def test_settings_have_defaults_within_the_model():
    parameters = inspect.signature(sax_model(one_way_model())).parameters
    assert {name: p.default for name, p in parameters.items()} == pytest.approx({"wl": 1.55, "gap_um": 0.2})
    assert list(inspect.signature(sax_model(one_way_pair())).parameters) == ["wl"]


def test_what_the_model_does_not_know_is_refused():
    with pytest.raises(OutOfRange, match="wavelength_um"):
        sax_model(one_way_pair())(wl=1.3)
    with pytest.raises(BadInput, match="expected no parameter, got width_um"):
        sax_model(one_way_pair())(width_um=0.5)


@pytest.mark.filterwarnings("ignore")
def test_sax_composes_it_as_the_star_product_does():
    sax = pytest.importorskip("sax")
    netlist = {
        "instances": {"a": "coupler", "b": "pair"},
        "connections": {"a,o3": "b,o1"},
        "ports": {"o1": "a,o1", "o2": "a,o2", "o4": "a,o4", "out": "b,o2"},
    }
    models = {"coupler": sax_model(one_way_model()), "pair": sax_model(one_way_pair())}
    circuit, _ = sax.circuit(netlist=netlist, models=models)
    found = sax.sdict(circuit(wl=1.54, a={"gap_um": 0.195}))
    pair = one_way_pair().s_matrix(1.54)
    expected = star_product(one_way_model().s_matrix(1.54, gap_um=0.195), pair, [(2, 0)])
    ports = ("o1", "o2", "o4", "out")
    got = np.array([[np.asarray(found[into, out]) for into in ports] for out in ports])
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-6)  # jax may compute in single precision
    assert np.abs(got - got.T).max() > 0.01
