import json

import pytest

from fdtd_onn.api import compile_library, load_folder, write_library
from fdtd_onn.api.library import LIBRARY, Library
from fdtd_onn.errors import BadInput, FdtdOnnError, RunFailed
from fdtd_onn.reduce import load_model
from fdtd_onn.store import Store
from tests.fullwave.support import needs_engine
from tests.reduce.exports.one_way import one_way_model, one_way_response
from tests.reduce.test_absorber import GUIDE

STRAIGHT = """
kind = "straight"
name = "any"
source = "a test"
polarization = "te"
symmetries = ["x", "y"]
parameters = {{ width_um = {width}, length_um = 0.5 }}
materials.core = {{ index = 2.85, basis = "effective" }}
materials.cladding = {{ index = 1.444, basis = "bulk" }}
wavelengths = {{ start_um = 1.50, stop_um = 1.60, points = 5 }}
"""


@needs_engine
def test_a_device_that_fails_leaves_the_others_done_and_nothing_is_done_twice(tmp_path):
    """One device is fine, one too thin to hold its mode within the margin, one no device at all."""
    for name, text in (
        ("good", STRAIGHT.format(width=0.5)),
        ("thin", STRAIGHT.format(width=0.13)),
        ("odd", "kind = 'square'"),
    ):
        (tmp_path / f"{name}.toml").write_text(text)
    store = Store(tmp_path / "store")
    library = compile_library(load_folder(tmp_path), "draft", store, workers=2)
    assert set(library.models) == {"good"}
    assert isinstance(library.failures["thin"], RunFailed)
    assert isinstance(library.failures["odd"], BadInput)
    kept = sorted((tmp_path / "store").rglob("*.h5"))
    (tmp_path / "thin.toml").unlink()
    again = compile_library(load_folder(tmp_path), "draft", store, workers=1)
    assert again.models["good"].record().digest == library.models["good"].record().digest
    assert sorted((tmp_path / "store").rglob("*.h5")) == kept
    checks = frozenset({"inferred", "margins"})
    checked = compile_library(load_folder(tmp_path), "draft", store, workers=2, checks=checks).models["good"]
    assert set(checked.run_keys) > set(library.models["good"].run_keys)
    assert checked.s_error > library.models["good"].s_error  # by what the larger cell changes


def test_the_list_says_what_each_model_is_and_which_failed(tmp_path):
    devices = {"way": one_way_response(0.2).device}
    library = Library(devices, {"way": one_way_model()}, {"other": RunFailed("it broke")})
    write_library(library, tmp_path / "out")
    first = (tmp_path / "out" / "way.h5").stat().st_ino
    write_library(library, tmp_path / "out")
    listed = json.loads((tmp_path / "out" / LIBRARY).read_text())
    (row,) = listed["models"]
    model = load_model(tmp_path / "out" / row["file"])
    assert row["digest"] == model.record().digest == one_way_model().record().digest
    assert row["parameter_ranges"] == {"gap_um": [0.19, 0.21]}
    assert (row["kind"], row["ports"], row["fidelity"]) == ("coupler", list(model.ports), "standard")
    assert row["errors"]["validation"] == model.validation_error
    assert listed["failed"] == {"other": "it broke"}
    assert (tmp_path / "out" / "way.h5").stat().st_ino != first  # replaced, not written into
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"way.h5", LIBRARY}


def test_an_absorber_is_listed_with_its_powers(tmp_path):
    write_library(Library({"a": one_way_response(0.2).device}, {"a": GUIDE}, {}), tmp_path)
    (row,) = json.loads((tmp_path / LIBRARY).read_text())["models"]
    assert row["parameter_ranges"]["pump_mw"] == pytest.approx([0.0, 1e3 * GUIDE.max_power_w])
    assert row["errors"]["held_out_power"]["probe"] == GUIDE.held_out_error.probe


def test_a_folder_without_devices_or_one_that_cannot_be_written_is_said(tmp_path):
    with pytest.raises(BadInput, match=r"a folder of device files \(\.toml\), got none"):
        load_folder(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(FdtdOnnError, match="a folder that can be written"):
        write_library(Library({}, {}, {}), tmp_path / "file")
