"""The handwritten digits that come with scikit-learn: 1797 images of 8 x 8 pixels, ten classes.

They are the test part of Alpaydin and Kaynak, Optical Recognition of Handwritten Digits, UCI repository (1998).
"""

from __future__ import annotations

import numpy as np

from fdtd_onn.training.datasets.parts import Dataset, Samples, stratified

SHARES = (0.6, 0.1)  # of training and validation; the rest is for the test


def make_digits(seed: int) -> Dataset:
    """All of them, split by a seed; features (B, 64) are the pixels row by row, from 0 to 1."""
    from sklearn.datasets import load_digits  # slow to import, and needed by this data set alone

    pixels, labels = load_digits(return_X_y=True)
    parts = stratified(labels, SHARES, np.random.default_rng(seed))
    return Dataset("digits", *(Samples(pixels[chosen] / 16.0, labels[chosen]) for chosen in parts))
