"""What stands around a network on the bench: modulators at its inputs and receivers at its outputs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from fdtd_onn.specs.base import Spec


class GeneratorSpec(Spec):
    """One modulator for amplitude and phase on every port; without this table light comes out as it is asked for."""

    full_scale_mw: float = Field(gt=0.0, description="highest power of one modulator")
    bits: int | None = Field(default=None, ge=1, le=24, description="of the converter that sets the amplitude")
    extinction_db: float | None = Field(default=None, gt=0.0, le=200.0, description="full scale over darkest power")
    amplitude_sigma: float = Field(default=0.0, ge=0.0, le=0.5, description="relative deviation between the ports")
    phase_sigma_rad: float = Field(default=0.0, ge=0.0, le=10.0, description="deviation between the ports")
    seed: int = Field(default=0, ge=0)

    def without_errors(self) -> GeneratorSpec:
        """The same with all ports alike."""
        return self.model_copy(update={"amplitude_sigma": 0.0, "phase_sigma_rad": 0.0})


class DetectorSpec(Spec):
    """Photodiodes, amplifiers and converters."""

    responsivity_a_per_w: float = Field(default=1.0, gt=0.0, le=10.0)
    bandwidth_hz: float = Field(gt=0.0, le=1e12, description="of the noise that counts, one-sided")
    dark_current_a: float = Field(default=0.0, ge=0.0, le=1.0)
    thermal_noise_a_per_sqrt_hz: float = Field(ge=0.0, le=1.0, description="of the amplifier, at its input")
    adc_bits: int = Field(ge=1, le=32)


class ReceiverSpec(DetectorSpec):
    """Those of a readout; without this table readings are exact.

    full_scale_mw: the power at the highest code; of a coherent receiver, that of the largest field it can tell.
    """

    full_scale_mw: float = Field(gt=0.0)
    local_oscillator_mw: float = Field(default=10.0, gt=0.0, description="light that coherent readings are taken with")


class TapDetectorSpec(DetectorSpec):
    """Those of the cameras at taps; without this table their readings are exact.

    full_scale_mw: the power at the highest code; "auto" sets it for each mesh from a calibration pass.
    """

    full_scale_mw: Annotated[float, Field(gt=0.0)] | Literal["auto"]


class MonitorSpec(Spec):
    """Cameras at the taps behind the phase shifters; without this table light is known there as it is, with its phase.

    Powers are read, of forward light and of the time-reversed copy of backward light (`network.monitor`).
    calibration_sigma: how far the part that each camera takes is off what it is taken for, relative.
    """

    protocol: Literal["three-reading", "toggled"] = "toggled"
    integration: Literal["sample", "batch"] = "sample"
    detector: TapDetectorSpec | None = None
    calibration_sigma: float = Field(default=0.0, ge=0.0, le=1.0)
    seed: int = Field(default=0, ge=0, description="of the calibration's errors")
