from dataclasses import replace

import numpy as np
import pytest

from fdtd_onn.analytic.slab import Slab, slab_index
from fdtd_onn.api import process_spread
from fdtd_onn.errors import BadInput
from fdtd_onn.report import write_process
from fdtd_onn.report.concerns import process_concerns
from fdtd_onn.specs.load import load_device, moved
from fdtd_onn.specs.process import Variation
from fdtd_onn.store import Store
from tests.fullwave.support import needs_engine
from tests.geometry.make import make_device

LENGTH_UM, SIGMA_UM = 1.0, 0.005


def index(width_um):
    return slab_index(Slab(width_um, 2.8475, 1.444), 1.55, "Hz")


@pytest.fixture(scope="module")
def spread(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("store"))
    return process_spread(load_device("straight", length_um=LENGTH_UM), "draft", store, workers=2)


@needs_engine
def test_the_phase_of_a_wider_guide_is_that_of_the_slab(spread):
    """±5 nm of width, a tenth of a draft pixel: slope to 1 % and bend to 5 % of the closed form."""
    turn = 2 * np.pi * LENGTH_UM / 1.55
    plus, nominal, minus = (index(0.5 + x) for x in (SIGMA_UM, 0.0, -SIGMA_UM))
    phase, n_eff = spread.names.index("phase_rad_o2"), spread.names.index("n_eff")
    assert spread.expansion.first[phase, 0] == pytest.approx(0.5 * (plus - minus) * turn, rel=0.01)
    assert spread.expansion.second[phase, 0] == pytest.approx((plus - 2 * nominal + minus) * turn, rel=0.05)
    assert spread.expansion.nominal[n_eff] == pytest.approx(nominal, abs=1e-3)
    # At 3σ the cubic term that the expansion lacks is a percent of the step.
    assert spread.corner_error[phase] < 0.1 * abs(spread.expansion.first[phase, 0])
    assert spread.direct[:, n_eff] == pytest.approx([index(0.485), index(0.515)], abs=1e-3)


@needs_engine
def test_far_devices_differ_by_the_sum_of_two_and_near_ones_hardly(spread):
    phase = spread.names.index("phase_rad_o2")
    far = np.sqrt(2.0) * spread.expansion.deviation[phase]
    assert spread.mismatch[-1, phase] == pytest.approx(far, rel=0.05)
    # For d ≪ L the difference has the variance 2 (1 − exp(−d²/2L²)).
    near = np.sqrt(-2.0 * np.expm1(-0.5 * (spread.distances_um[0] / 1000.0) ** 2)) * abs(spread.expansion.first[phase])
    assert spread.mismatch[0, phase] == pytest.approx(near[0], rel=0.05)


@needs_engine
def test_runs_that_are_further_off_than_the_spread_are_a_concern(spread):
    """What a straight guide's run leaves open is the grid's phase, of which the mode solver takes nearly all out."""
    assert process_concerns(spread) == []
    assert np.all(spread.run_error >= 0.0)
    phase, n_eff = spread.names.index("phase_rad_o2"), spread.names.index("n_eff")
    assert spread.run_error[n_eff] == pytest.approx(spread.run_error[phase] * 1.55 / (2 * np.pi * LENGTH_UM))
    coarse = replace(spread, run_error=spread.run_error + 1.0)
    assert len(process_concerns(coarse)) == len(spread.names)


@needs_engine
def test_it_is_drawn(spread, tmp_path):
    write_process(spread, tmp_path / "spread.png")
    assert (tmp_path / "spread.png").read_bytes().startswith(b"\x89PNG")


def test_what_has_no_spread_is_refused(tmp_path):
    with pytest.raises(BadInput, match="expected a device with variations, got none"):
        process_spread(make_device("straight"), "draft", Store(tmp_path))
    with pytest.raises(BadInput, match="a linear device"):
        process_spread(make_device("absorber"), "draft", Store(tmp_path))
    with pytest.raises(BadInput, match="a linear device, got a heater"):
        process_spread(make_device("heater"), "draft", Store(tmp_path))
    with pytest.raises(BadInput, match="without radiated light, got a grating tap"):
        process_spread(make_device("grating_tap"), "draft", Store(tmp_path))


def test_a_variation_of_what_the_runs_do_not_have_is_refused(tmp_path):
    film = Variation(name="film", sigma=0.001, moves={"stack.thickness_um": 1.0})
    flat = make_device("straight").model_copy(update={"process": (film,)})
    with pytest.raises(BadInput, match=r"film: expected keys that count .* 2 in xy, got stack\.thickness_um"):
        process_spread(flat, "draft", Store(tmp_path))


def test_variations_move_what_they_name_and_change_no_key_of_a_run():
    device = load_device("coupler_50")
    wider = moved(device, {"parameters.width_um": 0.01, "stack.thickness_um": -0.002})
    assert (wider.parameters.width_um, wider.stack.thickness_um) == pytest.approx((0.51, 0.218))
    assert device.model_copy(update={"process": ()}).physics() == device.physics()
    with pytest.raises(
        BadInput, match=r"coupler_50 with parameters\.gap_um by -1: parameters\.gap_um: expected a number"
    ):
        moved(device, {"parameters.gap_um": -1.0})
    bad = Variation(name="bad", sigma=0.1, moves={"parameters.wdith_um": 1.0})
    with pytest.raises(ValueError, match="not the key of a number"):
        type(device).model_validate(device.model_dump() | {"process": [bad.model_dump()]})
