"""What the figures compute before they draw."""

import matplotlib as mpl
import numpy as np
import pytest

from fdtd_onn.errors import OutOfRange
from fdtd_onn.report.figures.decision import class_probability, feature_grid
from fdtd_onn.report.figures.light import draw_light
from fdtd_onn.report.figures.mesh import draw_network
from fdtd_onn.report.figures.scattering import _phases, draw_family, draw_spectrum
from fdtd_onn.report.figures.style import DOTS_PER_INCH, PAGE_WIDTH_IN, page_style, png
from fdtd_onn.report.network import power_budget
from fdtd_onn.report.parts import linear_parts
from fdtd_onn.training.datasets import make_dataset
from fdtd_onn.training.run import predict
from tests.report.experiments import small_experiment


def lines(axes, marked):
    return [line for line in axes.lines if (line.get_marker() not in ("None", "")) == marked]


def test_probabilities_are_those_of_the_prediction_where_the_model_is_asked():
    run = small_experiment().runs[0]
    first, second = np.linspace(-1.0, 1.0, 5), np.linspace(-0.5, 0.5, 3)
    probability = class_probability(run, first, second)
    scores = predict(run, np.array([[first[4], second[1]]]))[:, 0]
    assert probability.shape == (3, 5)
    assert probability[1, 4] == pytest.approx(1.0 / (1.0 + np.exp(scores[0] - scores[1])))


def test_points_beyond_the_absorbers_range_are_left_out_and_no_others():
    run = small_experiment().runs[0]
    axis = np.linspace(-12.0, 12.0, 13)  # far beyond the samples
    probability = class_probability(run, axis, axis)
    for j, second in enumerate(axis):
        for i, first in enumerate(axis):
            try:
                predict(run, np.array([[first, second]]))
                covered = True
            except OutOfRange:
                covered = False
            assert np.isfinite(probability[j, i]) == covered
    assert 0 < np.isnan(probability).sum() < probability.size


def test_the_grid_holds_all_samples():
    samples = make_dataset("rings", 0).test
    for axis, feature in zip(feature_grid(samples), samples.features.T, strict=True):
        assert axis[0] < feature.min() < feature.max() < axis[-1]


def test_points_lie_on_the_models_curves_of_a_family():
    part = linear_parts(small_experiment())[1]
    *_, phase = draw_family(part).axes
    (curve,), (points,) = lines(phase, marked=False), lines(phase, marked=True)
    at_points = np.interp(points.get_xdata(), curve.get_xdata(), curve.get_ydata())
    assert points.get_ydata() == pytest.approx(at_points, abs=3 * part.model.fit_error)
    # The closed form: 2π/λ · 1.9e-4 (T + 2e-4 T²) · 30 µm.
    heat = points.get_xdata()
    assert points.get_ydata() == pytest.approx(2 * np.pi / 1.55 * 1.9e-4 * 30 * (heat + 2e-4 * heat**2), abs=1e-9)


def test_phases_of_points_stay_on_the_curves_turn():
    curve = np.exp(1j * np.linspace(2.0, 15.0, 27))
    at_runs = np.array([0, 13, 26])
    turn, points = _phases(curve, curve[at_runs] * np.exp(0.1j), at_runs)
    assert turn == pytest.approx(np.linspace(0.0, 13.0, 27))
    assert points == pytest.approx(turn[at_runs] + 0.1)


def test_a_spectrum_shows_every_entry_of_a_coupler_that_is_not_zero():
    figure = draw_spectrum(linear_parts(small_experiment())[0])
    assert [len(lines(axes, marked=True)) for axes in figure.axes] == [2, 2, 2, 2]
    for axes in figure.axes:
        power = sum(10.0 ** (line.get_ydata() / 10.0) for line in lines(axes, marked=True))
        assert power == pytest.approx(1.0, abs=1e-12)


def test_the_light_is_drawn_where_the_device_is():
    part = linear_parts(small_experiment())[0]
    plan, light, *_ = draw_light(part.family[0].device, part.field).axes
    assert plan.get_xlim() == light.get_xlim() == part.field.extent_um[:2]
    guides = np.concatenate([patch.get_xy() for patch in plan.patches])
    assert (guides[:, 0].min(), guides[:, 0].max()) == pytest.approx(part.field.extent_um[:2])
    assert {text.get_text() for text in plan.texts} == {"", "o1", "o2", "o3", "o4"}


def test_a_network_drawing_has_a_box_for_every_phase_and_absorber():
    experiment = small_experiment()
    (axes,) = draw_network(experiment.network, power_budget(experiment.runs[0])).axes
    assert len(axes.patches) == experiment.network.phase_count + experiment.network.spec.ports
    for guide in (line for line in axes.lines if len(line.get_xdata()) > 2):
        assert np.all(np.abs(guide.get_ydata() - np.round(guide.get_ydata())) < 0.5)


def test_figures_are_as_wide_as_the_page_and_leave_the_users_settings_alone():
    before = dict(mpl.rcParams)
    with mpl.rc_context({"font.size": 30.0}):
        with page_style():
            picture = png(draw_spectrum(linear_parts(small_experiment())[1]))
        assert mpl.rcParams["font.size"] == 30.0
    with page_style():
        assert png(draw_spectrum(linear_parts(small_experiment())[1])) == picture
    assert dict(mpl.rcParams) == before
    assert int.from_bytes(picture[16:20], "big") == round(PAGE_WIDTH_IN * DOTS_PER_INCH)
