"""From a device specification to its geometry."""

from __future__ import annotations

from functools import singledispatch

from fdtd_onn.geometry.assembly import assembly
from fdtd_onn.geometry.couplers import coupler, mzi
from fdtd_onn.geometry.gds_device import gds
from fdtd_onn.geometry.guides import absorber, bend, grating_tap, phase_shifter, s_bend, straight, taper
from fdtd_onn.geometry.junctions import crossing, mmi_1x2, mmi_2x2, y_branch
from fdtd_onn.geometry.shapes import Geometry
from fdtd_onn.specs.device import AnyDevice


@singledispatch
def geometry(device: AnyDevice, extension_um: float) -> Geometry:
    """Geometry of a device whose guides run on by `extension_um` (µm) beyond the reference plane of every port.

    The origin is the centre of the device's box. Raises BadInput for a GDSII file that cannot be used.
    """
    raise TypeError(f"no geometry for {type(device).__name__}")


for _draw in (
    straight,
    taper,
    s_bend,
    bend,
    phase_shifter,
    absorber,
    grating_tap,
    coupler,
    mzi,
    mmi_1x2,
    mmi_2x2,
    y_branch,
    crossing,
    gds,
    assembly,
):
    geometry.register(_draw)
