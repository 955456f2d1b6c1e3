"""`fdtd-onn phases`: matrices from files, phases into files."""

import json

import numpy as np
import pytest
from scipy.stats import unitary_group

from fdtd_onn.cli.phases import phases, read_matrix
from fdtd_onn.errors import BadInput
from tests.cli.test_train import LAYOUT
from tests.network.compiled_parts import compiled_parts

WANTED = unitary_group.rvs(4, random_state=1)


def test_the_command_writes_the_phases_of_the_mesh_that_is_named(tmp_path, capsys):
    (tmp_path / "layout.toml").write_text(LAYOUT)
    for name, model in compiled_parts().items():
        model.save(tmp_path / f"{name}.h5")
    np.save(tmp_path / "u.npy", WANTED)
    out = tmp_path / "new" / "phases.json"
    asked = {"layout": str(tmp_path / "layout.toml"), "unitary": tmp_path / "u.npy", "models": tmp_path, "json": True}
    with pytest.raises(BadInput, match="expected the number of a mesh: 0, 2"):
        phases(**asked, out=out)
    with pytest.raises(BadInput, match=r"a name ending in \.json"):
        phases(**asked, out=tmp_path / "phases.h5")
    assert not out.exists()
    phases(**asked, out=out, layer=2)
    written = json.loads(out.read_text())
    assert len(written["phase_rad"]) == len(written["plane"]) == len(written["guide"]) == 16
    assert json.loads(capsys.readouterr().out)["fidelity_drawn"] == written["fidelity_drawn"] > 0.99


@pytest.mark.parametrize("form", ["npy", "numpy's csv", "plain csv"])
def test_a_matrix_comes_back_as_it_was_saved(tmp_path, form):
    file = tmp_path / ("u.npy" if form == "npy" else "u.csv")
    if form == "npy":
        np.save(file, WANTED)
    elif form == "numpy's csv":
        np.savetxt(file, WANTED, delimiter=",")
    else:
        file.write_text("\n".join(",".join(f"{x:.17g}" for x in row) for row in WANTED))
    np.testing.assert_allclose(read_matrix(file), WANTED, rtol=1e-15)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("u.npy", b""),
        (
            "u.npy",
            b"\x93NUMPY\x01\x00v\x00{'descr': '<c16', 'fortran_order': False, 'shape': (99999, 99999), }".ljust(128),
        ),
        ("u.csv", b""),
        ("u.csv", b"1,2\n3\n"),
        ("u.csv", b"\xff\xfe,1\n"),
        ("u.csv", b"__import__('os'),1\n"),
        ("u.npz", b"PK"),
    ],
)
def test_files_without_a_matrix_are_told(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput, match=r"u\.np|u\.csv"):
        read_matrix(tmp_path / name)


def test_pickles_are_not_opened(tmp_path):
    np.save(tmp_path / "u.npy", np.array([{}], dtype=object))
    with pytest.raises(BadInput, match="a matrix of numbers"):
        read_matrix(tmp_path / "u.npy")
    with pytest.raises(BadInput, match="No such file"):
        read_matrix(tmp_path / "other.npy")
