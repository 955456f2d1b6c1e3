"""Which columns of S have to be computed, and how the others follow from the symmetries that the device declares.

Reciprocity alone spares no run: the reflection of a port is in its own column only, or in that of a port which a
symmetry puts in its place, and then all of that column follows. It is used as a check instead (`physical`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.geometry.devices import geometry
from fdtd_onn.geometry.symmetry import Image, port_images
from fdtd_onn.specs.device import AnyDevice

Complex = NDArray[np.complex128]


@dataclass(frozen=True)
class Columns:
    """Ports in the order of S, and for each the port whose column is computed, with the map from that port to it."""

    ports: tuple[str, ...]
    sources: tuple[int, ...]
    images: tuple[Image, ...]

    @property
    def computed(self) -> tuple[str, ...]:
        """Ports that are excited."""
        return tuple(name for k, name in enumerate(self.ports) if self.sources[k] == k)

    @property
    def inferred(self) -> tuple[str, ...]:
        """Ports whose columns follow from others."""
        return tuple(name for k, name in enumerate(self.ports) if self.sources[k] != k)

    def column(self, port: str, computed: Mapping[str, Complex]) -> Complex:
        """Amplitudes out of all ports, (…, n), when `port` is excited, from the computed columns (…, n) by port."""
        k = self.ports.index(port)
        source, image = self.sources[k], self.images[k]
        given = computed[self.ports[source]]
        column = np.empty_like(given)
        column[..., list(image.to)] = given * np.array(image.sign) * image.sign[source]
        return column


def columns_of(device: AnyDevice) -> Columns:
    """The columns of a linear device. Raises BadInput for a symmetry that its drawing does not have."""
    drawn = geometry(device, 0.0)
    group = port_images(drawn, device.symmetries, device.polarization)
    count = len(drawn.ports)
    sources, images = list(range(count)), [group[0]] * count
    for k in range(count):
        for image in group:
            if sources[k] == k and image.to[k] > k and sources[image.to[k]] == image.to[k]:
                sources[image.to[k]], images[image.to[k]] = k, image
    return Columns(tuple(port.name for port in drawn.ports), tuple(sources), tuple(images))
