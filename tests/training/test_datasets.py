import numpy as np
import pytest

from fdtd_onn.errors import BadInput
from fdtd_onn.training.datasets import make_dataset
from fdtd_onn.training.datasets.planar import NOISE

NAMES = ("rings", "xor", "arches")


@pytest.mark.parametrize("name", NAMES)
def test_same_seed_same_numbers_and_other_seed_others(name):
    first, again, other = make_dataset(name, 3), make_dataset(name, 3), make_dataset(name, 4)
    for a, b in zip(first.parts, again.parts, strict=True):
        np.testing.assert_array_equal(a.features, b.features)
    assert not np.array_equal(first.train.features, other.train.features)


@pytest.mark.parametrize("name", NAMES)
def test_parts_are_balanced_and_share_no_sample(name):
    parts = make_dataset(name, 0).parts
    assert [part.labels.size for part in parts] == [300, 100, 400]
    assert all(part.labels.mean() == 0.5 for part in parts)
    features = np.concatenate([part.features for part in parts])
    assert len(np.unique(features, axis=0)) == 800


@pytest.mark.parametrize("name", NAMES)
def test_no_straight_line_separates_the_classes(name):
    """Least squares on (1, x, y) finds the best line; arches are the nearest to separable."""
    part = make_dataset(name, 0).test
    design = np.column_stack([np.ones(part.labels.size), part.features])
    weights = np.linalg.lstsq(design, 2.0 * part.labels - 1.0, rcond=None)[0]
    assert np.mean((design @ weights > 0) == part.labels) < (0.92 if name == "arches" else 0.7)


def test_shapes_are_as_documented():
    slack = 5 * NOISE
    rings = make_dataset("rings", 0).test
    radius = np.linalg.norm(rings.features, axis=1)
    assert radius[rings.labels == 0].max() < 0.5 + slack
    assert radius[rings.labels == 1].min() > 0.75 - slack
    xor = make_dataset("xor", 0).test
    assert np.mean((np.prod(xor.features, axis=1) < 0) == xor.labels) > 0.95
    arches = make_dataset("arches", 0).test
    centre = np.where(arches.labels[:, None] == 0, [0.0, 0.0], [1.0, 0.5])
    assert np.abs(np.linalg.norm(arches.features - centre, axis=1) - 1.0).max() < slack


def test_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(BadInput, match="rings, xor, arches"):
        make_dataset("spirals", 0)
