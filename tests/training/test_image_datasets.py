import gzip

import numpy as np
import pytest

from fdtd_onn.errors import BadInput
from fdtd_onn.network.encoding import fit_encoding
from fdtd_onn.specs.layout import IdxFiles, InputSpec
from fdtd_onn.training.datasets import make_dataset
from tests.training.idx_files import idx_bytes, write_image_files


def digits_by_hand():
    from sklearn.datasets import load_digits

    return load_digits(return_X_y=True)


def test_digits_are_split_whole_without_repeats_and_alike_in_classes():
    pixels, labels = digits_by_hand()
    parts = make_dataset("digits", 0).parts
    together = np.concatenate([np.column_stack([part.features * 16, part.labels]) for part in parts])
    np.testing.assert_array_equal(np.unique(together, axis=0), np.unique(np.column_stack([pixels, labels]), axis=0))
    assert len(together) == 1797
    whole = np.bincount(labels) / labels.size
    for part, share in zip(parts, (0.6, 0.1, 0.3), strict=True):
        assert part.labels.size / 1797 == pytest.approx(share, abs=0.01)
        assert np.bincount(part.labels) / part.labels.size == pytest.approx(whole, abs=0.012)


def test_the_seed_alone_splits():
    first, again, other = (make_dataset("digits", seed) for seed in (3, 3, 4))
    for a, b in zip(first.parts, again.parts, strict=True):
        np.testing.assert_array_equal(a.features, b.features)
    assert not np.array_equal(first.train.labels, other.train.labels)


def test_principal_components_are_uncorrelated_of_equal_spread_and_those_that_lose_least():
    """Against the singular values: what the leading components leave is the sum of squares of the others."""
    features = make_dataset("digits", 0).train.features
    encoding = fit_encoding(InputSpec(power_mw=1.0, features=11), 12, features)
    fields = encoding.fields(features).real[:11]
    np.testing.assert_allclose(np.cov(fields, bias=True), encoding.amplitude**2 * np.eye(11), atol=1e-15)
    assert np.mean(np.sum(np.abs(encoding.fields(features)) ** 2, axis=0)) == pytest.approx(1e-3, rel=1e-12)
    centred = features - encoding.mean
    left = centred - centred @ encoding.components @ encoding.components.T
    singular = np.linalg.svd(centred, compute_uv=False)
    assert np.sum(left**2) == pytest.approx(np.sum(singular[11:] ** 2), rel=1e-9)


def test_more_components_than_features_and_dead_pixels_are_refused():
    features = make_dataset("digits", 0).train.features
    with pytest.raises(BadInput, match="features: expected at most 64"):
        fit_encoding(InputSpec(power_mw=1.0, features=65), 80, features)
    for wanted in (None, 64):  # the left upper pixel is never inked
        with pytest.raises(BadInput, match=r"network\.input\.features"):
            fit_encoding(InputSpec(power_mw=1.0, features=wanted), 80, features)


def test_image_files_are_split_and_scaled(tmp_path):
    paths = write_image_files(tmp_path)
    data = make_dataset("idx", 0, IdxFiles(**paths))
    assert [part.features.shape for part in data.parts] == [(48, 16), (12, 16), (30, 16)]
    assert data.classes == 3
    for part in data.parts:
        np.testing.assert_array_equal(part.features[np.arange(part.labels.size), part.labels], 1.0)
    seen = np.concatenate([data.train.features, data.validation.features])
    assert len(np.unique(seen, axis=0)) == 60
    np.testing.assert_array_equal(data.test.labels, np.arange(30) % 3)


def test_paths_of_a_layout_count_from_its_folder(tmp_path):
    files = IdxFiles(train_images="a", train_labels="b", test_images="../c", test_labels="/d")
    beside = files.beside(tmp_path)
    assert (beside.train_images, beside.test_images, beside.test_labels) == (
        str(tmp_path / "a"),
        str(tmp_path / "../c"),
        "/d",
    )


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("train_labels", np.zeros(59), "60 labels, one for each"),
        ("train_labels", np.zeros(60), "got one class"),
        ("train_labels", 2 * (np.arange(60) % 2), "got 0 of class 1"),
        ("test_labels", np.full(30, 3), "classes up to 2"),
        ("test_images", np.zeros((30, 5, 4)), "images of 16 pixels"),
        ("train_images", np.zeros((60, 65, 64)), "at most 4096 pixels"),
        ("train_images", np.zeros(60), "begins with 00 00 08 03"),
    ],
)
def test_files_that_do_not_fit_together_are_refused_by_name(tmp_path, name, values, expected):
    paths = write_image_files(tmp_path)
    (tmp_path / name).write_bytes(gzip.compress(idx_bytes(np.asarray(values))))
    with pytest.raises(BadInput) as refusal:
        make_dataset("idx", 0, IdxFiles(**paths))
    assert expected in str(refusal.value)
    assert str(tmp_path) in str(refusal.value)


def test_testing_on_the_training_files_is_refused(tmp_path):
    paths = write_image_files(tmp_path)
    paths |= {"test_images": paths["train_images"], "test_labels": paths["train_labels"]}
    with pytest.raises(BadInput, match="other images than those to train on"):
        make_dataset("idx", 0, IdxFiles(**paths))


def test_files_that_nobody_named_are_asked_for():
    with pytest.raises(BadInput, match=r"experiment\.files"):
        make_dataset("idx", 0)
