from dataclasses import replace

import numpy as np
import pytest

from fdtd_onn.analytic.slab import Slab, slab_index
from fdtd_onn.fullwave import assemble as assemble_module
from fdtd_onn.fullwave import inference
from fdtd_onn.fullwave.assemble import field_map
from fdtd_onn.fullwave.cost import estimated_cost
from fdtd_onn.fullwave.plan import plan
from fdtd_onn.geometry import scene
from fdtd_onn.geometry.devices import geometry
from fdtd_onn.specs.fidelity import FIDELITIES
from tests.fullwave.support import needs_engine, record_of, response_of
from tests.geometry.make import make_device

pytestmark = needs_engine

LENGTH = 2.0
# te with edges between grid lines, tm with edges on them at both resolutions.
WIDTHS = {"te": 0.47, "tm": 0.5}
DRAFT = FIDELITIES["draft"]
SMALL = DRAFT.model_copy(update={"resolution": 16, "coarse_resolution": 12})


def closed_form(response):
    """S21 of the lossless guide without grid, at every wavelength."""
    device = response.device
    guide = Slab(device.parameters.width_um, device.materials.core.index, device.materials.cladding.index)
    field = {"te": "Hz", "tm": "Ez"}[device.polarization]
    index = np.array([slab_index(guide, w, field) for w in response.wavelengths_um])
    return np.exp(2j * np.pi * index * device.parameters.length_um / response.wavelengths_um)


def turned(drawn):
    """The geometry mirrored at the diagonal: what ran along x runs along y."""
    regions = tuple(replace(r, vertices=r.vertices[:, ::-1]) for r in drawn.regions)
    ports = tuple(replace(p, x_um=p.y_um, y_um=p.x_um, axis="y") for p in drawn.ports)
    return replace(drawn, regions=regions, ports=ports, x_range_um=drawn.y_range_um, y_range_um=drawn.x_range_um)


def decibels(amplitude):
    return 20 * np.log10(np.abs(amplitude).max())


@pytest.fixture(scope="module", params=["te", "tm"])
def straight(request):
    return response_of(make_device("straight", request.param, width_um=WIDTHS[request.param], length_um=LENGTH), DRAFT)


@pytest.fixture(scope="module")
def coupler():
    """At a resolution that shows every error, with bends that radiate little."""
    return response_of(make_device("coupler", bend_length_um=5.0, pitch_um=1.8), SMALL)


def test_a_straight_guide_reflects_nothing(straight):
    assert decibels(straight.s[:, 0, 0]) < -75.0
    assert decibels(straight.s[:, 1, 1]) < -75.0


@pytest.mark.parametrize("polarization", ["te", "tm"])
def test_ports_along_y_give_what_ports_along_x_give(polarization, monkeypatch):
    device = make_device("straight", polarization, width_um=WIDTHS[polarization], length_um=LENGTH)
    along_x = response_of(device, SMALL)
    monkeypatch.setattr(scene, "geometry", lambda d, extension_um: turned(geometry(d, extension_um)))
    for module in (inference, assemble_module):
        monkeypatch.setattr(module, "geometry", lambda d, extension_um: turned(geometry(d, extension_um)))
    along_y = response_of(device, SMALL)
    np.testing.assert_allclose(along_y.s, along_x.s, atol=1e-9)


def test_a_straight_guide_passes_all_light(straight):
    np.testing.assert_allclose(np.abs(straight.s[:, 1, 0]) ** 2, 1.0, atol=1e-5)
    np.testing.assert_allclose(np.abs(straight.s[:, 0, 1]) ** 2, 1.0, atol=1e-5)
    assert straight.reciprocity_defect < 1e-6
    assert straight.power_error < 1e-4


def test_the_phase_of_a_straight_guide_errs_by_no_more_than_stated(straight):
    """Without the grid's dispersion, which would turn it by a quarter of a radian."""
    error = np.abs(straight.s[:, 1, 0] - closed_form(straight))
    assert np.all(error <= straight.s_error[:, 1, 0])
    assert error.max() < 3e-4


def test_a_coupler_is_reciprocal_and_symmetric(coupler):
    assert coupler.reciprocity_defect < 1e-5
    for order in ([1, 0, 3, 2], [3, 2, 1, 0]):  # mirrored up and down, and left and right
        np.testing.assert_allclose(coupler.s[:, order][:, :, order], coupler.s, atol=1e-3)


def test_a_coupler_keeps_power_but_for_what_its_bends_radiate(coupler):
    balance = coupler.power_balance
    assert np.all(balance < 1.0 + 1e-3)
    assert np.all(balance > 1.0 - 5e-3)
    assert coupler.largest_singular_value < 1.0 + 1e-3


def test_through_and_cross_of_a_coupler_are_a_quarter_turn_apart(coupler):
    """What unitarity and mirror symmetry leave; reflections and loss are the budget."""
    through, cross = coupler.s[:, 3, 0], coupler.s[:, 2, 0]
    np.testing.assert_allclose(np.real(through * np.conj(cross)), 0.0, atol=0.01)
    assert np.all(np.diff(np.abs(cross) ** 2) > 0.0)  # longer waves reach further into the gap


def test_the_work_of_a_run_is_estimated(straight, coupler):
    for response, settings in ((straight, DRAFT), (coupler, SMALL)):
        costs = [estimated_cost(run) for run in plan(response.device, settings)]
        estimate = sum(cost.pixels * cost.steps for cost in costs)
        assert estimate == pytest.approx(response.provenance.cell_updates, rel=0.4)


def test_the_field_follows_the_bend():
    """The map's brightest row is the guide's middle, at either end and in between."""
    device = make_device("s_bend", length_um=4.0, offset_um=0.8)
    picture = field_map(device, SMALL, record_of(plan(device, SMALL)[0]))
    x0, x1, y0, y1 = picture.extent_um
    x = np.linspace(x0, x1, picture.values.shape[0])
    brightest = np.linspace(y0, y1, picture.values.shape[1])[np.argmax(picture.values, axis=1)]
    t = np.clip(x / 4.0 + 0.5, 0.0, 1.0)
    np.testing.assert_allclose(brightest, 0.8 * (t - np.sin(2 * np.pi * t) / (2 * np.pi)) - 0.4, atol=1.5 / 16)
    assert (picture.component, picture.port, picture.wavelength_um) == ("Hz", "o1", pytest.approx(1.55))


@pytest.mark.long
@pytest.mark.parametrize("polarization", ["te", "tm"])
def test_a_straight_guide_at_standard_fidelity(polarization):
    response = response_of(make_device("straight", polarization, length_um=5.0), FIDELITIES["standard"])
    assert decibels(response.s[:, [0, 1], [0, 1]]) < -90.0
    np.testing.assert_allclose(np.abs(response.s[:, 1, 0]) ** 2, 1.0, atol=1e-6)
    assert np.abs(response.s[:, 1, 0] - closed_form(response)).max() < 1e-5
