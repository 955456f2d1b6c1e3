"""`fdtd-onn train` on models and images of the user's own, as a process of its own."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fdtd_onn.api.variants import variants_of
from fdtd_onn.errors import BadInput
from fdtd_onn.specs.load import load_layout
from tests.cli.test_main import run
from tests.cluster.processes import wait_until
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


def test_compares_rules_over_a_property_and_goes_on_from_checkpoints(tmp_path):
    for name, model in compiled_parts().items():
        model.save(tmp_path / f"{name}.h5")
    (tmp_path / "data").mkdir()
    write_image_files(tmp_path / "data")
    (tmp_path / "layout.toml").write_text(LAYOUT.replace("epochs = 3", "epochs = 1"))
    layout, kept = str(tmp_path / "layout.toml"), tmp_path / "kept"
    command = ("compare", layout, "--models", str(tmp_path), "--rules", "digital-bp,optical-bp", "--workers", "1")
    whole = (*command, "--over", "probe", "--checkpoint", str(kept), "--json")
    first, again = (run(*whole, "--out", str(tmp_path / out)) for out in ("one", "two"))
    assert first.returncode == again.returncode == 0, first.stderr
    assert first.stdout == again.stdout
    told = json.loads(first.stdout)
    assert (told["quantity"], [at["value"] for at in told["values"]]) == ("probe", ["coherent", "time-gated"])
    assert [row["numbers"]["rule"] for row in told["values"][1]["rules"]] == ["digital-bp", "optical-bp"]
    exact, optical = ([at["rules"][k]["numbers"]["mean_cosine"][0] for at in told["values"]] for k in (0, 1))
    assert exact == pytest.approx([1.0, 1.0], abs=1e-12)
    assert optical[0] != optical[1]  # the probe is in it
    assert max(optical) < 1.0 - 1e-4
    assert len(list(kept.iterdir())) == 8
    lines = (tmp_path / "one" / "table.txt").read_text().splitlines()
    assert [line.split()[:2] for line in lines[1:3]] == [["coherent", "digital-bp"], ["coherent", "optical-bp"]]
    assert (tmp_path / "one" / "figure.png").stat().st_size > 10_000
    for wrong, message in (("colour", "one of tap_ratio"), ("tap_ratio", "one of optical_depth, probe")):
        with pytest.raises(BadInput, match=message):
            variants_of(load_layout(layout), compiled_parts(), wrong)


def children_of(process):
    """Process ids of those that it has started, also after its end."""
    found = []
    for other in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (other / "stat").read_text().rsplit(")", 1)[1].split()[:2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(parent) == process.pid and state != "Z":
            found.append(other)
    return found


@pytest.mark.parametrize(("by", "code"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGTERM, 75)])
def test_trainings_side_by_side_end_with_the_command(tmp_path, by, code):
    """However it ends, at once, and no training is begun after it was asked to."""
    for name, model in compiled_parts().items():
        model.save(tmp_path / f"{name}.h5")
    endless = (
        LAYOUT.replace('"idx"', '"rings"').partition("[experiment.files]")[0].replace("epochs = 3", "epochs = 10000")
    )
    (tmp_path / "layout.toml").write_text(
        endless.replace("features = 3", "features = 2").replace("[0, 1, 2]", "[0, 1]")
    )
    words = ["compare", str(tmp_path / "layout.toml"), "--models", str(tmp_path), "--out", str(tmp_path / "out")]
    words += ["--workers", "2", "--seeds", "0:3", "--checkpoint", str(tmp_path / "kept")]
    command = [sys.executable, "-c", "from fdtd_onn.cli.main import main; main()", *words]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        wait_until(lambda: len(list((tmp_path / "kept").glob("*.h5"))) == 2, 90)
        children = children_of(process)
        assert len(children) >= 2
        process.send_signal(by)
        process.communicate(timeout=30)
    assert process.returncode == code
    wait_until(lambda: not any(child.exists() for child in children), 30)
    assert len(list((tmp_path / "kept").glob("*.h5"))) == 2
