"""Which runs a device needs at a fidelity. Nothing here touches the engine."""

from __future__ import annotations

from fdtd_onn.errors import BadInput
from fdtd_onn.fullwave.absorbing import aligned_resolution
from fdtd_onn.fullwave.channels import channels
from fdtd_onn.geometry.devices import geometry
from fdtd_onn.specs.device import Absorber, AnyDevice
from fdtd_onn.specs.fidelity import Fidelity
from fdtd_onn.specs.runs import AnyRun, SaturationRun, ScatteringRun


def plan(device: AnyDevice, fidelity: Fidelity) -> tuple[AnyRun, ...]:
    """All runs behind one response: every port's modes (or pump powers) at two resolutions, for the error estimate.

    Raises BadInput for an absorber too narrow to differ on two grids that are aligned to its core, and for modes of a
    port that the device does not have.
    """
    if isinstance(device, Absorber):
        _check_two_grids(device, fidelity)
        powers = device.saturation.pump_over_saturation
        fine = tuple(_saturation(device, fidelity, fidelity.resolution, p) for p in powers)
        return fine + tuple(
            _saturation(device, fidelity, fidelity.coarse_resolution, p) for p in checked_powers(device)
        )
    ports = [channel.name for channel in channels(device, geometry(device, 0.0))]
    return tuple(
        ScatteringRun(device=device, fidelity=fidelity, resolution=resolution, port=port)
        for resolution in (fidelity.resolution, fidelity.coarse_resolution)
        for port in ports
    )


def _check_two_grids(device: Absorber, fidelity: Fidelity) -> None:
    fine, coarse = (aligned_resolution(device, wanted) for wanted in (fidelity.resolution, fidelity.coarse_resolution))
    if fine <= coarse:
        width = device.parameters.width_um
        expected = f"a core that gets more pixels at {fidelity.resolution} than at {fidelity.coarse_resolution} per µm"
        got = f"{width:g} µm, {fine * width:.0f} pixels at both"
        raise BadInput("parameters.width_um", expected, got, "Widen it, or choose a finer fidelity.")


def checked_powers(device: Absorber) -> tuple[float, ...]:
    """The pump powers that are run at the second resolution too: lowest, middle, highest."""
    powers = device.saturation.pump_over_saturation
    return (powers[0], powers[len(powers) // 2], powers[-1])


def _saturation(device: Absorber, fidelity: Fidelity, resolution: int, power: float) -> SaturationRun:
    return SaturationRun(device=device, fidelity=fidelity, resolution=resolution, pump_over_saturation=power)
