"""Inferred columns against computed ones, in full wave."""

import numpy as np
import pytest

from fdtd_onn.errors import BadInput
from fdtd_onn.fullwave.inference import columns_of
from fdtd_onn.fullwave.plan import plan, scattering_plan
from fdtd_onn.specs.fidelity import FIDELITIES
from tests.fullwave.support import needs_engine, response_of
from tests.geometry.make import make_device

pytestmark = needs_engine

SMALL = FIDELITIES["draft"].model_copy(update={"resolution": 16, "coarse_resolution": 12})
BOTH = frozenset({"inferred", "margins"})


def declared(device, *symmetries):
    return device.model_copy(update={"symmetries": symmetries})


@pytest.mark.parametrize(
    ("kind", "symmetries", "computed"),
    [
        ("straight", (), ("o1", "o2")),
        ("straight", ("x",), ("o1",)),
        ("straight", ("y",), ("o1", "o2")),
        ("y_branch", ("y",), ("o1", "o2")),
        ("coupler", ("y",), ("o1", "o3")),
        ("coupler", ("x", "y"), ("o1",)),
        ("crossing", ("diagonal", "x"), ("o1",)),
        ("crossing", ("x",), ("o1", "o2", "o4")),
    ],
)
def test_one_column_is_computed_of_ports_that_are_alike(kind, symmetries, computed):
    columns = columns_of(declared(make_device(kind), *symmetries))
    assert columns.computed == computed
    assert set(columns.computed) | set(columns.inferred) == set(columns.names)


@pytest.mark.parametrize("polarization", ["te", "tm"])
def test_inferred_columns_of_a_crossing_are_those_of_their_own_runs(polarization):
    """With its signs: what goes round a corner one way is minus what goes the other way, in te."""
    device = make_device("crossing", polarization, taper_length_um=1.2, centre_width_um=1.1)
    whole = response_of(device, SMALL)
    part = response_of(declared(device, "x", "diagonal"), SMALL)
    assert whole.computed_columns == ("o1", "o2", "o3", "o4")
    assert part.computed_columns == ("o1",)
    # The engine's absorbing layers differ by this from side to side.
    np.testing.assert_allclose(part.s, whole.s, atol=1e-4)
    assert np.abs(whole.s[:, 1, 0]).min() > 1e-3


def test_an_inferred_column_is_verified_on_request():
    device = declared(make_device("bend", radius_um=1.5), "antidiagonal")
    plain = response_of(device, SMALL)
    checked = response_of(device, SMALL, BOTH)
    assert (plain.inference_error, plain.margin_error) == (None, None)
    assert checked.inference_error < 1e-4
    assert np.all(checked.s_error >= plain.s_error)
    # In a larger cell less of what the bend radiates comes back.
    assert 1e-5 < checked.margin_error < 1e-2
    assert len(plan(device, SMALL, BOTH)) == 4


def test_without_inferred_columns_there_is_nothing_more_to_run():
    assert scattering_plan(make_device("bend"), SMALL, frozenset({"inferred"})).verification == {}


def test_features_that_no_grid_resolves_are_refused():
    with pytest.raises(BadInput, match=r"parameters\.gap_um: expected at least 0\.09375 µm, 1\.5 pixels.*got 0\.09 µm"):
        plan(make_device("coupler", gap_um=0.09), FIDELITIES["draft"])
    assert plan(make_device("coupler", gap_um=0.09), FIDELITIES["standard"])
