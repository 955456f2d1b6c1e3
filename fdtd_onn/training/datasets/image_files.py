"""Images and labels from the user's own IDX files, as MNIST and its kin come."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fdtd_onn.errors import BadInput
from fdtd_onn.specs.layout import IdxFiles
from fdtd_onn.training.datasets.idx import Bytes, read_idx
from fdtd_onn.training.datasets.parts import Dataset, Labels, Samples, stratified

TRAIN_SHARE = 5.0 / 6.0  # of the files to train on; the rest is for validation: 50 000 and 10 000 of MNIST
LARGEST_IMAGE = 64 * 64  # pixels; principal components take the square of it in memory
CURE = "Name the images and labels of one set."


@dataclass(frozen=True, eq=False)
class _Pair:
    """pixels: (n, F), row by row. labels: (n,). Of the two files so named."""

    images: str
    labels_file: str
    pixels: Bytes
    labels: Labels

    def samples(self, chosen: Labels) -> Samples:
        """Some of them, as features from 0 to 1."""
        return Samples(self.pixels[chosen] / 255.0, self.labels[chosen])


def load_image_files(files: IdxFiles, seed: int) -> Dataset:
    """The files to train on, split by a seed into training and validation, and the files to test on as they are.

    Features (B, F) are the pixels row by row, from 0 to 1. Raises BadInput if a file is not what it should be, or
    those to test on repeat those to train on or do not fit to them.
    """
    known = _read_pair(files.train_images, files.train_labels)
    unknown = _read_pair(files.test_images, files.test_labels)
    _check_classes(known)
    _check_fit(known, unknown)
    train, validation = stratified(known.labels, (TRAIN_SHARE,), np.random.default_rng(seed))
    everything = np.arange(unknown.labels.size)
    return Dataset("idx", known.samples(train), known.samples(validation), unknown.samples(everything))


def _read_pair(images: str, labels: str) -> _Pair:
    pixels, classes = read_idx(Path(images), 3), read_idx(Path(labels), 1)
    if len(pixels) != len(classes):
        raise BadInput(labels, f"{len(pixels)} labels, one for each of {images}", len(classes), CURE)
    size = pixels[0].size
    if size > LARGEST_IMAGE:
        raise BadInput(images, f"images of at most {LARGEST_IMAGE} pixels", size, "Scale them down.")
    return _Pair(images, labels, pixels.reshape(len(pixels), size), classes.astype(np.intp))


def _check_classes(known: _Pair) -> None:
    counts = np.bincount(known.labels)
    if counts.size < 2 or counts.min() < 2:
        expected = "two classes at least, numbered from 0 without a gap, and two samples of each"
        got = f"{counts.min()} of class {counts.argmin()}" if counts.size > 1 else "one class"
        raise BadInput(known.labels_file, expected, got, "Leave rare classes out, and number the others from 0.")


def _check_fit(known: _Pair, unknown: _Pair) -> None:
    if unknown.pixels.shape[1] != known.pixels.shape[1]:
        expected = f"images of {known.pixels.shape[1]} pixels, as in {known.images}"
        raise BadInput(unknown.images, expected, unknown.pixels.shape[1], CURE)
    if unknown.labels.max() > known.labels.max():
        expected = f"classes up to {known.labels.max()}, as in {known.labels_file}"
        raise BadInput(unknown.labels_file, expected, unknown.labels.max(), CURE)
    if np.array_equal(known.pixels, unknown.pixels):
        raise BadInput(unknown.images, "other images than those to train on", f"those of {known.images}", CURE)
