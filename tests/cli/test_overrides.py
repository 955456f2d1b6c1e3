from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fdtd_onn.cli.overrides import load_one, load_swept
from fdtd_onn.errors import BadInput


def test_a_range_holds_both_ends():
    devices, swept = load_swept("coupler_50", ["gap_um=0.15:0.30:0.05"], None)
    assert [d.parameters.gap_um for d in devices] == [0.15, 0.2, 0.25, 0.3]
    assert swept == ("gap_um",)


def test_two_ranges_are_combined_and_single_values_do_not_sweep():
    devices, swept = load_swept("coupler_50", ["gap_um=0.1:0.2:0.1", "width_um=0.45", "length_um=1:3:1"], None)
    assert [(d.parameters.gap_um, d.parameters.length_um) for d in devices] == [
        (0.1, 1.0), (0.1, 2.0), (0.1, 3.0), (0.2, 1.0), (0.2, 2.0), (0.2, 3.0),
    ]  # fmt: skip
    assert {d.parameters.width_um for d in devices} == {0.45}
    assert swept == ("gap_um", "length_um")


@pytest.mark.parametrize(
    "text",
    [
        *("gap_um", "=1", "gap_um=", "gap_um=x", "gap_um=nan", "gap_um=1e999999999"),
        *("gap_um=1:2", "gap_um=2:1:1", "gap_um=1:2:0", "gap_um=1:2:-1", "gap_um=1:inf:1"),
        *("gap_um=0:1:1e-9", "gap_um=0:1e9999999:1"),
    ],
)
def test_what_cannot_be_read_is_refused_with_an_example(text):
    with pytest.raises(BadInput):
        load_swept("coupler_50", [text], None)


def test_a_sweep_is_refused_where_one_device_is_wanted():
    with pytest.raises(BadInput, match="single values"):
        load_one("straight", ["length_um=1:2:1"], None)


@given(st.text(max_size=40))
def test_any_text_gives_devices_or_bad_input(text):
    try:
        load_swept("straight", [text], None)
    except BadInput:
        return


@given(
    start=st.decimals("0.5", "5", places=2),
    steps=st.integers(0, 20),
    step=st.decimals("0.01", "1", places=2),
)
def test_a_range_is_exact_in_decimals(start, steps, step):
    stop = start + steps * step
    devices, _swept = load_swept("straight", [f"length_um={start}:{stop}:{step}"], None)
    assert [d.parameters.length_um for d in devices] == [float(Decimal(start) + k * step) for k in range(steps + 1)]


def test_sweeps_of_several_parameters_are_counted_before_they_are_made():
    sweeps = [f"{name}=0.1:1:0.001" for name in ("gap_um", "width_um", "length_um", "bend_length_um", "pitch_um")]
    with pytest.raises(BadInput, match="at most 1000 devices"):
        load_swept("coupler_50", sweeps, None)
