import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fdtd_onn.errors import BadInput
from fdtd_onn.library import design_folder, design_names
from fdtd_onn.specs.device import Coupler, device_adapter
from fdtd_onn.specs.load import LARGEST_FILE_BYTES, design_path, load_device, load_layout, load_toml

DEVICE = """\
kind = "coupler"
name = "half"
source = "made up"
polarization = "te"

[materials]
core = {index = 2.8, basis = "effective"}
cladding = {index = 1.44, basis = "bulk"}

[wavelengths]
start_um = 1.5
stop_um = 1.6
points = 11

[tunable]
parameter = "gap_um"
values = [0.15, 0.2]

[parameters]
width_um = 0.5
gap_um = 0.2
length_um = 12
bend_length_um = 6.0
pitch_um = 2.0
"""

LAYOUT = """\
name = "rings"

[devices]
coupler = "coupler_50"
phase_shifter = "heater"

[network]
ports = 2
wavelength_um = 1.55
input = {power_mw = 1.0}
readout = {kind = "power", ports = [0, 1]}

[[network.layers]]
kind = "mesh"

[experiment]
dataset = "rings"
rules = ["digital-bp"]
seeds = [0]
epochs = 3
batch_size = 10
learning_rate = 0.01
"""


GAP = "gap_um: expected a number in µm, at least 0.05 and at most 2"


@pytest.fixture
def device_file(tmp_path):
    """Write the device with some text replaced, and give its path."""

    def write(old: str = "", new: str = "", text: str = DEVICE) -> Path:
        assert old in text
        path = tmp_path / "device.toml"
        path.write_text(text.replace(old, new, 1) if old else text, encoding="utf-8")
        return path

    return write


def message_of(source, **overrides) -> str:
    with pytest.raises(BadInput) as caught:
        load_device(source, **overrides)
    return str(caught.value)


def test_a_device_has_the_numbers_of_its_file(device_file):
    device = load_device(device_file())
    assert isinstance(device, Coupler)
    assert (device.parameters.gap_um, device.parameters.length_um) == (0.2, 12.0)
    assert device.tunable.values == (0.15, 0.2)
    assert load_device(str(device_file())) == device


def test_a_layout_has_the_numbers_of_its_file(tmp_path):
    path = tmp_path / "rings.toml"
    path.write_text(LAYOUT)
    layout = load_layout(path)
    assert (layout.network.ports, layout.experiment.rules) == (2, ("digital-bp",))


def test_overrides_replace_parameters_and_nothing_else(device_file):
    path = device_file()
    plain, changed = load_device(path), load_device(path, gap_um=np.float32(0.25), length_um=3)
    assert (changed.parameters.gap_um, changed.parameters.length_um) == (0.25, 3.0)
    assert changed.with_parameters(gap_um=0.2, length_um=12.0) == plain


def test_overrides_are_checked_like_the_file(device_file):
    path = device_file()
    unknown = message_of(path, gap=0.3)
    assert "override gap" in unknown
    assert "width_um, gap_um, length_um, bend_length_um, pitch_um" in unknown
    assert "Did you mean gap_um?" in unknown
    assert "override gap_um: expected a number, got '0.3'" in message_of(path, gap_um="0.3")
    assert "override gap_um: expected a number, got True" in message_of(path, gap_um=True)
    assert f"gap_um = 3: parameters.{GAP}, got 3.0 µm" in message_of(path, gap_um=3)
    assert "pitch_um (2.0) must exceed" in message_of(path, gap_um=1.9)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("gap_um = 0.2", "gap_um = 20", f"parameters.{GAP}, got 20 µm"),
        ("gap_um = 0.2", "gap_um = nan", f"parameters.{GAP}, got nan"),
        ("gap_um = 0.2", 'gap_um = "0.2"', f"parameters.{GAP}, got '0.2'"),
        ("gap_um = 0.2", "gap_um = true", f"parameters.{GAP}, got true"),
        ("gap_um = 0.2", "", f"parameters.{GAP}, got nothing. Add"),
        ("gap_um = 0.2", "gap_um = 0.2\ngapum = 1", "parameters.gapum: expected one of the keys width_um, gap_um"),
        ("gap_um = 0.2", "gap_um = 0.2\ngapum = 1", "got this unknown key. Did you mean gap_um?"),
        ("pitch_um = 2.0", "pitch_um = 0.0", "(distance between the guides' centres at the ports), got 0.0 µm"),
        (
            "pitch_um = 2.0",
            "pitch_um = 0.6",
            "parameters: expected values that fit together, got a contradiction: p",
        ),
        ('kind = "coupler"', 'kind = "couple"', "kind: expected one of absorber, assembly, bend, coupler"),
        ('kind = "coupler"', 'kind = "couple"', "got 'couple'. Did you mean coupler?"),
        ('kind = "coupler"', "", "straight, taper, y_branch, got nothing"),
        ('"te"', '"tee"', "polarization: expected one of te, tm, got 'tee'. Did you mean te?"),
        ('name = "half"', 'name = "a b"', "name: expected text matching"),
        ("points = 11", "points = 11.5", "points: expected a whole number, at least 2 and at most 401, got 11.5"),
        ("[0.15, 0.2]", "[0.15]", "tunable.values: expected a list of at least 2 values, got a list of 1"),
        ("[0.15, 0.2]", "[0.15, 'a']", "tunable.values[1]: expected a number, got 'a'"),
        ("[0.15, 0.2]", "[0.2, 0.1]", "values must increase"),
        ("index = 2.8", "index = 28", "materials.core.index: expected a number, at least 1 and at most 6, got 28"),
        ('basis = "effective"', 'basis = "bulk"', "effective (slab-mode) index"),
        ("[parameters]", '["para\\nmeters"]', "'para\\nmeters': expected one of the keys name, summary"),
    ],
)
def test_each_mistake_is_told_with_key_value_unit_and_cure(device_file, old, new, told):
    path = device_file(old, new)
    message = message_of(path)
    assert message.startswith(str(path))
    assert told in message


def test_all_mistakes_are_told_at_once(device_file):
    text = DEVICE.replace("gap_um = 0.2", "gap_um = 9").replace("points = 11", "points = 1").replace("index = 2.8,", "")
    message = message_of(device_file(text=text))
    assert "got 3 problems" in message
    for key in ("parameters.gap_um", "wavelengths.points", "materials.core.index"):
        assert f"\n  {key}: expected" in message


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            'kind = "mesh"',
            'kind = "mash"',
            "network.layers[0].kind: expected one of absorber, electronic, mesh, netlist, got 'mash'. Did",
        ),
        ('kind = "mesh"', 'kind = "mesh"\nmesh = 1', "network.layers[0].mesh: expected one of the keys kind, topology"),
        ('kind = "mesh"', 'kind = "absorber"\nabsorber = 5', "network.layers[0].absorber: expected text, got 5"),
        ('kind = "mesh"', 'kind = "absorber"', "which is not under [devices] (coupler, phase_shifter)"),
        ("power_mw = 1.0", "power_mw = -1", "network.input.power_mw: expected a number in mW, above 0 (mean total"),
    ],
)
def test_keys_inside_lists_of_layers_are_named_as_in_the_file(device_file, old, new, told):
    with pytest.raises(BadInput) as caught:
        load_layout(device_file(old, new, LAYOUT))
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'kind = "coupler\n', "line 1"),
        (b"a = 1\n\na = 2\n", "line 3"),
        (b'name = "caf\xe9"', "UTF-8 text, got byte 0xe9 at 11"),
        (b"a = " + b"[" * 20_000, "nested too deeply"),
        (b"a = " + b"9" * 5_000, "digits"),
        (b"a = 0x" + b"f" * 5_000, "digits"),
        (b"# " + b"x" * LARGEST_FILE_BYTES, "at most 1000000 bytes"),
        (b"\xef\xbb\xbfa = 1", "TOML"),
    ],
)
def test_files_that_are_not_small_toml_are_refused(tmp_path, content, told):
    path = tmp_path / "device.toml"
    path.write_bytes(content)
    assert told in message_of(path)


def test_only_regular_files_are_opened(tmp_path):
    pipe = tmp_path / "pipe.toml"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path, Path("/dev/zero")):
        assert "regular file" in message_of(path)  # opening the pipe would wait for ever
    assert "No such file" in message_of(tmp_path / "absent.toml")
    assert "null" in message_of("a\0b.toml")


def test_library_names_become_files_and_unknown_ones_list_what_there_is():
    for kind in ("devices", "layouts"):
        for name in design_names(kind):
            assert design_path(name, kind) == design_folder(kind) / f"{name}.toml"
            assert design_path(name, kind).is_file()
        with pytest.raises(BadInput) as caught:
            design_path("no_such_design", kind)
        assert ", ".join(design_names(kind)) in str(caught.value)
    assert design_path("here.toml", "devices") == Path("here.toml")
    assert design_path("folder/half", "devices") == Path("folder/half")
    assert design_path(Path("half"), "devices") == Path("half")


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_in_words(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(content)
    with pytest.raises(BadInput):  # nothing so short is a whole device
        load_toml(path, device_adapter)


toml_values = st.one_of(
    st.sampled_from(
        ['""', "[]", "{}", "inf", "-nan", "1979-05-27", "07:32:00", "true", "1e300", "[[1], {a = 2}]", "0x" + "f" * 900]
    ),
    st.integers().map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(str),
    st.sampled_from(['"coupler"', '"straight"', '"absorber"', '"te"', '"bulk"', '"gap_um"']),
)


@given(st.lists(st.tuples(st.integers(0, DEVICE.count("\n") - 1), toml_values), min_size=1, max_size=4), st.data())
def test_any_values_give_a_valid_device_or_words(tmp_path_factory, changes, data):
    lines = DEVICE.splitlines()
    for number, value in changes:
        name, equals, _ = lines[number].partition(" = ")
        lines[number] = f"{name} = {value}" if equals else data.draw(st.sampled_from(["", lines[number], "[x.y]"]))
    path = tmp_path_factory.getbasetemp() / "values.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    try:
        device = load_toml(path, device_adapter)
    except BadInput:
        return
    assert device_adapter.validate_json(device.model_dump_json(), strict=True) == device
