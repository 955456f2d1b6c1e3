"""Layouts with everything a bench has: what fits is taken, and all else is told before any run."""

from pathlib import Path

import pytest

import fdtd_onn as fo
from fdtd_onn.api.networks import layout_devices
from fdtd_onn.errors import BadInput
from fdtd_onn.library import design_folder

BENCH = (design_folder("layouts") / "rings_reck_4.toml").read_text(encoding="utf-8")
NETLIST = """\
name = "fringes"

[devices]
splitter = "coupler_50"
section = "phase_shifter"

[network]
ports = 2
wavelength_um = 1.55
input = { power_mw = 1.0 }
readout = { kind = "power", ports = [0, 1] }

[[network.layers]]
kind = "netlist"
inputs = ["a.o1", "a.o2"]
outputs = ["b.o4", "b.o3"]

[network.layers.joints]
"a.o4" = "turned.o1"
"turned.o2" = "b.o1"
"a.o3" = "b.o2"

[network.layers.nodes]
a = { device = "splitter", value = 0.15 }
turned = { device = "section", trained = true, sections = 10 }
b = { device = "splitter", value = 0.15 }

[experiment]
dataset = "rings"
rules = ["digital-bp"]
seeds = [0]
epochs = 3
batch_size = 10
learning_rate = 0.01
"""


def load(tmp_path, text, old="", new=""):
    assert old in text
    path = tmp_path / "layout.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return layout_devices(fo.load_layout(path), Path())


def test_the_whole_bench_and_a_netlist_are_taken(tmp_path):
    assert set(load(tmp_path, BENCH)) == {"coupler", "phase_shifter", "absorber", "tap", "heater"}
    assert set(load(tmp_path, NETLIST)) == {"splitter", "section"}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("_value_sigma = 0.002", "_value_sigma = 0.02", r"layers\[0\]\.spread\.coupler_value_sigma: expected a gap_um"),
        ("coupler_value = 0.15", "coupler_value = 0.3", r"layers\[0\]\.spread\.coupler_value_sigma: expected a gap_um"),
        ('tap = "grating_tap"', 'tap = "coupler_50"', r"layers\[0\]\.tap: expected a grating tap, got coupler"),
        ('heater = "heater"', 'heater = "absorber"', r"layers\[0\]\.heater\.device: expected a heater, got absorber"),
        ('tap = "tap"', 'tap = "taps"', r"uses device 'taps', which is not under \[devices\]"),
        ("bits = 12", "bits = 0", r"network\.generator\.bits: expected a whole number, at least 1"),
        ("extinction_db = 40.0", "extinction_db = -3.0", r"generator\.extinction_db: expected a number in dB, above 0"),
        ("bandwidth_hz = 1e6", "", r"readout\.detector\.bandwidth_hz: expected a number in Hz.*got nothing"),
        ('crosstalk = "left"', 'crosstalk = "gone"', r"heater\.crosstalk: expected one of left, corrected, got 'gone'"),
        ("plane_pitch_um = 450.0", "plane_pitch_um = 200.0", r"layers\[0\]\.plane_pitch_um: expected at least 320 µm"),
        ("guide_pitch_um = 60.0", "guide_pitch_um = 1.5", r"layers\[0\]\.guide_pitch_um: expected at least 2 µm"),
        ("plane_pitch_um = 450.0\n", "", "needs plane_pitch_um and guide_pitch_um"),
        (
            '"left"\n\n[network.layers.drive]\n',
            '"corrected"\n\n[network.layers.drive]\nfull_scale_rad = 6.3\n',
            r"drive\.full_scale_rad must be at least 4π = 12\.5664 rad with crosstalk = .corrected.*got 6\.3: raise it",
        ),
        ("phase_sigma_rad = 0.3", "phase_sigma = 0.3", r"layers\[0\]\.spread\.phase_sigma: expected one of the keys"),
    ],
)
def test_what_a_bench_cannot_be_is_told_with_its_key(tmp_path, old, new, told):
    with pytest.raises(BadInput, match=told):
        load(tmp_path, BENCH, old, new)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            '"a.o3" = "b.o2"',
            '"a.o3" = "b.o9"',
            r"layers\[0\]\.joints\.'a\.o3' = 'b\.o9': expected one of the ports a\.o1",
        ),
        (
            '"a.o3" = "b.o2"',
            '"a.o3" = "b.o3"',
            r"layers\[0\]\.outputs\[1\]: expected every port used once, got b\.o3 2",
        ),
        ("value = 0.15 }\nturned", "value = 0.5 }\nturned", r"nodes\.a\.value: expected a gap_um from 0\.14 to 0\.16"),
        ("trained = true", "trained = true, value = 1.0", r"nodes\.turned has a value and is trained"),
        ('"a.o1", "a.o2"', '"a.o1"', "2 inputs and outputs, one per guide, got 1 and 2"),
        ('b = { device = "splitter"', '"b.c" = { device = "splitter"', r"nodes"),
        ('section = "phase_shifter"', 'section = "absorber"', r"nodes\.turned\.device: expected a linear device, got"),
    ],
)
def test_what_a_netlist_cannot_be_is_told_with_its_key(tmp_path, old, new, told):
    with pytest.raises(BadInput, match=told):
        load(tmp_path, NETLIST, old, new)
