"""The channels of a device: what S has a row and a column for, one for every mode of every port."""

from __future__ import annotations

from dataclasses import dataclass

from fdtd_onn.errors import BadInput
from fdtd_onn.geometry.shapes import Geometry, PortPlacement
from fdtd_onn.specs.device import AnyDevice
from fdtd_onn.specs.problems import closest


@dataclass(frozen=True)
class Channel:
    """One mode of one port.

    name: the port's own if it has nothing but the device's default mode, else with the mode, such as `o1@te1`.
    """

    name: str
    mode: str
    placement: PortPlacement


def channels(device: AnyDevice, drawn: Geometry) -> tuple[Channel, ...]:
    """All channels in the order of S: port by port, and within a port as the device lists its modes.

    Raises BadInput for modes of a port that the device does not have.
    """
    known = tuple(port.name for port in drawn.ports)
    for name in device.modes:
        if name not in known:
            cure = closest(name, known, "Name one of these.")
            raise BadInput(f"{device.name}: modes", f"ports of the device ({', '.join(known)})", ascii(name), cure)
    return tuple(channel for port in drawn.ports for channel in _of_port(device, port))


def _of_port(device: AnyDevice, port: PortPlacement) -> tuple[Channel, ...]:
    default = (device.default_mode,)
    modes = device.modes.get(port.name, default)
    return tuple(Channel(port.name if modes == default else f"{port.name}@{mode}", mode, port) for mode in modes)
