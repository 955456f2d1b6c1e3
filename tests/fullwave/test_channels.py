"""Several modes per port: what S counts, and physics that only shows with all of them."""

from dataclasses import replace

import numpy as np
import pytest

from fdtd_onn.analytic.slab import Slab, slab_group_index, slab_index
from fdtd_onn.cli import summaries
from fdtd_onn.errors import BadInput
from fdtd_onn.fullwave.channels import channels
from fdtd_onn.fullwave.plan import plan
from fdtd_onn.fullwave.scattering import run_scattering
from fdtd_onn.geometry.devices import geometry
from fdtd_onn.reduce import compile_model, load_model
from fdtd_onn.specs.device import device_adapter
from fdtd_onn.specs.fidelity import FIDELITIES
from fdtd_onn.specs.runs import EngineStamp, run_key
from tests.fullwave.support import needs_engine, response_of
from tests.fullwave.test_scattering import decibels
from tests.geometry.make import make_device

COARSE = FIDELITIES["draft"].model_copy(update={"resolution": 16, "coarse_resolution": 12})
TWO = {"o1": ["te0", "te1"], "o2": ["te0", "te1"]}


def with_modes(device, modes, **more):
    return device_adapter.validate_python(device.model_dump(mode="json") | {"modes": modes, **more})


def s_of(device):
    """S on the finer of the two grids, (n_wl, n, n), without any correction."""
    runs = [run for run in plan(device, COARSE) if run.resolution == COARSE.resolution]
    return np.stack([run_scattering(run, lambda done, of: None).s.T for run in runs], axis=2)


@pytest.fixture(scope="module")
def wide():
    """A straight guide of 1 µm with both of its lowest modes, at five wavelengths."""
    return response_of(with_modes(make_device("straight", points=5, width_um=1.0, length_um=1.0), TWO), COARSE)


@needs_engine
def test_a_straight_guide_keeps_its_modes_apart(wide):
    assert wide.ports == ("o1@te0", "o1@te1", "o2@te0", "o2@te1")
    np.testing.assert_allclose(np.abs(wide.s[:, [2, 3], [0, 1]]), 1.0, atol=1e-5)
    assert decibels(wide.s[:, [1, 3, 0, 2], [0, 0, 1, 1]]) < -60.0
    assert decibels(wide.s[:, [0, 1], [0, 1]]) < -60.0


@needs_engine
def test_an_odd_mode_has_the_same_sign_at_both_ends(wide):
    """S21 = exp(iβL) for either mode, not −exp(iβL)."""
    length = 1.0
    phase = np.exp(2j * np.pi * wide.effective_index[:, :2] / wide.wavelengths_um[:, None] * length)
    np.testing.assert_allclose(wide.s[:, [2, 3], [0, 1]], phase, atol=2e-5)


@needs_engine
def test_indices_are_those_of_the_slab(wide):
    guide = Slab(1.0, 2.85, 1.444)
    for k, order in enumerate((0, 1, 0, 1)):
        exact = np.array([slab_index(guide, w, "Hz", order) for w in wide.wavelengths_um])
        assert np.all(np.abs(wide.effective_index[:, k] - exact) <= wide.effective_index_error[:, k] + 1e-9)
        group = np.array([slab_group_index(guide, w, "Hz", order) for w in wide.wavelengths_um])
        # Differences of second order, over 25 nm, one-sided at the ends.
        np.testing.assert_allclose(wide.group_index[:, k], group, rtol=1e-3)
        np.testing.assert_allclose(wide.group_index[1:-1, k], group[1:-1], rtol=3e-4)
    assert wide.effective_index_error.max() < 1e-5


@needs_engine
def test_channels_compile_save_and_load(wide, tmp_path):
    model = compile_model(wide)
    model.save(tmp_path / "wide.h5")
    again = load_model(tmp_path / "wide.h5")
    assert again.ports == wide.ports
    np.testing.assert_allclose(again.s_matrix(1.55), wide.s[2], atol=1e-3)
    assert again.largest_singular_value < 1.0 + 5e-4  # what absorbing layers return on this grid


@needs_engine
def test_a_symmetric_taper_excites_even_modes_only():
    device = make_device("taper", points=2, width_start_um=0.5, width_stop_um=2.0, length_um=1.5)
    s = s_of(with_modes(device, {"o2": ["te0", "te1", "te2"]}))
    assert decibels(s[:, 2, 0]) < -70.0
    assert decibels(s[:, 3, 0]) > -20.0
    np.testing.assert_allclose(s, s.transpose(0, 2, 1), atol=1e-4)
    assert np.linalg.svd(s, compute_uv=False).max() < 1.0 + 5e-4


@needs_engine
def test_a_bend_of_a_wide_guide_mixes_its_modes_and_keeps_their_power():
    """At the band's ends, where the profile of its centre would send other light along and cost 3e-3 in reciprocity."""
    device = make_device("s_bend", points=2, width_um=0.7, length_um=7.0, offset_um=1.0)
    s = s_of(with_modes(device, TWO))
    assert decibels(s[:, 3, 0]) > -30.0
    np.testing.assert_allclose(s, s.transpose(0, 2, 1), atol=1e-4)
    gram = s.conj().transpose(0, 2, 1) @ s
    np.testing.assert_allclose(gram, np.tile(np.eye(4), (2, 1, 1)), atol=1e-2)  # te1 radiates half a per cent
    np.testing.assert_allclose(gram[:, 0, 0], 1.0, atol=1e-3)


@needs_engine
def test_what_is_printed_names_each_channel(wide):
    summary = summaries.of_response(wide)
    assert summary["o1@te1_group_index"] == pytest.approx(
        slab_group_index(Slab(1.0, 2.85, 1.444), 1.55, "Hz", 1), rel=1e-3
    )
    assert summary["o1@te1_effective_index"] == wide.effective_index[2, 1]
    assert summary["o2@te0<-o1@te0_db"] == pytest.approx(0.0, abs=1e-4)


@needs_engine
def test_a_group_index_needs_three_wavelengths(wide):
    two = {name: getattr(wide, name)[:2] for name in ("s", "s_error", "effective_index", "effective_index_error")}
    short = replace(wide, wavelengths_um=wide.wavelengths_um[:2], **two)
    with pytest.raises(BadInput, match="group index: expected at least 3 wavelengths, got 2"):
        _ = short.group_index
    assert summaries.of_response(short)["o1@te0_group_index"] is None


def names_of(device):
    return [channel.name for channel in channels(device, geometry(device, 0.0))]


def test_a_mode_is_named_where_a_port_has_others_than_its_default():
    straight, space = make_device("straight"), make_device("straight", "tm", dimensions=3)
    assert names_of(straight) == ["o1", "o2"]
    assert names_of(with_modes(straight, {"o2": ["te0"]})) == ["o1", "o2"]
    assert names_of(with_modes(straight, {"o2": ["te1", "te0"]})) == ["o1", "o2@te1", "o2@te0"]
    assert names_of(with_modes(straight, {"o1": ["te1"]})) == ["o1@te1", "o2"]
    assert names_of(with_modes(space, {"o1": ["te0"], "o2": ["tm0"]})) == ["o1@te0", "o2"]


def test_each_channel_is_a_column_at_two_resolutions():
    runs = plan(with_modes(make_device("straight"), {"o2": ["te0", "te1"]}), COARSE)
    assert [(run.resolution, run.port) for run in runs] == [
        (resolution, port) for resolution in (16, 12) for port in ("o1", "o2@te0", "o2@te1")
    ]


def test_modes_are_in_the_key_of_a_run_unless_they_are_the_default():
    stamp = EngineStamp(engine="meep", version="1", code="0")
    keys = [
        run_key(plan(with_modes(make_device("straight"), modes), COARSE)[0], stamp)
        for modes in ({}, {"o1": ["te0"], "o2": ["te0"]}, {"o2": ["te0", "te1"]}, {"o2": ["te1", "te0"]})
    ]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


def test_modes_of_a_port_that_is_not_there_are_refused():
    with pytest.raises(BadInput, match=r"straight: modes: expected ports of the device \(o1, o2\), got 'o3'. Name one"):
        names_of(with_modes(make_device("straight"), {"o3": ["te0"]}))


@pytest.mark.parametrize(
    ("modes", "message"),
    [
        ({"o1": ["te0", "tm0"]}, "polarization only, 'te'"),
        ({"o1": []}, "one mode or more, each once"),
        ({"o1": ["te0", "te0"]}, "one mode or more, each once"),
        ({"o1": ["te01"]}, "String should match pattern"),
    ],
)
def test_modes_that_cannot_be_are_refused(modes, message):
    with pytest.raises(ValueError, match=message):
        with_modes(make_device("straight"), modes)


def test_an_absorber_has_its_fundamental_mode_only():
    with pytest.raises(ValueError, match=r"leave \[modes\] out"):
        with_modes(make_device("absorber"), {"o1": ["te0"]})
