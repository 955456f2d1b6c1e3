"""IDX files as their authors write them, made from the format's description alone."""

from __future__ import annotations

import gzip
import struct

import numpy as np

NAMES = ("train_images", "train_labels", "test_images", "test_labels")


def idx_bytes(values):
    header = bytes((0, 0, 8, values.ndim)) + struct.pack(f">{values.ndim}I", *values.shape)
    return header + values.astype(np.uint8).tobytes()


def write_image_files(folder, train=60, test=30, classes=3, side=4):
    """Noisy images, each with one bright pixel that says its class; the images for the test are compressed."""
    rng, paths = np.random.default_rng(0), {}
    for part, count in (("train", train), ("test", test)):
        labels = np.arange(count) % classes
        images = rng.integers(0, 100, (count, side, side))
        images.reshape(count, -1)[np.arange(count), labels] = 255
        for name, values in ((f"{part}_images", images), (f"{part}_labels", labels)):
            content = idx_bytes(values)
            paths[name] = str(folder / name)
            (folder / name).write_bytes(gzip.compress(content) if name == "test_images" else content)
    return paths
