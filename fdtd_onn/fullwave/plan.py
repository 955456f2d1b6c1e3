"""Which runs a device needs at a fidelity. Nothing here touches the engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from fdtd_onn.errors import BadInput
from fdtd_onn.fullwave.inference import Columns, columns_of
from fdtd_onn.fullwave.patch import aligned_resolution, patch_of
from fdtd_onn.geometry.devices import geometry
from fdtd_onn.geometry.features import thin_places
from fdtd_onn.specs.device import Absorber, AnyDevice, Gds, Heater
from fdtd_onn.specs.fidelity import Fidelity
from fdtd_onn.specs.runs import AnyRun, RecoveryRun, SaturationRun, ScatteringRun, SpectrumRun

#: What can be checked on request, at the price of more runs: an inferred column against its own run, and the influence
#: of margins and absorbing layers; of an absorber, its line in weak light, and its recovery after the pump.
Check = Literal["inferred", "margins", "spectrum", "recovery"]
Checks = frozenset[Check]
NO_CHECKS: Checks = frozenset()
_OF_LINEAR: Checks = frozenset({"inferred", "margins"})
_OF_ABSORBERS: Checks = frozenset({"spectrum", "recovery"})

# By how much margins, leads and absorbing layers grow for the check of their influence.
_WIDER = 1.5
# Where the size of absorbing matter across the guide is set, what it is, and how it is enlarged.
_PLACES = {
    "core": ("parameters.width_um", "a core", "Widen"),
    "strip": ("placement.width_um", "a strip", "Widen"),
    "layer": ("placement.thickness_um", "a film", "Thicken"),
}
# A guide or gap of fewer pixels is not resolved by smoothing either; what a few pixels cost is in the error bars.
_FEWEST_PIXELS = 1.5


@dataclass(frozen=True)
class ScatteringPlan:
    """All runs behind a linear device's response, by excited port.

    fine, coarse: of the computed columns at two resolutions, for the error estimate. wide: at the coarse resolution
    in a larger cell. verification: of inferred columns, at the coarse resolution. The last two on request.
    """

    columns: Columns
    fine: Mapping[str, ScatteringRun]
    coarse: Mapping[str, ScatteringRun]
    wide: Mapping[str, ScatteringRun]
    verification: Mapping[str, ScatteringRun]

    @property
    def runs(self) -> tuple[ScatteringRun, ...]:
        """All of them, the first column at full resolution first."""
        groups = (self.fine, self.coarse, self.wide, self.verification)
        return tuple(run for group in groups for run in group.values())


def checks_of(device: AnyDevice) -> Checks:
    """What can be checked of a device; a heater has no runs."""
    if isinstance(device, Heater):
        return NO_CHECKS
    return _OF_ABSORBERS if isinstance(device, Absorber) else _OF_LINEAR


def plan(device: AnyDevice, fidelity: Fidelity, checks: Checks = NO_CHECKS) -> tuple[AnyRun, ...]:
    """All runs behind one response; checks that the device cannot have (`checks_of`) are left out.

    Raises BadInput for features too small for the grids, for a symmetry that the device does not have, and for an
    absorber too narrow to differ on two grids that are aligned to its core.
    """
    _check_resolved(device, fidelity)
    if isinstance(device, Absorber):
        _check_two_grids(device, fidelity)
        powers = device.saturation.pump_over_saturation
        fine = tuple(_saturation(device, fidelity, fidelity.resolution, p) for p in powers)
        coarse = tuple(_saturation(device, fidelity, fidelity.coarse_resolution, p) for p in checked_powers(device))
        return (*fine, *coarse, *_beyond_steady_state(device, fidelity, checks))
    return scattering_plan(device, fidelity, checks).runs


def scattering_plan(device: AnyDevice, fidelity: Fidelity, checks: Checks = NO_CHECKS) -> ScatteringPlan:
    """The runs of a linear device, told apart by what they are for."""
    columns = columns_of(device)

    def runs(ports: Iterable[str], settings: Fidelity, resolution: int) -> dict[str, ScatteringRun]:
        return {p: ScatteringRun(device=device, fidelity=settings, resolution=resolution, port=p) for p in ports}

    coarse = fidelity.coarse_resolution
    wider = _wider(fidelity)
    return ScatteringPlan(
        columns=columns,
        fine=runs(columns.computed, fidelity, fidelity.resolution),
        coarse=runs(columns.computed, fidelity, coarse),
        wide=runs(columns.computed if "margins" in checks else (), wider, coarse),
        verification=runs(columns.inferred[:1] if "inferred" in checks else (), fidelity, coarse),
    )


def scattering_run(device: AnyDevice, fidelity: Fidelity, port: str) -> ScatteringRun:
    """One column of S at a fidelity's finer grid; raises BadInput as `plan` does."""
    _check_resolved(device, fidelity)
    return ScatteringRun(device=device, fidelity=fidelity, resolution=fidelity.resolution, port=port)


def _wider(fidelity: Fidelity) -> Fidelity:
    """The same settings with more room and thicker absorbing layers."""
    grown = {name: _WIDER * getattr(fidelity, name) for name in ("pml_um", "lead_um", "margin_um")}
    return fidelity.model_copy(update=grown)


def _check_resolved(device: AnyDevice, fidelity: Fidelity) -> None:
    """The smallest width or gap must get some pixels on the coarser grid too."""
    smallest = _FEWEST_PIXELS / fidelity.coarse_resolution
    expected = f"at least {smallest:g} µm, {_FEWEST_PIXELS:g} pixels of the coarser grid at {fidelity.name}"
    cure = "Enlarge it, or choose a finer fidelity."
    for name, size in device.features_um().items():
        if size < smallest:
            raise BadInput(name, expected, f"{size:g} µm", cure)
    if isinstance(device, Gds):
        for what, x, y in thin_places(geometry(device, 0.0), smallest):
            got = f"a thinner {what} near ({x:.2f}, {y:.2f}) µm from the centre of the drawing's box"
            raise BadInput(device.parameters.file, expected, got, cure)


def _check_two_grids(device: Absorber, fidelity: Fidelity) -> None:
    fine, coarse = (aligned_resolution(device, wanted) for wanted in (fidelity.resolution, fidelity.coarse_resolution))
    size, (where, what, cure) = patch_of(device).sizes_um[-1], _PLACES[device.placement.kind]
    if device.dimensions == 3 and device.placement.kind != "layer":
        where, cure = "stack.thickness_um", "Thicken"
    if fine <= coarse:
        expected = f"{what} that gets more pixels at {fidelity.resolution} than at {fidelity.coarse_resolution} per µm"
        got = f"{size:g} µm, {fine * size:.0f} pixels at both"
        raise BadInput(where, expected, got, f"{cure} it, or choose a finer fidelity.")


def checked_powers(device: Absorber) -> tuple[float, ...]:
    """The pump powers that are run at the second resolution too: lowest, middle, highest."""
    powers = device.saturation.pump_over_saturation
    return (powers[0], powers[len(powers) // 2], powers[-1])


def _beyond_steady_state(device: Absorber, fidelity: Fidelity, checks: Checks) -> tuple[AnyRun, ...]:
    """What is run of an absorber on request."""
    resolution, pump = fidelity.resolution, checked_powers(device)[1]
    spectrum = SpectrumRun(device=device, fidelity=fidelity, resolution=resolution)
    recovery = RecoveryRun(device=device, fidelity=fidelity, resolution=resolution, pump_over_saturation=pump)
    wanted: dict[Check, AnyRun] = {"spectrum": spectrum, "recovery": recovery}
    return tuple(run for check, run in wanted.items() if check in checks)


def _saturation(device: Absorber, fidelity: Fidelity, resolution: int, power: float) -> SaturationRun:
    return SaturationRun(device=device, fidelity=fidelity, resolution=resolution, pump_over_saturation=power)
