"""Free circuits from netlists: what cannot be joined is told with its joint; a ring against its closed form."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fdtd_onn.errors import BadInput
from fdtd_onn.network.netlist import netlist_circuit, netlist_wiring
from fdtd_onn.specs.layout import NetlistLayer
from tests.network.stand_ins import AnalyticCoupler, AnalyticShifter

PORTS = {"coupler": ("o1", "o2", "o3", "o4"), "shifter": ("o1", "o2")}
NODES = {"a": {"device": "coupler"}, "b": {"device": "shifter"}, "c": {"device": "shifter"}}
NAMES = [f"{node}.{port}" for node, spec in NODES.items() for port in PORTS[spec["device"]]]
RING = {
    "nodes": {"c": {"device": "coupler"}, "r": {"device": "shifter", "trained": True}},
    "joints": {"c.o3": "r.o1", "r.o2": "c.o2"},
    "inputs": ["c.o1"],
    "outputs": ["c.o4"],
}


def layer(**tables):
    return NetlistLayer.model_validate({"kind": "netlist", **tables})


ends = st.lists(st.sampled_from(NAMES), min_size=1, max_size=2).map(tuple)
joints = st.dictionaries(
    st.sampled_from([*NAMES, "a.o5", "x.o1", "a"]), st.sampled_from([*NAMES, "b.o3", ""]), max_size=5
)
shuffled = st.permutations(NAMES).map(
    lambda p: {"inputs": p[:1], "outputs": p[1:2], "joints": dict(zip(p[2:5], p[5:], strict=True))}
)


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.fixed_dictionaries(
            {"inputs": ends, "outputs": ends, "joints": joints, "terminated": st.sampled_from([(), ("a.o2",)])}
        ),
        shuffled,
    )
)
def test_a_netlist_is_wired_if_every_port_is_named_once_and_told_with_its_key_if_not(tables):
    netlist = layer(nodes=NODES, **tables)
    named = [*netlist.inputs, *netlist.outputs, *netlist.terminated, *netlist.joints, *netlist.joints.values()]
    if Counter(named) == Counter(NAMES):
        wiring = netlist_wiring("layer", netlist, PORTS)
        assert [(wiring.ports[i], wiring.ports[j]) for i, j in wiring.joints] == list(netlist.joints.items())
        return
    with pytest.raises(BadInput) as told:
        netlist_wiring("layer", netlist, PORTS)
    key, wrong = told.value.where.removeprefix("layer."), [p for p in named if p not in NAMES or named.count(p) > 1]
    assert key.partition(".")[0].partition("[")[0] in ("joints", "inputs", "outputs", "terminated")
    assert any(port in str(told.value) for port in (wrong if wrong else set(NAMES) - set(named)))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"joints": {"c.o3": "c.o3", "r.o2": "c.o2"}}, r"joints\.'c\.o3' = 'c\.o3': expected every port used once"),
        ({"joints": {"r.o2": "c.o2"}}, r"got none with c\.o3, r\.o1.*terminated = \[\"c\.o3\"\]"),
        ({"joints": {"c.o3": "r.o1", "r.o2": "c.o22"}}, r"joints\.'r\.o2' = 'c\.o22'.*Did you mean c\.o2\?"),
        ({"terminated": ["c.o2"]}, r"terminated\[0\]: expected a port that is named nowhere else, got c\.o2"),
        ({"terminated": ["c.o9"]}, r"terminated\[0\]: expected a port of a node, got 'c\.o9'"),
        ({"nodes": {"c": {"device": "coupler", "trained": True}, "r": {"device": "shifter"}}}, r"nodes\.c\.trained"),
        ({"nodes": {"c": {"device": "coupler"}, "r": {"device": "shifter"}}}, r"nodes\.r\.value: expected a value of"),
    ],
)
def test_what_cannot_be_is_told(changes, told):
    with pytest.raises(BadInput, match=told):
        netlist_circuit("layer", layer(**{**RING, **changes}), 1.55, MODELS)


MODELS = {"coupler": AnalyticCoupler(0.36, 0.02, phase=0.0), "shifter": AnalyticShifter(loss=0.05, heated_loss=1e-4)}


def test_a_ring_that_is_tuned_is_the_all_pass_of_yariv():
    """t = γ(τ − γ a e^{iφ})/(1 − γτ a e^{iφ}), γ² the coupler's transmission (Yariv, Electron. Lett. 36, 321)."""
    ring, gamma, tau = netlist_circuit("layer", layer(**RING), 1.55, MODELS), np.sqrt(0.98), np.sqrt(0.64)
    for phase in np.linspace(0.0, 6.0, 13):
        heating = np.roots([1e-5, 0.05, -phase])[-1]  # of the section: φ = slope·T + curve·T²
        loop = gamma * np.exp(1j * (0.7 + phase) - 0.05 - 1e-4 * heating)
        expected = gamma * (tau - loop) / (1 - tau * loop)
        y, _entering = ring.forward(np.array([phase]), np.ones((1, 1), dtype=complex))
        assert y[0, 0] == pytest.approx(expected, abs=1e-9)


def test_a_loop_that_loses_nothing_is_told_before_anything_runs():
    lossless = {"coupler": AnalyticCoupler(1.0, phase=0.0), "shifter": AnalyticShifter(offset=0.0)}
    apart = {
        "nodes": {"c": {"device": "shifter", "trained": True}, "r": {"device": "shifter", "trained": True}},
        "joints": {"r.o2": "r.o1"},
        "inputs": ["c.o1"],
        "outputs": ["c.o2"],
    }
    with pytest.raises(BadInput, match=r"layer\.joints: expected losses in every loop, got a resonance without any"):
        netlist_circuit("layer", layer(**apart), 1.55, lossless)


def test_a_port_that_is_terminated_loses_its_light():
    one = {
        "nodes": {"c": {"device": "coupler"}},
        "inputs": ["c.o1"],
        "outputs": ["c.o4"],
        "terminated": ["c.o2", "c.o3"],
    }
    y, _entering = netlist_circuit("layer", layer(**one), 1.55, MODELS).forward(
        np.zeros(0), np.ones((1, 1), dtype=complex)
    )
    assert abs(y[0, 0]) ** 2 == pytest.approx(0.98 * 0.64)
