"""A heater from its file to its model: milliwatts for π, crosstalk, time, and what they rest on."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import fdtd_onn as fo
from fdtd_onn.analytic.slab import Slab, slab_index
from fdtd_onn.api import compile_library, describe_model, outstanding, study_devices
from fdtd_onn.api.heaters import heated_guide
from fdtd_onn.api.networks import layout_devices
from fdtd_onn.errors import BadInput
from fdtd_onn.network.heating import heater_drive
from fdtd_onn.network.topology import clements
from fdtd_onn.reduce.exports import sample_model
from fdtd_onn.report import write_device_pages
from fdtd_onn.report.figures.heater import draw_growth, draw_heater
from fdtd_onn.specs.load import in_dimensions
from fdtd_onn.store import Store
from fdtd_onn.thermal.conduction import solver
from fdtd_onn.thermal.heater import heated_section
from fdtd_onn.thermal.scene import Meshing, heater_range_um, meshed, spread_power, stack_blocks, strip_blocks

HEATER = fo.load_device("heater")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return Store(tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="module")
def response(store):
    return fo.characterize(HEATER, fidelity="draft", store=store)


@pytest.fixture(scope="module")
def model(response):
    return fo.compile(response)


@pytest.fixture(scope="module")
def solved():
    return heated_guide(HEATER, 12, 1.55)


def test_perturbation_agrees_with_the_mode_of_the_heated_guide(solved):
    mw_per_um = 21.4 / HEATER.parameters.length_um
    assert solved.index_rise_resolved(mw_per_um) == pytest.approx(solved.index_rise, rel=0.01)


def test_power_for_pi_is_that_of_a_measured_heater(model):
    """Jacques et al., Opt. Express 27, 10456 (2019), measured 21.4 mW on a heater of this cross-section and length.

    Thicknesses and conductivities of real films are known to a tenth or so. SOI's metal heaters take 10 to 40 mW.
    """
    assert model.p_pi_mw(1.55) == pytest.approx(21.4, rel=0.1)
    assert model.phase(model.p_pi_mw(1.55), 1.55) == pytest.approx(np.pi)
    assert model.phase_error < 0.03
    # Both the wave number and the mode's confinement fall with the wavelength.
    assert model.radians_per_mw(1.5) > model.radians_per_mw(1.6)


def test_a_mean_temperature_gives_nearly_the_phase_of_the_section_in_the_plane(model):
    """Some per cent more: upwards too, a strip slows its light more than the plane's slab does; and the oxide warms."""
    index = HEATER.materials.core.index
    kelvin = float(model.temperature_k(20.0))
    cold, warm = (slab_index(Slab(0.5, n, 1.444), 1.55, "Hz") for n in (index, index + 1.84e-4 * kelvin))
    in_plane = 2 * np.pi / 1.55 * (warm - cold) * HEATER.parameters.length_um
    assert 1.0 < float(model.phase(20.0, 1.55)) / in_plane < 1.1


def test_power_for_pi_does_not_depend_on_the_length_but_the_temperature_does(solved):
    short = heated_section(fo.load_device("heater", length_um=100.0), 12)
    assert short.temperature == pytest.approx(solved.heated.temperature, rel=1e-12)


def test_all_power_leaves_through_wafer_and_air(solved):
    heated = solved.heated
    assert 2.0 * heated.section.sink_power(heated.temperature) == pytest.approx(1.0, abs=1e-6)


def test_a_wider_domain_changes_nothing(solved):
    """Sideways the wafer's heat has died away: another wafer thickness leaves the guide's temperature as it is."""
    p, wide = HEATER.parameters, (0.0, 7.0 * HEATER.parameters.wafer_um)
    blocks = [*stack_blocks(HEATER, wide), *strip_blocks(HEATER, (0.0, 1.0))]
    top = heater_range_um(HEATER)
    section = meshed(blocks, Meshing((0.0, 1.2), (-0.2, top[1] + 0.1), 1 / 12, 2 / 12), 1e-9 * p.convection_w_per_m2_k)
    power = 0.5 * spread_power(section, (0.0, 1.0), top)
    place = (np.array([0.0]), np.array([0.11]))
    rise = section.at(solver(section.operator())(power), *place)
    assert rise == pytest.approx(solved.heated.at(*place), rel=1e-3)


def test_a_neighbours_own_metal_and_core_hardly_change_its_warming(solved):
    """The crosstalk table leaves them out: at 10 µm they matter by a few per cent of the crosstalk."""
    apart, top = 10.0, heater_range_um(HEATER)
    blocks = [
        *stack_blocks(HEATER, (-3600.0, 3600.0)),
        *strip_blocks(HEATER, (-1.0, 1.0), -0.5 * apart),
        *strip_blocks(HEATER, (-1.0, 1.0), 0.5 * apart),
    ]
    section = meshed(blocks, Meshing((-6.2, 6.2), (-0.2, top[1] + 0.1), 1 / 10, 2 / 16), 1e-8)
    rises = []
    for side in (-0.5, 0.5):
        power = spread_power(section, (side * apart - 1.0, side * apart + 1.0), top)
        temperature = solver(section.operator())(power)
        rises.append(section.at(temperature, np.array([-side * apart]), np.array([0.11]))[0])
    alone = solved.heated.at(np.array([apart]), np.array([0.11]))[0]
    assert rises[0] == pytest.approx(rises[1], rel=1e-9)
    assert rises[0] == pytest.approx(alone, rel=0.05)


def test_crosstalk_falls_with_distance_in_either_direction(model):
    aside = model.crosstalk_at(0.0, [0.0, 5.0, 10.0, 25.0, 50.0, 200.0])
    assert aside[0] == 1.0
    assert np.all(np.diff(aside) < 0.0)
    assert np.all(aside > 0.0)
    along = model.crosstalk_at(HEATER.parameters.length_um * np.array([0.0, 0.5, 1.0, 1.5, 3.0]), 0.0)
    assert along[1] == pytest.approx(0.5, abs=0.03)  # half of the section overlaps
    assert np.all(np.diff(along) < 0.0)


def test_a_mesh_of_heaters_is_driven_in_milliwatts(model):
    topology = clements(4)
    drive = heater_drive(model, 1.55, topology, plane_pitch_um=400.0, guide_pitch_um=25.0)
    np.testing.assert_array_equal(drive.coupling[topology.shifter_at], drive.coupling[topology.shifter_at].T)
    phases = np.random.default_rng(0).uniform(0.0, 2 * np.pi, topology.shifter_at.size)
    power = drive.powers(phases)
    assert power.min() >= 0.0
    assert np.exp(1j * topology.as_driven(drive.phases(power))) == pytest.approx(np.exp(1j * phases), abs=1e-9)
    # Without allowing for crosstalk the phases would be off by a sizeable part of a radian.
    naive = topology.as_driven(drive.phases(phases / model.radians_per_mw(1.55))) - phases
    assert naive.max() > 0.2


def test_growth_in_time_is_that_of_oxide_on_silicon(model):
    """Microseconds: the oxide's own time, 4H²/π²D, and then the wafer's few per cent over milliseconds."""
    assert 2.0 < model.time_constant_us < 20.0
    assert model.time_error < 0.02
    assert model.step.at(100.0) == pytest.approx(1.0, abs=0.05)
    assert model.step.at(100.0) < 0.999
    assert model.step.final == pytest.approx(1.0, abs=1e-12)


def test_the_light_does_not_reach_the_metal(model):
    assert model.energy_at_heater < 1e-6


def test_a_heater_in_the_light_is_refused(store):
    near = fo.load_device("heater", heater_distance_um=0.3)
    with pytest.raises(BadInput, match="Move the heater further up"):
        fo.characterize(near, fidelity="draft", store=store)


def test_it_is_kept_and_needs_no_runs(response, store):
    again = fo.characterize(HEATER, fidelity="draft", store=store)
    assert again.provenance == response.provenance
    np.testing.assert_array_equal(again.crosstalk, response.crosstalk)
    np.testing.assert_array_equal(again.map.values, response.map.values)
    assert outstanding([HEATER], "draft", store) == ()


def test_the_command_prints_what_a_designer_asks_for(response, model, store, tmp_path):
    figure, file = tmp_path / "heater.png", tmp_path / "heater.h5"
    options = ("heater", "--fidelity", "draft", "--store", str(store.root), "--json")
    told = json.loads(command("characterize", *options, "--figure", str(figure)).stdout)
    assert told["p_pi_mw"] == pytest.approx(model.p_pi_mw(1.55))
    assert told["crosstalk_at_10_um"] > told["crosstalk_at_25_um"] > told["crosstalk_at_50_um"] > 0.0
    assert told["time_constant_us"] == pytest.approx(response.step.time_constant_us)
    assert figure.read_bytes()[:4] == b"\x89PNG"
    json.loads(command("compile", *options, "--out", str(file)).stdout)
    assert fo.load_model(file).p_pi_mw(1.55) == model.p_pi_mw(1.55)


def test_a_heater_is_no_device_of_the_plane():
    with pytest.raises(BadInput, match="dimensions = 3"):
        in_dimensions(HEATER, 2, "xy")


@pytest.mark.parametrize(
    ("place", "name", "told"),
    [
        ("coupler", "heater", r"layers\[0\]\.coupler: expected a linear device, got heater"),
        ("phase_shifter", "grating_tap", "expected a linear device, got grating_tap"),
        ("coupler", "absorber", r"layers\[0\]\.coupler: expected a linear device, got absorber"),
        ("absorber", "coupler_50", "expected a saturable absorber, got coupler"),
    ],
)
def test_a_device_in_the_wrong_place_of_a_layout_is_refused_before_any_run(place, name, told):
    layout = fo.load_layout("rings_clements_4")
    short = next(getattr(layer, place) for layer in layout.network.layers if hasattr(layer, place))
    with pytest.raises(BadInput, match=told):
        layout_devices(layout.model_copy(update={"devices": {**layout.devices, short: name}}), Path())


def test_the_figure_shows_guide_and_heater_where_they_are(response, model):
    section, curve, _ = draw_heater(response).axes
    guide, strip = section.patches
    p = HEATER.parameters
    assert (guide.get_x(), guide.get_width(), guide.get_height()) == (-0.25, 0.5, 0.22)
    assert (strip.get_width(), strip.get_y()) == pytest.approx((p.heater_width_um, 0.22 + p.heater_distance_um))
    beside = curve.lines[0]
    assert beside.get_ydata() == pytest.approx(model.crosstalk_at(0.0, beside.get_xdata()))


def test_a_folder_lists_a_heater_with_its_errors_and_another_that_fails_leaves_it(response, store, model):
    near = HEATER.with_parameters(heater_distance_um=0.2)
    library = compile_library({"heater": HEATER, "near": near}, "draft", store)
    assert library.models["heater"].record().digest == model.record().digest
    assert "absorbs" in str(library.failures["near"])
    said = describe_model(library.models["heater"])
    assert said["errors"] == {"phase": model.phase_error, "crosstalk": model.crosstalk_error, "time": model.time_error}
    assert said["passive"]


def test_a_heater_and_its_model_file_have_pages(response, store, model, tmp_path):
    study = study_devices({"heater": HEATER}, "draft", store)
    folder = write_device_pages(study, {"file": model}, tmp_path / "pages").parent
    own, of_file = json.loads((folder / "numbers.json").read_text(encoding="utf-8"))["devices"]
    assert own["heater"]["p_pi_mw"] == model.p_pi_mw(1.55)
    assert own["heater"]["crosstalk"][0] == [10.0, float(model.crosstalk_at(0.0, 10.0))]
    assert any("relative error of the phase is 0.017" in text for text in own["warnings"])  # at draft
    assert of_file["model"]["errors"]["phase"] == model.phase_error
    for page in folder.glob("0*.html"):
        assert page.read_text(encoding="utf-8").count("<img") == 2


def test_the_growth_drawn_reaches_its_time_constant_where_the_lines_cross(model):
    axes = draw_growth(model).axes[0]
    curve, level, time = axes.lines
    assert np.interp(time.get_xdata()[0], *curve.get_data()) == pytest.approx(level.get_ydata()[0], rel=1e-3)


def test_a_heater_is_not_exported_as_s_parameters(model):
    with pytest.raises(BadInput, match=r"a device with an S-matrix, got a heater.*phase_shifter"):
        sample_model(model, {})


def command(*arguments):
    line = [sys.executable, "-c", "from fdtd_onn.cli.main import main; main()", *arguments]
    done = subprocess.run(line, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done
