"""Devices placed port to port: joints, ports, the drawing, and what is refused."""

import numpy as np
import pytest
from pydantic import ValidationError

from fdtd_onn.errors import BadInput
from fdtd_onn.fullwave.grid import Grid
from fdtd_onn.fullwave.permittivity import permittivity
from fdtd_onn.geometry.assembly import connections
from fdtd_onn.geometry.devices import geometry
from fdtd_onn.specs.device import device_adapter
from tests.geometry.make import make_device

COUPLER = {"gap_um": 0.2, "length_um": 1.0, "bend_length_um": 3.0, "pitch_um": 2.0}
ARM = {"length_um": 2.0, "delta_t_k": 0.0}


def assembled(*parts):
    """An assembly of (device, x, y), and of (device, x, y, True) where it is monitored."""
    first = parts[0][0].model_dump(mode="json")
    film = {name: first[name] for name in ("polarization", "materials", "stack", "wavelengths")}
    placed = [
        {"device": device.model_dump(mode="json"), "x_um": x, "y_um": y, "monitored": bool(rest)}
        for device, x, y, *rest in parts
    ]
    data = {"kind": "assembly", "name": "whole", "source": "a test", "parameters": {"parts": placed}, **film}
    return device_adapter.validate_python(data)


def interferometer(heat=100.0, nudge=0.0):
    """Two couplers and arms between them, the lower one heated."""
    coupler = make_device("coupler", **COUPLER)
    cold, warm = (make_device("phase_shifter", **{**ARM, "delta_t_k": t}) for t in (0.0, heat))
    centre = 0.5 * (1.0 + 2 * 3.0 + 2.0)
    return assembled((coupler, -centre, 0.0), (warm, 0.0, -1.0), (cold, nudge, 1.0), (coupler, centre, 0.0))


def test_parts_make_the_node_that_is_drawn_as_one():
    """The same χ everywhere, and the same ports with as much guide behind each."""
    whole = interferometer()
    node = make_device("mzi", arm_length_um=2.0, arm_delta_t_k=100.0, **COUPLER)
    grid = Grid(16, 320, 64, 8)
    ours, theirs = (permittivity(geometry(device, 20.0), grid) for device in (whole, node))
    for entry in ("xx", "yy", "zz", "xy"):
        np.testing.assert_allclose(getattr(ours, entry), getattr(theirs, entry), atol=1e-12)
    ports = zip(geometry(whole, 0.0).ports, geometry(node, 0.0).ports, strict=True)
    for port, expected in ports:
        assert (port.name, port.outward, port.width_um) == (expected.name, expected.outward, expected.width_um)
        np.testing.assert_allclose((port.x_um, port.y_um), (expected.x_um, expected.y_um), atol=1e-9)
        assert port.guide_um == pytest.approx(expected.guide_um)


def test_joints_and_open_ends():
    found = connections(interferometer())
    assert set(found.joints) == {
        ((0, "o4"), (1, "o1")),
        ((0, "o3"), (2, "o1")),
        ((1, "o2"), (3, "o1")),
        ((2, "o2"), (3, "o2")),
    }
    assert found.open_ends == {"o1": (0, "o1"), "o2": (0, "o2"), "o3": (3, "o3"), "o4": (3, "o4")}
    assert found.partner((1, "o2")) == (3, "o1")
    assert found.partner((0, "o1")) is None


def test_monitors_are_in_the_middle_of_straight_parts():
    guide, bend = make_device("straight"), make_device("s_bend", length_um=3.0, offset_um=1.0)
    whole = geometry(assembled((guide, 0.0, 0.0, True), (bend, 2.5, 0.5), (guide, 5.0, 1.0, True)), 0.0)
    assert [(m.x_um, m.y_um) for m in whole.monitors] == [(0.0, 0.0), (5.0, 1.0)]
    moved = whole.shifted(1.0, 2.0)
    assert [(m.x_um, m.y_um) for m in moved.monitors] == [(1.0, 2.0), (6.0, 3.0)]
    with pytest.raises(ValidationError, match="only a straight guide can be monitored"):
        assembled((bend, 0.0, 0.0, True))


def test_a_port_that_misses_its_neighbour_is_refused():
    with pytest.raises(BadInput, match=r"o3 of part 0 \(coupler\).*within 1 nm.*a distance of 5 nm"):
        geometry(interferometer(nudge=0.005), 0.0)
    connections(interferometer(nudge=0.0005))


def test_widths_that_differ_are_refused():
    wide, narrow = make_device("straight", width_um=0.5), make_device("straight", width_um=0.4)
    with pytest.raises(BadInput, match=r"a guide as wide as its own, 0\.5 µm.*0\.4 µm.*taper"):
        geometry(assembled((wide, 0.0, 0.0), (narrow, 2.0, 0.0)), 0.0)


def test_an_open_port_within_is_refused():
    short, long = (make_device("straight", length_um=length) for length in (2.0, 3.0))
    with pytest.raises(BadInput, match=r"part 0.*open port at 0 µm.*straight guide"):
        geometry(assembled((short, 1.0, 0.0), (long, 0.0, 2.0)), 0.0)


def test_two_ports_on_one_are_refused():
    guide = make_device("straight")
    with pytest.raises(BadInput, match="one port facing it, got two"):
        geometry(assembled((guide, 0.0, 0.0), (guide, 2.0, 0.0), (guide, 2.0, 0.0)), 0.0)


def test_parts_of_another_film_are_refused():
    guide = make_device("straight")
    data = guide.model_dump(mode="json")
    data["materials"]["core"]["index"] = 2.0
    with pytest.raises(ValidationError, match=r"parts\[1\] \(straight\) must have the polarization and materials"):
        assembled((guide, 0.0, 0.0), (device_adapter.validate_python(data), 2.0, 0.0))


def test_names_and_notes_of_parts_do_not_count():
    """They change no numbers; places, temperatures and monitors do."""
    whole = interferometer()
    data = whole.model_dump(mode="json")
    data["parameters"]["parts"][0]["device"] |= {"name": "other", "summary": "other", "source": "other"}
    assert device_adapter.validate_python(data).physics() == whole.physics()
    assert interferometer(heat=120.0).physics() != whole.physics()
    assert interferometer(nudge=1e-4).physics() != whole.physics()
