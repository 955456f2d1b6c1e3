"""The command as a user runs it: a process of its own, its exit code, and what it prints where."""

import json
import signal
import subprocess
import sys

import gdstk
import pytest


def run(*arguments, cwd=None):
    command = [sys.executable, "-c", "from fdtd_onn.cli.main import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=120, check=False)


def numbers_in(file):
    rows = [line for line in file.read_text().splitlines() if line[0].isdigit()]
    return [float(word) for row in rows for word in row.split()]


def test_lists_its_designs_as_json():
    names = {row["name"]: row["kind"] for row in json.loads(run("devices", "--json").stdout)}
    assert {"straight", "s_bend", "coupler_50", "phase_shifter", "absorber"} <= set(names)
    assert names["coupler_50"] == "coupler"
    datasets = {row["name"]: row["dataset"] for row in json.loads(run("layouts", "--json").stdout)}
    assert datasets["rings_clements_4"] == "rings"
    assert datasets["digits_clements_12"] == "digits"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("characterize", "no_such_device"), "coupler_50"),
        (("characterize", "straight", "--set", "gap_um=1"), "width_um"),
        (("characterize", "straight", "--set", "width_um=-1"), "width_um"),
        (("characterize", "straight", "--fidelity", "high"), "draft"),
        (("characterize", "straight", "--figure", "x.png"), "NAME=START:STOP:STEP"),
        (("train", "rings_clements_4", "--models", "/nowhere"), "fdtd-onn compile"),
        (("compare", "rings_clements_4", "--rules", "digital-bp,hebb", "--out", "x"), "'spsa'"),
        (("compare", "rings_clements_4", "--seeds", "0-4", "--out", "x"), "0,1,2 or 0:9"),
        (("fidelity", "rings_clements_4", "--models", "/nowhere", "--out", "x"), "fdtd-onn compile"),
        (("run", "missing.toml", "--out", "x"), "missing.toml"),
        (("--bogus",), "No such option"),
        (("characterize", "absorber", "--dimensions", "3"), "absorber"),
        (("characterize", "coupler_50", "--plane", "xz"), "ports on one line along x"),
        (("characterize", "straight", "--plane", "xz", "--dimensions", "3"), "a run in two dimensions, not in 3"),
        (("compile", "phase_shifter", "--set", "delta_t_k=3", "--out", "x.h5"), "keeps tunable"),
        (("run", "rings_clements_4", "--out", "/"), "a folder of other things"),
        (("characterize", "straight", "--fidelity", "draft", "--store", "/dev/null"), "a folder that can be written"),
        (("characterize", "straight", "--set", "length_um=1", "--set", "length_um=2"), "twice"),
        (("process", "mmi_1x2", "--out", "x.png"), "[[process]]"),
        (("report", "straight", "straight", "--out", "x"), "straight twice"),
        (("compile", "/", "--out", "x"), "a folder of device files"),
        (("compile", "straight", "--out", "x.txt"), "a name ending in .h5"),
        (("design", "tap", "--ratio", "0.03", "--out", "x.txt"), "a name ending in .toml"),
        (("export", "straight", "--out", "x.s4p"), "a name ending in .s2p, for 2 ports"),
        (("characterize", "coupler_50", "--check-spectrum"), "only inferred, margins, of these devices, got spectrum"),
        (("characterize", "absorber", "--check-margins"), "only recovery, spectrum, of these devices, got margins"),
        (("characterize", "heater", "--check-inferred"), "expected none, of a heater, got inferred"),
        (("export", "straight", "--out", "x.json"), ".dat (INTERCONNECT)"),
        (("export", "missing.h5", "--out", "x.gds"), "a device to draw"),
        (("export", "missing.h5", "--out", "x.s2p"), "no such file"),
        (("export", "coupler_50", "--out", "x.s4p"), "--set gap_um=0.15"),
        (("export", "coupler_50", "--out", "x.s4p", "--set", "gap_um=0.5"), "a gap_um from 0.14 to 0.16, got 0.5"),
    ],
)
def test_bad_input_is_one_message_and_exit_code_2(arguments, expected):
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert expected in done.stderr
    assert "Traceback" not in done.stderr


def test_a_drawing_is_exported_for_the_mask(tmp_path):
    file = tmp_path / "new folder" / "mmi.gds"
    done = run("export", "mmi_1x2", "--out", str(file), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["file"] == str(file)
    assert file.stat().st_size > 100


def test_a_device_of_a_folder_that_fails_is_named_and_the_exit_code_is_1(tmp_path):
    (tmp_path / "odd.toml").write_text("kind = 'square'")
    done = run("compile", str(tmp_path), "--out", str(tmp_path / "out"), "--json")
    assert done.returncode == 1
    assert "1 of 1 devices failed" in done.stderr
    assert "odd: " in done.stderr
    assert json.loads((tmp_path / "out" / "library.json").read_text())["models"] == []


def test_a_rib_is_exported_with_its_slab_on_a_layer_of_its_own(tmp_path):
    file = tmp_path / "rib.gds"
    assert run("export", "rib", "--out", str(file)).returncode == 0
    areas = {p.layer: p.area() for p in gdstk.read_gds(file).cells[0].polygons}
    assert areas == pytest.approx({1: 5.0 * 0.5, 4: 5.0 * 6.5})


def test_what_a_run_in_three_dimensions_takes_is_said_before_it_starts(tmp_path):
    arguments = ("characterize", "straight", "--dimensions", "3", "--store", str(tmp_path))
    command = [sys.executable, "-c", "from fdtd_onn.cli.main import main; main()", *arguments]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        said = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert "2 full-wave runs" in said
    assert "min" in said or " h " in said
    assert process.returncode == 130


def test_characterize_compile_and_cache(tmp_path):
    store = ("--store", str(tmp_path / "store"))
    device = ("straight", "--set", "length_um=1", "--fidelity", "draft", "--json", *store)
    first = run("characterize", *device)
    assert first.returncode == 0, first.stderr
    numbers = json.loads(first.stdout)
    assert numbers["largest_reflection_db"] < -70
    assert abs(numbers["lowest_power_balance"] - 1) < 1e-5
    model = tmp_path / "straight.h5"
    compiled = run("compile", *device, "--out", str(model))
    assert compiled.returncode == 0, compiled.stderr
    assert json.loads(compiled.stdout)["passive"] is True
    assert model.is_file()
    assert json.loads(run("characterize", *device).stdout) == numbers
    by_device, by_model = tmp_path / "device.dat", tmp_path / "model.dat"
    assert run("export", *device, "--out", str(by_device)).returncode == 0
    assert run("export", str(model), "--out", str(by_model)).returncode == 0
    assert numbers_in(by_device) == pytest.approx(numbers_in(by_model), rel=1e-9, abs=1e-12)


def test_a_store_is_listed_checked_and_cleaned(tmp_path):
    assert run("store", "ls", "--store", str(tmp_path / "none")).returncode == 2
    store = ("--store", str(tmp_path))
    assert run("characterize", "heater", "--fidelity", "draft", *store).returncode == 0
    (row,) = json.loads(run("store", "ls", "--json", *store).stdout)
    assert (row["run"], row["device"]) == ("heating", "heater")
    assert json.loads(run("store", "verify", "--json", *store).stdout)["whole"] == 1
    assert json.loads(run("store", "gc", "--outdated", "--json", *store).stdout) == []
    (entry,) = tmp_path.glob("??/*.h5")
    entry.write_bytes(entry.read_bytes()[:-1])
    checked = run("store", "verify", "--json", *store)
    assert checked.returncode == 1
    assert "damaged" in json.loads(checked.stdout)["damaged"][0]
    assert [piece["reason"] for piece in json.loads(run("store", "gc", "--json", *store).stdout)] == ["damaged"]
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
