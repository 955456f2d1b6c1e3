"""`fdtd-onn train` on models and images of the user's own, as a process of its own."""

import json

from tests.cli.test_main import run
from tests.network.compiled_parts import compiled_parts
from tests.training.idx_files import write_image_files

LAYOUT = """
name = "mine"
devices = { coupler = "coupler", phase_shifter = "phase_shifter", absorber = "absorber" }

[network]
ports = 4
wavelength_um = 1.55
input = { power_mw = 1.0, features = 3 }
layers = [{ kind = "mesh", sections = 3 }, { kind = "absorber" }, { kind = "mesh", sections = 3 }]
readout = { kind = "homodyne", ports = [0, 1, 2] }

[experiment]
dataset = "idx"
rules = ["digital-bp"]
seeds = [0, 1]
epochs = 3
batch_size = 20
learning_rate = 0.03

[experiment.files]
train_images = "data/train_images"
train_labels = "data/train_labels"
test_images = "data/test_images"
test_labels = "data/test_labels"
"""


def test_trains_on_files_beside_the_layout_and_keeps_checkpoints(tmp_path):
    (tmp_path / "data").mkdir()
    write_image_files(tmp_path / "data")
    (tmp_path / "layout.toml").write_text(LAYOUT)
    for name, model in compiled_parts().items():
        model.save(tmp_path / f"{name}.h5")
    kept = tmp_path / "kept"
    command = ("train", str(tmp_path / "layout.toml"), "--models", str(tmp_path), "--checkpoint", str(kept), "--json")
    first = run(*command, cwd="/")
    assert first.returncode == 0, first.stderr
    assert [(row["dataset"], row["seed"]) for row in json.loads(first.stdout)] == [("idx", 0), ("idx", 1)]
    assert {path.name for path in kept.iterdir()} == {"digital-bp-0.h5", "digital-bp-1.h5"}
    (kept / "digital-bp-0.h5").rename(kept / "digital-bp-1.h5")
    other = run(*command, "--seed", "1", cwd="/")
    assert other.returncode == 2
    assert "seed (0, not 1)" in other.stderr
    assert "Traceback" not in other.stderr
