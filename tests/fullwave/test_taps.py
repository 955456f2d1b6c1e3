"""Grating taps in full wave: where the light goes, adds up, and is the same by mirror and reciprocity."""

from dataclasses import replace

import numpy as np
import pytest

from fdtd_onn.api.design import design_tap
from fdtd_onn.errors import OutOfRange
from fdtd_onn.fullwave.assemble import assemble, field_map
from fdtd_onn.fullwave.cell import build_cell
from fdtd_onn.fullwave.plan import plan
from fdtd_onn.fullwave.radiation import Radiated
from fdtd_onn.fullwave.scattering import run_scattering
from fdtd_onn.fullwave.stamp import engine_stamp
from fdtd_onn.reduce import compile_model, load_model
from fdtd_onn.report.concerns import tap_concerns
from fdtd_onn.report.figures.style import page_style, png
from fdtd_onn.report.figures.tap import draw_tap
from fdtd_onn.report.tap import tap_numbers
from fdtd_onn.responses.tap import EVERYWHERE
from fdtd_onn.specs.device import Aperture
from fdtd_onn.specs.fidelity import FIDELITIES, VOLUME_FIDELITIES, settings_of
from fdtd_onn.specs.load import load_device
from fdtd_onn.specs.runs import ScatteringRun, run_key
from fdtd_onn.specs.write import write_device
from fdtd_onn.store import Store
from tests.fullwave.support import needs_engine, record_of
from tests.geometry.make import bulk, make_device, with_stack

pytestmark = needs_engine

# Thin oxides, in which little light runs along the chip past the ends of the upper line.
LAYERS = {"wafer": bulk(3.4757), "box_um": 0.8, "overlay_um": 0.6}
SETTINGS = FIDELITIES["draft"].model_copy(update={"margin_um": 0.5, "pml_um": 0.8})


def tap(**parameters):
    return with_stack(make_device("grating_tap", points=5, **parameters), **LAYERS)


def column_of(device, settings=SETTINGS, resolution=16):
    run = ScatteringRun(device=device, fidelity=settings, resolution=resolution, port="o1")
    return run_scattering(run, lambda done, of: None)


@pytest.fixture(scope="module")
def characterised():
    """A tap's response, the record of its first run, and all records by key."""
    device, stamp = tap(), engine_stamp()
    runs = plan(device, SETTINGS)
    records = {run_key(run, stamp): record_of(run) for run in runs}
    return assemble(device, SETTINGS, stamp, records), records[run_key(runs[0], stamp)], records


@pytest.fixture(scope="module")
def response(characterised):
    return characterised[0]


def test_guided_reflected_and_radiated_light_add_up_to_what_came_in(response):
    """Poynting's theorem holds on the grid: what is left is how far S has settled (1e-3 at draft)."""
    np.testing.assert_allclose(response.balance, 1.0, atol=1e-5)
    assert np.all(response.power[:2] > 0.02)
    assert np.all(response.power[2] > 0.0)


def test_guided_light_is_reciprocal(response):
    assert response.guided.reciprocity_defect < 1e-5
    assert response.guided.s_error.shape == (5, 2, 2)


def test_margins_checked_add_the_change_of_the_radiated_light_to_its_error(characterised):
    response, _, records = characterised
    margins, stamp = frozenset({"margins"}), engine_stamp()
    runs = {run_key(run, stamp): run for run in plan(response.guided.device, SETTINGS, margins)}
    assert len(runs) == len(records) + 2
    wider = {key: records[key] if key in records else record_of(run) for key, run in runs.items()}
    checked = assemble(response.guided.device, SETTINGS, stamp, wider, margins)
    np.testing.assert_array_equal(checked.power, response.power)
    more = checked.power_error - response.power_error
    # What leaves aside hangs on how far out the rim is, up and down little.
    assert np.all(more >= 0.0)
    assert 0.0 < more[:2].max() < 0.1 * response.power[:2].max()
    assert np.all(checked.amplitude_error > response.amplitude_error)


def test_all_radiated_light_is_in_the_angular_spectra(response):
    """Up to 1 % of it: in a plane the guide is one of the layers, and no light is left out. Some passes aside first."""
    assert np.all(np.abs(response.spectrum_defect) < 1e-2 * response.power.sum(axis=0))
    np.testing.assert_allclose(response.ratio(EVERYWHERE), response.found[0], rtol=1e-12)
    assert np.all(response.found > 0.99 * response.power[:2])


def test_a_symmetric_row_sends_backward_light_to_the_opposite_angle(response):
    forward, backward = response.amplitude[:, 0], response.amplitude[:, 1, ::-1]
    assert np.abs(forward - backward).max() < 5e-3 * np.abs(forward).max()
    np.testing.assert_allclose(response.power[:2, :, 0], response.power[:2, :, 1], rtol=1e-3)
    peak = response.directions.angles_deg[np.argmax(np.abs(forward[2, :, 0, 1]))]
    # First order of the period: sin θ = n − λ/Λ with the row's index of about 2.8; few teeth make a broad lobe.
    assert 0.0 < peak < 25.0
    np.testing.assert_allclose(response.lobe_deg[2], [peak, -peak], atol=1.0)  # per direction cosine, not per angle


def test_the_electric_field_stays_along_the_grooves(response):
    assert np.abs(response.amplitude[..., 0]).max() == 0.0


def test_a_camera_reads_both_directions_and_their_interference(response):
    wide = Aperture(centre_deg=0.0, half_width_deg=30.0)
    alone = response.collected(wide, 1.0, 0.0), response.collected(wide, 0.0, 1.0)
    np.testing.assert_allclose(np.stack(alone, axis=1), response.ratio(wide))
    phases = np.exp(2j * np.pi * np.arange(8) / 8)
    both = np.array([response.collected(wide, 1.0, phase) for phase in phases])
    np.testing.assert_allclose(both.mean(axis=0), alone[0] + alone[1])
    swing = 0.5 * (both.max(axis=0) - both.min(axis=0))
    assert np.all(swing > 0.3 * alone[0])  # one aperture takes both lobes: they interfere
    told_apart = Aperture(centre_deg=50.0, half_width_deg=20.0)
    assert response.collected(told_apart, 1.0, 0.0)[2] > 5.0 * response.collected(told_apart, 0.0, 1.0)[2]


def test_the_errors_of_two_resolutions_hold_a_finer_grid(response):
    column = column_of(response.device, resolution=28)
    assert np.all(np.abs(column.radiated.power - response.power[..., 0]) < response.power_error[..., 0])
    assert response.power_error.max() < 0.03
    guided, reflection = response.guided, column.s[0] * np.exp(-2j * column.lag[0])
    assert np.all(np.abs(reflection - guided.s[:, 0, 0]) < guided.s_error[:, 0, 0])


def test_without_grooves_nothing_is_reflected_or_radiated():
    """The box is thick enough here that nothing leaks into the wafer either: through 0.8 µm, 7e-6 would."""
    device = with_stack(make_device("grating_tap", etch_um=0.0, access_um=0.5), **LAYERS | {"box_um": 1.5})
    column = column_of(device, FIDELITIES["draft"], 20)
    assert 20 * np.log10(np.abs(column.s[0]).max()) < -75.0
    assert np.abs(column.radiated.power).max() < 1e-6


def test_the_tap_ratio_of_shallow_grooves_goes_with_the_square_of_their_depth():
    """Grooves are a perturbation of first order in their depth; the field falls within it, a correction of 10 %."""
    shallow, deeper = (np.sum(column_of(tap(etch_um=d)).radiated.power[:2], axis=0) for d in (0.01, 0.02))
    np.testing.assert_allclose(np.log2(deeper / shallow), 2.0, atol=0.15)


def test_the_compiled_tap_has_what_the_runs_have(response, tmp_path):
    model = compile_model(response)
    assert model.passive
    assert model.largest_singular_value <= 1.0
    camera = response.device.camera
    for k, wavelength in enumerate(response.guided.wavelengths_um):
        error = 3.0 * (model.collected_fit_error + 1e-9)
        np.testing.assert_allclose(model.tap_ratio(wavelength), response.ratio(camera)[k], atol=error)
        read = model.camera_power(wavelength, 0.6, 0.8j)
        assert read == pytest.approx(response.collected(camera, 0.6, 0.8j)[k], abs=error)
    lost = 10 ** (-0.1 * model.insertion_loss_db(1.55))
    assert lost == pytest.approx(abs(response.guided.s[2, 1, 0]) ** 2, abs=1e-3)
    model.save(tmp_path / "tap.h5")
    kept = load_model(tmp_path / "tap.h5")
    assert kept.aperture == model.aperture
    assert kept.outputs == ("o1", "o2", "up1", "up2")
    np.testing.assert_array_equal(kept.scattering(1.537), model.scattering(1.537))
    with pytest.raises(OutOfRange, match=r"expected wavelength_um from 1\.5 to 1\.6"):
        kept.tap_ratio(1.7)


def test_the_page_has_each_port_at_each_wavelength(response):
    numbers = tap_numbers(response)
    assert len(numbers.rows) == 10
    row, guided, camera = numbers.rows[5], response.guided, response.device.camera
    assert (row.port, row.wavelength_um) == ("o2", pytest.approx(1.55))
    lost = 1.0 - 10 ** (-0.1 * row.insertion_loss_db)
    assert lost == pytest.approx(row.up + row.down + row.aside + 10 ** (0.1 * row.reflection_db), abs=1e-5)
    assert row.ratio == response.ratio(camera)[2, 1]
    assert row.ratio_error < 0.5 * row.ratio
    error = 10 ** (0.05 * numbers.largest_reflection_error_db)
    assert error == pytest.approx(max(guided.s_error[:, k, k].max() for k in (0, 1)))
    assert row.reflection_range_db[0] < row.reflection_db < row.reflection_range_db[1]
    assert tap_concerns("tap", numbers) == []
    assert tap_concerns("tap", replace(numbers, spectrum_defect=0.05)) == [
        "tap: part of the radiated light that the angular spectra miss is 0.0500, above 0.020."
    ]


def test_the_figure_shows_a_tap(characterised):
    response, record, _ = characterised
    with page_style():
        image = png(draw_tap(response, field_map(response.device, SETTINGS, record)))
    assert image.startswith(b"\x89PNG")
    assert len(image) > 50_000


def test_a_window_ends_above_the_wafer():
    """Whose light would pass for a mode of the guide otherwise, in a plane and in space."""
    device = tap()
    wavelengths = np.array([1.55])
    upright = build_cell(device, SETTINGS, 16, wavelengths)
    space = build_cell(
        with_stack(device, plane="xy", dimensions=3),
        VOLUME_FIDELITIES["draft"].model_copy(update={"margin_um": 0.5, "pml_um": 0.5}),
        16,
        wavelengths,
    )
    for cell, first in ((upright, upright.ports[0].window.first), (space, space.ports[0].window.bottom)):
        face = next(layer.range_um[1] for layer in cell.geometry.layers if layer.apart)
        assert first * cell.grid.pitch > face
    assert upright.ports[0].modes[0].index == pytest.approx(2.85, abs=0.05)
    assert space.ports[0].modes[0].index == pytest.approx(2.45, abs=0.05)


@pytest.mark.long
def test_a_tap_is_designed_for_its_ratio(tmp_path):
    template = tmp_path / "template.toml"
    write_device(with_stack(make_device("grating_tap", points=3, access_um=2.0), **LAYERS), template)
    trials = design_tap(load_device(template), 0.02, "draft", Store(tmp_path / "store"))
    assert trials[-1].ratio == pytest.approx(0.02, rel=0.1)
    assert trials[-1].response.device.parameters.etch_um == trials[-1].etch_um
    assert len(trials) <= 4


@pytest.mark.long
def test_reflection_converges_at_second_order_although_grooves_are_thinner_than_a_pixel():
    """At 20 px/µm a groove is 0.4 pixels deep, and its walls lie at other places in their pixels on every grid."""
    resolutions = np.array([20, 24, 28, 36])
    columns = [column_of(tap(etch_um=0.02), resolution=resolution) for resolution in resolutions]
    s = np.array([column.s[0] * np.exp(-2j * column.lag[0]) for column in columns])
    limit = s[-1] + (s[-1] - s[-2]) / ((resolutions[-1] / resolutions[-2]) ** 2 - 1)
    errors = np.abs(s[:-1] - limit).max(axis=1)
    orders = -np.diff(np.log(errors)) / np.diff(np.log(resolutions[:-1]))
    assert np.all((orders > 1.6) & (orders < 2.4))


@pytest.mark.long
def test_the_library_tap_s_reflection_is_resolved_to_50_db_at_standard():
    device, stamp = load_device("grating_tap"), engine_stamp()
    settings = settings_of(device, "standard")
    records = {run_key(run, stamp): record_of(run) for run in plan(device, settings)}
    guided = assemble(device, settings, stamp, records).guided
    assert np.diagonal(guided.s_error, axis1=1, axis2=2).max() < 10 ** (-50 / 20)
    column = column_of(device, settings, resolution=48)
    finer = column.s[0] * np.exp(-2j * column.lag[0])
    limit = finer + (finer - guided.s[:, 0, 0]) / ((48 / settings.resolution) ** 2 - 1)
    assert np.all(np.abs(limit - guided.s[:, 0, 0]) < guided.s_error[:, 0, 0])


@pytest.mark.long
def test_in_space_all_light_is_found_too():
    """Its balance to how far S has settled; in the angular spectra but for what the guides' ends scatter once more."""
    device = with_stack(make_device("grating_tap", points=3, dimensions=3, grooves=2, access_um=0.8), **LAYERS)
    settings = VOLUME_FIDELITIES["draft"].model_copy(update={"margin_um": 0.5, "pml_um": 0.5})
    column = column_of(device, settings)
    radiated: Radiated = column.radiated
    np.testing.assert_allclose(np.sum(np.abs(column.s) ** 2, axis=0) + radiated.power.sum(axis=0), 1.0, atol=2e-3)
    assert np.all(radiated.power > 0.0)
    np.testing.assert_allclose(radiated.found.sum(axis=0), radiated.power.sum(axis=0), rtol=0.05)
    along, across = np.sum(np.abs(radiated.amplitude) ** 2, axis=(0, 1, 2))
    assert across > 3.0 * along
