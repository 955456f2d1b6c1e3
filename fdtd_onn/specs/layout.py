"""Network specifications: layers of compiled devices, and the experiment run on them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from fdtd_onn.specs.base import Spec
from fdtd_onn.specs.fidelity import FidelityName

RuleName = Literal["digital-bp", "optical-bp"]
DatasetName = Literal["rings", "xor", "arches"]
TopologyName = Literal["clements", "reck"]


class MeshLayer(Spec):
    """A mesh of Mach-Zehnder interferometers, each two couplers and two phase shifters."""

    kind: Literal["mesh"]
    topology: TopologyName = "clements"
    coupler: str = "coupler"
    coupler_value: float | None = Field(default=None, description="of the coupler's tunable parameter, if it has one")
    phase_shifter: str = "phase_shifter"
    sections: int = Field(default=1, ge=1, le=1000, description="compiled sections in series per phase shifter")
    heater: str | None = Field(default=None, description="whose strip lies above the driven shifters, in the drawing")

    @property
    def used(self) -> tuple[str, ...]:
        """Short names of its devices."""
        return (self.coupler, self.phase_shifter, *(() if self.heater is None else (self.heater,)))


class AbsorberLayer(Spec):
    """One saturable absorber on every guide; `probe` says how backward light meets it in optical training."""

    kind: Literal["absorber"]
    absorber: str = "absorber"
    sections: int = Field(default=1, ge=1, le=1000, description="compiled sections in series per guide")
    probe: Literal["coherent", "time-gated"] = "coherent"

    @property
    def used(self) -> tuple[str, ...]:
        """Short names of its devices."""
        return (self.absorber,)


Layer = Annotated[MeshLayer | AbsorberLayer, Field(discriminator="kind")]


class InputSpec(Spec):
    """Encoding of a sample: its features and a constant reference as in-phase amplitudes on the first ports."""

    power_mw: float = Field(gt=0.0, description="mean total optical power of a sample over the training set")
    reference: float = Field(default=1.0, ge=0.0, description="amplitude of the constant port over the features' rms")

    @property
    def power_w(self) -> float:
        """The same power in W."""
        return self.power_mw * 1e-3


class ReadoutSpec(Spec):
    """What is read at the outputs: the in-phase amplitude (homodyne) or the power of the named ports, one a class."""

    kind: Literal["homodyne", "power"]
    ports: tuple[int, ...] = Field(min_length=2)


class NetworkSpec(Spec):
    """Ports, wavelength and layers, from the input side to the output side."""

    ports: int = Field(ge=2, le=1024)
    wavelength_um: float = Field(gt=0.2, lt=20.0)
    input: InputSpec
    layers: tuple[Layer, ...] = Field(min_length=1, max_length=64)
    readout: ReadoutSpec

    @model_validator(mode="after")
    def _readout_ports_exist(self) -> NetworkSpec:
        bad = [p for p in self.readout.ports if not 0 <= p < self.ports]
        if bad or len(set(self.readout.ports)) != len(self.readout.ports):
            raise ValueError(
                f"readout.ports must be different numbers from 0 to {self.ports - 1}, got {bad or 'repeats'}"
            )
        return self


class ExperimentSpec(Spec):
    """What to train and how."""

    fidelity: FidelityName = "standard"
    dataset: DatasetName
    rules: tuple[RuleName, ...] = Field(min_length=1)
    seeds: tuple[Annotated[int, Field(ge=0)], ...] = Field(min_length=1, max_length=100)
    epochs: int = Field(ge=1, le=100_000)
    batch_size: int = Field(ge=1)
    learning_rate: float = Field(gt=0.0)


class Layout(Spec):
    """A network, the device file behind each short name it uses, and its experiment."""

    name: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")
    summary: str = ""
    devices: dict[str, str] = Field(min_length=1)
    network: NetworkSpec
    experiment: ExperimentSpec

    @model_validator(mode="after")
    def _layers_name_devices(self) -> Layout:
        for i, layer in enumerate(self.network.layers):
            for name in layer.used:
                if name not in self.devices:
                    raise ValueError(
                        f"network.layers[{i}] uses device {name!r}, "
                        f"which is not under [devices] ({', '.join(self.devices)})"
                    )
        return self
