"""Single full-wave runs: the smallest pieces of work that are launched, stored and found again."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from fdtd_onn.specs.base import Spec, content_key
from fdtd_onn.specs.device import Absorber, AnyDevice
from fdtd_onn.specs.fidelity import Fidelity


class EngineStamp(Spec):
    """Who computes: simulator, its version, and a digest of this package's code that shapes the numbers."""

    engine: str
    version: str
    code: str


class Lattice(Spec):
    """Where the grid lies, the same for devices that are compared with one another.

    extent_um: (low, high) per axis, in the device's coordinates, that the cell holds within its absorbing layers.
    shift: of the grid against the middle of it, in pixels along all axes. lines_um: last coordinates that lie on
    lines of the grid whatever the shift.
    """

    extent_um: tuple[tuple[float, float], ...] = Field(min_length=2, max_length=3)
    shift: float = Field(ge=0.0, lt=1.0)
    lines_um: tuple[float, ...] = ()


class ScatteringRun(Spec):
    """One excited channel of a linear device at one resolution: one column of S.

    port: the channel's name, with the mode where the port has others than its default one (`o1@te1`).
    lattice: None for the cell that just holds the device, centred.
    """

    kind: Literal["scattering"] = "scattering"
    device: AnyDevice
    fidelity: Fidelity
    resolution: int = Field(ge=8)
    port: str
    lattice: Lattice | None = None


class SaturationRun(Spec):
    """One pump power through an absorber, with and without a weak backward probe."""

    kind: Literal["saturation"] = "saturation"
    device: Absorber
    fidelity: Fidelity
    resolution: int = Field(ge=8)
    pump_over_saturation: float = Field(gt=0.0)


class SpectrumRun(Spec):
    """Weak light over the band through an absorber, with its atoms and without."""

    kind: Literal["spectrum"] = "spectrum"
    device: Absorber
    fidelity: Fidelity
    resolution: int = Field(ge=8)


class RecoveryRun(Spec):
    """A weak probe through an absorber whose pump has ended."""

    kind: Literal["recovery"] = "recovery"
    device: Absorber
    fidelity: Fidelity
    resolution: int = Field(ge=8)
    pump_over_saturation: float = Field(gt=0.0)


AnyRun = Annotated[ScatteringRun | SaturationRun | SpectrumRun | RecoveryRun, Field(discriminator="kind")]
run_adapter: TypeAdapter[AnyRun] = TypeAdapter(AnyRun)


def title(run: AnyRun) -> str:
    """A run in words, for people."""
    if isinstance(run, ScatteringRun):
        what = run.port
    elif isinstance(run, SpectrumRun):
        what = "spectrum"
    else:
        what = ("recovery from " if isinstance(run, RecoveryRun) else "") + f"pump {run.pump_over_saturation:g}"
    return f"{run.device.name} {what} at {run.resolution} px/µm"


def run_spec(run: AnyRun, stamp: EngineStamp) -> dict[str, Any]:
    """What a run's key hashes: everything that changes its numbers, and nothing that does not."""
    data = run.model_dump(mode="json", exclude={"device", "fidelity"})
    data["device"] = run.device.physics()
    if not isinstance(run, ScatteringRun):
        # A sweep's other powers do not touch this one.
        data["device"]["saturation"].pop("pump_over_saturation")
    data["settings"] = run.fidelity.model_dump(
        mode="json", exclude={"name", "resolution", "coarse_resolution", "floor"}
    )
    data["engine"] = stamp.model_dump(mode="json")
    return data


def run_key(run: AnyRun, stamp: EngineStamp) -> str:
    """Content key of a run."""
    return content_key(run_spec(run, stamp))
