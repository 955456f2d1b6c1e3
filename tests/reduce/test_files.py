import os
from dataclasses import replace

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fdtd_onn.errors import BadInput
from fdtd_onn.reduce import compile_model, load_model
from fdtd_onn.reduce.record import Record, write_record
from tests.reduce.synthetic import coupler_response, shifter_response
from tests.reduce.test_absorber import FIELD, GUIDE

TUNABLE = compile_model([shifter_response(t) for t in (0.0, 30.0, 60.0)])
FIXED = compile_model(coupler_response(0.2))


@pytest.mark.parametrize("model", [TUNABLE, FIXED])
def test_a_scattering_model_comes_back_exactly(model, tmp_path):
    model.save(tmp_path / "model.h5")
    loaded = load_model(str(tmp_path / "model.h5"))
    values = None if model.parameter is None else [0.0, 17.0]
    np.testing.assert_array_equal(loaded.s_matrices(1.537, values), model.s_matrices(1.537, values))
    for name in ("name", "ports", "fidelity", "run_keys", "parameter", "parameter_range", "wavelength_range_um"):
        assert getattr(loaded, name) == getattr(model, name)
    for name in ("fit_error", "validation_error", "parameter_validated", "s_error", "power_error", "passive"):
        assert getattr(loaded, name) == getattr(model, name)
    assert (loaded.largest_singular_value, loaded.reciprocity_defect) == (
        model.largest_singular_value,
        model.reciprocity_defect,
    )


@pytest.mark.parametrize("model", [GUIDE, GUIDE.cascade(3)])
def test_an_absorber_comes_back_exactly(model, tmp_path):
    model.save(tmp_path / "model.h5")
    loaded = load_model(tmp_path / "model.h5")
    np.testing.assert_array_equal(loaded.forward(FIELD), model.forward(FIELD))
    np.testing.assert_array_equal(loaded.probe(FIELD, "coherent"), model.probe(FIELD, "coherent"))
    np.testing.assert_array_equal(loaded.s_matrix(1.55), model.s_matrix(1.55))
    for name in ("name", "ports", "absorption", "sections", "fit_error", "held_out_error", "response_error"):
        assert getattr(loaded, name) == getattr(model, name)


def test_saving_replaces_and_leaves_nothing_else(tmp_path):
    GUIDE.save(tmp_path / "model.h5")
    FIXED.save(tmp_path / "model.h5")
    assert load_model(tmp_path / "model.h5").name == "test_coupler"
    assert [path.name for path in tmp_path.iterdir()] == ["model.h5"]


def test_a_failed_save_leaves_the_old_file_and_no_part(tmp_path):
    folder = tmp_path / "model.h5"
    folder.mkdir()  # a folder cannot be replaced by a file
    with pytest.raises(BadInput, match="a file that can be written"):
        FIXED.save(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["model.h5"]
    with pytest.raises(BadInput, match="a file that can be written"):
        FIXED.save(tmp_path / "absent" / "model.h5")


def _drop(file):
    del file["arrays/delay_um"]


def _surplus(file):
    file["arrays/more"] = 1.0


def _wrong_type(file):
    del file["arrays/fit_error"]
    file["arrays/fit_error"] = 1


def _wrong_dimensions(file):
    del file["arrays/fit_error"]
    file["arrays/fit_error"] = [0.1]


def _object_type(file):
    del file["texts/name"]
    file["texts"].create_dataset("name", data=["x"], dtype=h5py.string_dtype())


def _not_finite(file):
    file["arrays/coefficients"][0, 0, 0, 0] = np.nan


def _wrong_shape(file):
    del file["arrays/delay_um"]
    file["arrays/delay_um"] = np.zeros((3, 3))


def _empty_range(file):
    file["arrays/parameter_range"][...] = 0.0


def _soft_link(file):
    del file["arrays/fit_error"]
    file["arrays/fit_error"] = h5py.SoftLink("/arrays/s_error")


def _external_link(file):
    del file["arrays/fit_error"]
    file["arrays/fit_error"] = h5py.ExternalLink("other.h5", "/x")


def _external_group(file):
    del file["arrays"]
    file["arrays"] = h5py.ExternalLink("other.h5", "/")


def _external_storage(file):
    del file["arrays/frequency_range"]
    file["arrays"].create_dataset("frequency_range", shape=(2,), dtype="f8", external=[("other.bin", 0, 16)])


def _group_for_dataset(file):
    del file["arrays/fit_error"]
    file["arrays"].create_group("fit_error")


def _huge(file):
    del file["arrays/delay_um"]
    file["arrays"].create_dataset("delay_um", shape=(10**5, 10**5), dtype="f8", chunks=(1000, 1000))


def _other_format(file):
    file.attrs["format"] = "something else"


def _future_schema(file):
    file.attrs["schema"] = 2


def _unknown_kind(file):
    file.attrs["kind"] = "diode"


DAMAGES = {
    _drop: "arrays: expected the keys .*delay_um",
    _surplus: "got .*more",
    _wrong_type: "arrays/fit_error: expected float64 in 0 dimensions, got int64",
    _wrong_dimensions: "arrays/fit_error: expected float64 in 0 dimensions, got float64 in 1",
    _object_type: "texts/name: expected fixed-length strings",
    _not_finite: "arrays/coefficients: expected finite values",
    _wrong_shape: "values that belong together",
    _empty_range: "values that belong together, got parameter 'delta_t_k' does not fit",
    _soft_link: "arrays/fit_error: expected a dataset of this file, got a link",
    _external_link: "arrays/fit_error: expected a dataset of this file, got a link",
    _external_group: "arrays: expected a group of this file, got a link",
    _external_storage: "arrays/frequency_range: expected a dataset with its values in this file",
    _group_for_dataset: "arrays/fit_error: expected a dataset",
    _huge: "arrays/delay_um: expected at most",
    _other_format: "format: expected 'fdtd-onn reduced model', got something else",
    _future_schema: "schema: expected version 1, got 2",
    _unknown_kind: "kind: expected one of scattering, absorber, heater, got diode",
}


def _sign_anew(file):
    """The checksum of what the file holds now: what is wrong was meant, not damaged."""
    texts = {name: tuple(bytes(s).decode() for s in values[()]) for name, values in file["texts"].items()}
    arrays = {name: values[()] for name, values in file["arrays"].items()}
    file.attrs["sha256"] = Record(file.attrs["kind"], texts, arrays).digest


@pytest.mark.parametrize(("damage", "complaint"), DAMAGES.items(), ids=[f.__name__ for f in DAMAGES])
def test_a_wrong_file_is_refused_by_file_and_key(damage, complaint, tmp_path):
    path = tmp_path / "model.h5"
    TUNABLE.save(path)
    with h5py.File(path, "r+") as file:
        damage(file)
        if "belong together" in complaint:
            _sign_anew(file)
    with pytest.raises(BadInput, match=complaint) as error:
        load_model(path)
    assert "model.h5" in str(error.value)


def test_absorber_files_with_impossible_numbers_are_refused(tmp_path):
    path = tmp_path / "model.h5"
    for key, value in {
        "sections": 10**12,
        "max_power_w": -1.0,
        "absorption": [1e9, 0.0, 1.0, 0.0, 0.0, 0.0],
        "weight": np.zeros(15),
    }.items():
        record = GUIDE.record()
        shape = np.shape(record.arrays[key])
        impossible = np.broadcast_to(np.asarray(value, dtype=record.arrays[key].dtype), shape)
        write_record(path, replace(record, arrays={**record.arrays, key: impossible}))
        with pytest.raises(BadInput, match=r"model\.h5: absorber: expected values that belong together"):
            load_model(path)


@settings(max_examples=60)
@given(place=st.floats(0.0, 1.0, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_changes_nothing_or_is_found(tmp_path_factory, place, bit):
    path = tmp_path_factory.mktemp("flip") / "model.h5"
    TUNABLE.save(path)
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= 1 << bit
    path.write_bytes(content)
    try:
        model = load_model(path)
    except BadInput:
        return
    values = np.linspace(*TUNABLE.parameter_range, 3)
    np.testing.assert_array_equal(model.s_matrices(1.55, values), TUNABLE.s_matrices(1.55, values))


def test_an_absent_file_is_said_to_be_absent(tmp_path):
    with pytest.raises(BadInput, match="no such file"):
        load_model(tmp_path / "none.h5")


@settings(max_examples=40)
@given(content=st.binary(max_size=600), start=st.booleans())
def test_no_bytes_but_a_model_load(tmp_path_factory, content, start):
    path = tmp_path_factory.mktemp("bytes") / "model.h5"
    path.write_bytes((b"\x89HDF\r\n\x1a\n" if start else b"") + content)
    with pytest.raises(BadInput, match=r"model\.h5"):
        load_model(path)


@settings(max_examples=40)
@given(share=st.floats(0.0, 0.99))
def test_a_truncated_model_is_refused(tmp_path_factory, share):
    path = tmp_path_factory.mktemp("cut") / "model.h5"
    TUNABLE.save(path)
    os.truncate(path, int(share * path.stat().st_size))
    with pytest.raises(BadInput, match=r"model\.h5"):
        load_model(path)
