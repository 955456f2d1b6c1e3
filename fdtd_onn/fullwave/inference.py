"""Which columns of S have to be computed, and how the others follow from the symmetries that the device declares.

Reciprocity alone spares no run: the reflection of a port is in its own column only, or in that of a port which a
symmetry puts in its place, and then all of that column follows. It is used as a check instead (`physical`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import BadInput
from fdtd_onn.fullwave.channels import Channel, channels
from fdtd_onn.geometry.devices import geometry
from fdtd_onn.geometry.gds_device import gds_in_space
from fdtd_onn.geometry.shapes import Geometry
from fdtd_onn.geometry.symmetry import Image, identity, port_images
from fdtd_onn.specs.device import AnyDevice, Gds

Complex = NDArray[np.complex128]


@dataclass(frozen=True)
class Columns:
    """Channels in the order of S, and for each the one whose column is computed, with the map from that one to it."""

    channels: tuple[Channel, ...]
    sources: tuple[int, ...]
    images: tuple[Image, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Of all channels."""
        return tuple(channel.name for channel in self.channels)

    @property
    def computed(self) -> tuple[str, ...]:
        """Channels that are excited."""
        return tuple(name for k, name in enumerate(self.names) if self.sources[k] == k)

    @property
    def inferred(self) -> tuple[str, ...]:
        """Channels whose columns follow from others."""
        return tuple(name for k, name in enumerate(self.names) if self.sources[k] != k)

    def column(self, name: str, computed: Mapping[str, Complex]) -> Complex:
        """Amplitudes out of all channels, (…, n), when one is excited, from the computed columns (…, n) by name."""
        k = self.names.index(name)
        source, image = self.sources[k], self.images[k]
        given = computed[self.names[source]]
        column = np.empty_like(given)
        column[..., list(image.to)] = given * np.array(image.sign) * image.sign[source]
        return column


def columns_of(device: AnyDevice) -> Columns:
    """The columns of a linear device.

    Raises BadInput for modes and symmetries that it does not have, and for symmetries declared where ports carry other
    modes than the fundamental one, whose signs they may turn.
    """
    drawn = geometry(device, 0.0)
    listed = channels(device, drawn)
    if device.symmetries and [channel.name for channel in listed] != [port.name for port in drawn.ports]:
        expected, got = "only fundamental modes where symmetries are declared", "several modes at a port"
        raise BadInput(f"{device.name}: symmetries", expected, got, "Leave `symmetries` out, or `modes`.")
    count = len(listed)
    if not device.symmetries:
        return Columns(listed, tuple(range(count)), (identity(count),) * count)
    group = port_images(_with_its_layers(device, drawn), device.symmetries, device.polarization)
    sources, images = list(range(count)), [group[0]] * count
    for k in range(count):
        for image in group:
            if sources[k] == k and image.to[k] > k and sources[image.to[k]] == image.to[k]:
                sources[image.to[k]], images[image.to[k]] = k, image
    return Columns(listed, tuple(sources), tuple(images))


def _with_its_layers(device: AnyDevice, drawn: Geometry) -> Geometry:
    """A drawing whose layers are for runs with films in them has its symmetries layer by layer, at their heights."""
    layered = isinstance(device, Gds) and device.layers and device.uses_stack
    return gds_in_space(device, 0.0) if isinstance(device, Gds) and layered else drawn
