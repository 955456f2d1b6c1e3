"""A report on images, which have no plane of two features to draw boundaries in."""

from dataclasses import replace

import numpy as np
import pytest

from fdtd_onn.report import write_report
from fdtd_onn.report.figures.confusion import confusion, draw_confusion
from fdtd_onn.report.figures.style import page_style
from fdtd_onn.specs.layout import IdxFiles
from fdtd_onn.training.datasets import make_dataset
from fdtd_onn.training.loop import train
from tests.report.experiments import small_experiment
from tests.training.idx_files import write_image_files


@pytest.fixture(scope="module")
def experiment(tmp_path_factory):
    """The small experiment on images of two classes and 16 pixels, by their first two principal components."""
    small = small_experiment()
    spec = small.network.spec
    network = replace(
        small.network, spec=spec.model_copy(update={"input": spec.input.model_copy(update={"features": 2})})
    )
    files = IdxFiles(**write_image_files(tmp_path_factory.mktemp("idx"), classes=2))
    runs = tuple(
        train(network, make_dataset("idx", 0, files), rule, 0, 2, 20, 0.03) for rule in ("digital-bp", "optical-bp")
    )
    return replace(small, network=network, runs=runs)


def test_every_test_sample_is_counted_once(experiment):
    run = experiment.runs[0]
    counts = confusion(run)
    np.testing.assert_array_equal(counts.sum(axis=1), np.bincount(run.dataset.test.labels))
    assert np.trace(counts) / counts.sum() == pytest.approx(run.test_accuracy)


def test_the_numbers_drawn_are_the_counts(experiment):
    with page_style():
        panels = draw_confusion(experiment.runs).axes
    for axes, run in zip(panels, experiment.runs, strict=True):
        drawn = {(text.get_position()[1], text.get_position()[0]): int(text.get_text()) for text in axes.texts}
        assert drawn == {place: count for place, count in np.ndenumerate(confusion(run)) if count > 0}


def test_the_report_shows_them_in_the_place_of_boundaries(experiment, tmp_path):
    page = write_report(experiment, tmp_path / "report")
    names = [path.name for path in (page.parent / "figures").iterdir()]
    assert any("confusion" in name for name in names)
    assert not any("boundaries" in name for name in names)
