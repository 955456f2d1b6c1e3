"""Data sets by name, split into parts."""

from __future__ import annotations

from fdtd_onn.errors import BadInput
from fdtd_onn.specs.layout import DatasetName, IdxFiles
from fdtd_onn.training.datasets.digits import make_digits
from fdtd_onn.training.datasets.image_files import load_image_files
from fdtd_onn.training.datasets.parts import Dataset, Samples
from fdtd_onn.training.datasets.planar import SHAPES, make_planar

__all__ = ["Dataset", "Samples", "make_dataset"]


def make_dataset(name: DatasetName, seed: int, files: IdxFiles | None = None) -> Dataset:
    """A data set, drawn or shuffled by a seed: the same seed gives the same numbers.

    files: where the images and labels of "idx" are; the other names need none.
    Raises BadInput for a name that is not known, and for files that are missing or cannot be used.
    """
    if name in SHAPES:
        return make_planar(name, seed)
    if name == "digits":
        return make_digits(seed)
    if name != "idx":
        raise BadInput("dataset", f"one of {', '.join(SHAPES)}, digits, idx", repr(name), "Choose one of these.")
    if files is None:
        raise BadInput("experiment.files", "the four files of the data set 'idx'", "none", "Name them in the layout.")
    return load_image_files(files, seed)
