from dataclasses import replace

import numpy as np
import pytest

from fdtd_onn.analytic.slab import Slab, slab_index
from fdtd_onn.api import process_spread
from fdtd_onn.api.process_samples import samples
from fdtd_onn.errors import BadInput
from fdtd_onn.report import write_process
from fdtd_onn.report.concerns import process_concerns
from fdtd_onn.specs.load import load_device, moved
from fdtd_onn.specs.process import Variation
from fdtd_onn.store import Store
from tests.fullwave.support import needs_engine
from tests.geometry.make import make_device, with_stack

LENGTH_UM, SIGMA_UM = 1.0, 0.005


def index(width_um):
    return slab_index(Slab(width_um, 2.8475, 1.444), 1.55, "Hz")


@pytest.fixture(scope="module")
def spread(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("store"))
    return process_spread(load_device("straight", length_um=LENGTH_UM), "draft", store, workers=2)


@pytest.mark.long
@needs_engine
def test_two_widths_differ_as_the_slab_says(tmp_path):
    """On four positions of the grid each, which agree: of a straight guide all of the grid's dispersion is known."""
    device = load_device("straight", length_um=0.5)
    wider = moved(device, {"parameters.width_um": 0.02})
    seen = samples([device, wider], "draft", Store(tmp_path), 2, None)
    change = (seen.values[1] - seen.values[0])[:, seen.names.index("phase_rad_o2")]
    expected = 2 * np.pi * 0.5 / 1.55 * (index(0.52) - index(0.5))
    assert change.size == 4
    assert change == pytest.approx(expected, rel=1e-3)


@needs_engine
@pytest.mark.long
def test_the_phase_of_a_wider_guide_is_that_of_the_slab(spread):
    """Steps of tens of nanometres, less than a draft pixel: within the errors that are stated, which are small."""
    turn = 2 * np.pi * LENGTH_UM / 1.55
    plus, nominal, minus = (index(0.5 + x) for x in (SIGMA_UM, 0.0, -SIGMA_UM))
    phase, n_eff = spread.names.index("phase_rad_o2"), spread.names.index("n_eff")
    slope = 0.5 * (plus - minus) * turn
    assert spread.first_error[phase, 0] < 0.02 * slope
    assert abs(spread.expansion.first[phase, 0] - slope) < 4 * spread.first_error[phase, 0]
    assert spread.expansion.second[phase, 0] == pytest.approx((plus - 2 * nominal + minus) * turn, rel=0.1)
    assert spread.expansion.nominal[n_eff] == pytest.approx(nominal, abs=1e-3)
    assert np.all(spread.corner_error[[phase, n_eff]] < 3 * spread.corner_allowance[[phase, n_eff]])
    assert spread.direct[:, n_eff] == pytest.approx([index(0.485), index(0.515)], abs=1e-3)


@needs_engine
@pytest.mark.long
def test_far_devices_differ_by_the_sum_of_two_and_near_ones_hardly(spread):
    phase = spread.names.index("phase_rad_o2")
    far = np.sqrt(2.0) * spread.expansion.deviation[phase]
    assert spread.mismatch[-1, phase] == pytest.approx(far, rel=0.05)
    # For d ≪ L the difference has the variance 2 (1 − exp(−d²/2L²)).
    near = np.sqrt(-2.0 * np.expm1(-0.5 * (spread.distances_um[0] / 1000.0) ** 2)) * abs(spread.expansion.first[phase])
    assert spread.mismatch[0, phase] == pytest.approx(near[0], rel=0.05)


@needs_engine
@pytest.mark.long
def test_runs_that_are_further_off_than_the_spread_are_a_concern(spread):
    """What a straight guide's run leaves open is the grid's phase, of which the mode solver takes nearly all out."""
    assert process_concerns(spread) == []
    assert np.all(spread.run_error >= 0.0)
    phase, n_eff = spread.names.index("phase_rad_o2"), spread.names.index("n_eff")
    assert spread.run_error[n_eff] == pytest.approx(spread.run_error[phase] * 1.55 / (2 * np.pi * LENGTH_UM))
    coarse = replace(spread, run_error=spread.run_error + 1.0)
    assert len(process_concerns(coarse)) == len(spread.names)


@needs_engine
@pytest.mark.long
def test_it_is_drawn(spread, tmp_path):
    write_process(spread, tmp_path / "spread.png")
    assert (tmp_path / "spread.png").read_bytes().startswith(b"\x89PNG")


def test_what_has_no_spread_is_refused(tmp_path):
    with pytest.raises(BadInput, match="expected a device with variations, got none"):
        process_spread(make_device("straight"), "draft", Store(tmp_path))
    with pytest.raises(BadInput, match="a device with full-wave runs, got a heater"):
        process_spread(make_device("heater"), "draft", Store(tmp_path))
    edge = Variation(name="edge", sigma=0.01, moves={"parameters.width_um": 1.0})
    wide = make_device("absorber").model_copy(update={"process": (edge,)})
    with pytest.raises(BadInput, match="one number of pixels in all variations"):
        process_spread(wide, "standard", Store(tmp_path))


def test_a_variation_of_what_the_runs_do_not_have_is_refused(tmp_path):
    film = Variation(name="slab", sigma=0.001, moves={"stack.slab_um": 1.0})
    flat = with_stack(make_device("straight"), slab_um=0.05).model_copy(update={"process": (film,)})
    with pytest.raises(BadInput, match=r"slab: expected keys that count .* 2 in xy, got stack\.slab_um"):
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
