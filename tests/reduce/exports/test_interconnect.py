import re
from dataclasses import replace

import numpy as np
import pytest

from fdtd_onn.errors import BadInput
from fdtd_onn.reduce.exports import sample_model, write_interconnect
from tests.reduce.exports.one_way import one_way_model

BLOCK = re.compile(r'\("([^"]+)","([^"]+)",(\d+),"([^"]+)",(\d+),"transmission"\)\n\((\d+),3\)\n((?:[^"(\[]+\n)+)')


def read(text):
    """Sides by port, and (frequency, complex S) by ((out port, mode id), (in port, mode id))."""
    sides = dict(re.findall(r'^\["([^"]+)","([A-Z]+)"\]$', text, re.MULTILINE))
    entries = {}
    for out, _label, out_id, into, in_id, points, table in BLOCK.findall(text):
        frequency, magnitude, angle = np.array(table.split(), dtype=float).reshape(int(points), 3).T
        entries[(out, int(out_id)), (into, int(in_id))] = frequency, magnitude * np.exp(1j * angle)
    return sides, entries


@pytest.fixture
def sampled():
    return sample_model(one_way_model(), {"gap_um": 0.2})


def test_every_entry_comes_back_in_its_place(sampled, tmp_path):
    write_interconnect(sampled, tmp_path / "coupler.dat")
    sides, entries = read((tmp_path / "coupler.dat").read_text())
    assert sides == {"o1": "LEFT", "o2": "LEFT", "o3": "RIGHT", "o4": "RIGHT"}
    assert len(entries) == 16
    for out, out_port in enumerate(sampled.ports):
        for into, in_port in enumerate(sampled.ports):
            frequency, s = entries[(out_port, 1), (in_port, 1)]
            np.testing.assert_array_equal(frequency, sampled.frequencies_hz)
            np.testing.assert_allclose(s, sampled.s[:, out, into], rtol=0, atol=1e-14)


def test_angles_grow_with_frequency_without_jumps(sampled, tmp_path):
    """The sign of the documented group delay, +2π τ Δf; the reader interpolates angles."""
    write_interconnect(sampled, tmp_path / "coupler.dat")
    (table,) = [
        t for out, _, _, into, _, _, t in BLOCK.findall((tmp_path / "coupler.dat").read_text())
        if (out, into) == ("o3", "o1")
    ]  # fmt: skip
    steps = np.diff(np.array(table.split(), dtype=float).reshape(-1, 3)[:, 2])
    assert np.all((steps > 0) & (steps < 1))


def test_modes_of_one_port_share_it(sampled, tmp_path):
    modes = replace(sampled, ports=("o1@te0", "o1@te1", "o2@te0", "o2@te1"))
    write_interconnect(modes, tmp_path / "modes.dat")
    text = (tmp_path / "modes.dat").read_text()
    sides, entries = read(text)
    assert sides == {"o1": "LEFT", "o2": "RIGHT"}
    np.testing.assert_allclose(entries[("o1", 2), ("o2", 1)][1], sampled.s[:, 1, 2], rtol=0, atol=1e-14)
    assert '("o1","te1",2,"o2",1,"transmission")' in text


def test_a_folder_that_is_not_there_is_said(sampled, tmp_path):
    with pytest.raises(BadInput, match="a file that can be written"):
        write_interconnect(sampled, tmp_path / "no folder" / "x.dat")
