"""Network specifications: layers of compiled devices, and the experiment run on them."""

from __future__ import annotations

from math import pi
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, field_validator, model_validator

from fdtd_onn.specs.base import Spec
from fdtd_onn.specs.bench import GeneratorSpec, MonitorSpec, ReceiverSpec
from fdtd_onn.specs.fidelity import FidelityName

RuleName = Literal["digital-bp", "in-silico", "optical-bp", "in-situ", "asymmetric", "physics-aware", "dfa", "spsa"]
DatasetName = Literal["rings", "xor", "arches", "digits", "idx"]
TopologyName = Literal["clements", "reck"]


PlaceKind = Literal["linear", "absorber", "tap", "heater"]
#: Key in the layer, short name of the device there, and what must stand there.
Places: TypeAlias = tuple[tuple[str, str, PlaceKind], ...]
TWO_TURNS = 4.0 * pi  # corrections of crosstalk may ask for more than one


class HeaterUse(Spec):
    """Heaters over the driven phase shifters of a mesh. Their crosstalk, into all sections, is left or corrected.

    Corrected: the powers are solved for so that the mesh does to light what the phases asked for would do alone.
    """

    device: str = "heater"
    crosstalk: Literal["left", "corrected"] = "left"


class DriveSpec(Spec):
    """Converters that drive the heaters, in equal steps of voltage: power and phase go with its square."""

    bits: int = Field(ge=1, le=24)
    full_scale_rad: float = Field(default=TWO_TURNS, ge=TWO_TURNS / 2, le=1e3, description="phase at the highest code")


class MeshSpread(Spec):
    """What fabrication makes of the parts of one mesh, drawn from the seed and the layer's number.

    correlation_length_um: L of exp(−d²/2L²) between parts d apart; without it parts are independent of one another.
    """

    seed: int = Field(ge=0)
    coupler_value_sigma: float = Field(default=0.0, ge=0.0, description="of each coupler's coupler_value, in its unit")
    phase_sigma_rad: float = Field(default=0.0, ge=0.0, le=10.0, description="of every guide's phase-shifter section")
    correlation_length_um: float | None = Field(default=None, gt=0.0, le=1e6)


class AbsorberSpread(Spec):
    """What fabrication makes of the absorbers of one layer: factors exp(σx), x standard normal, on each."""

    seed: int = Field(ge=0)
    optical_depth_sigma: float = Field(default=0.0, ge=0.0, le=1.0, description="relative")
    saturation_power_sigma: float = Field(default=0.0, ge=0.0, le=1.0, description="relative")


class MeshLayer(Spec):
    """A mesh of Mach-Zehnder interferometers, each two couplers and two phase shifters.

    tap: a grating tap behind every phase-shifter section. The pitches place parts on the chip: planes of phase shifters
    along the guides, and guides across.
    """

    kind: Literal["mesh"]
    topology: TopologyName = "clements"
    coupler: str = "coupler"
    coupler_value: float | None = Field(default=None, description="of the coupler's tunable parameter, if it has one")
    phase_shifter: str = "phase_shifter"
    sections: int = Field(default=1, ge=1, le=1000, description="compiled sections in series per phase shifter")
    tap: str | None = None
    plane_pitch_um: float | None = Field(default=None, gt=0.0, le=1e5)
    guide_pitch_um: float | None = Field(default=None, gt=0.0, le=1e5)
    heater: HeaterUse | None = None
    drive: DriveSpec | None = None
    spread: MeshSpread | None = None

    @property
    def places(self) -> Places:
        """The devices that the layer uses."""
        tap: Places = () if self.tap is None else (("tap", self.tap, "tap"),)
        heater: Places = () if self.heater is None else (("heater.device", self.heater.device, "heater"),)
        linear: Places = (("coupler", self.coupler, "linear"), ("phase_shifter", self.phase_shifter, "linear"))
        return (*linear, *tap, *heater)

    @model_validator(mode="after")
    def _placed_where_distance_counts(self) -> MeshLayer:
        correlated = self.spread is not None and self.spread.correlation_length_um is not None
        if (self.heater is not None or correlated) and None in (self.plane_pitch_um, self.guide_pitch_um):
            raise ValueError(
                "a heater, or a spread with correlation_length_um, needs plane_pitch_um and guide_pitch_um"
            )
        return self

    @model_validator(mode="after")
    def _driven_as_far_as_corrections_go(self) -> MeshLayer:
        corrected = self.heater is not None and self.heater.crosstalk == "corrected"
        if corrected and self.drive is not None and self.drive.full_scale_rad < TWO_TURNS:
            raise ValueError(
                f'drive.full_scale_rad must be at least 4π = {TWO_TURNS:.6g} rad with crosstalk = "corrected", whose '
                f"heaters go beyond one turn, got {self.drive.full_scale_rad:g}: raise it, or leave it out"
            )
        return self

    @model_validator(mode="after")
    def _coupler_to_vary(self) -> MeshLayer:
        if self.spread is not None and self.spread.coupler_value_sigma > 0.0 and self.coupler_value is None:
            raise ValueError("spread.coupler_value_sigma needs a coupler_value about which couplers vary")
        return self


class AbsorberLayer(Spec):
    """One saturable absorber on every guide; `probe` says how backward light meets it in optical training."""

    kind: Literal["absorber"]
    absorber: str = "absorber"
    sections: int = Field(default=1, ge=1, le=1000, description="compiled sections in series per guide")
    probe: Literal["coherent", "time-gated"] = "coherent"
    spread: AbsorberSpread | None = None

    @property
    def places(self) -> Places:
        """The devices that the layer uses."""
        return (("absorber", self.absorber, "absorber"),)


class ElectronicLayer(Spec):
    """Fields read coherently, an activation computed, and light made anew: |z| (Pai et al., Science 380, 398 (2023)).

    The readout's detectors read, and the network's generator makes the light.
    """

    kind: Literal["electronic"]
    function: Literal["modulus"] = "modulus"

    @property
    def places(self) -> Places:
        """No compiled devices."""
        return ()


class NetlistNode(Spec):
    """One device of a netlist, with a value of its tunable parameter, or as a phase shifter whose phase is trained."""

    device: str
    value: float | None = Field(default=None, description="of the device's tunable parameter, if it has one")
    trained: bool = False
    sections: int = Field(default=1, ge=1, le=1000, description="compiled sections in series, of a device of two ports")


class NetlistLayer(Spec):
    """Devices joined freely, with all reflections between them.

    joints: from port to port, written `node.port`, in the direction of light from the inputs. inputs, outputs: the
    ports where the network's guides end, the lowest guide first. terminated: ports that are left open; light that
    leaves there is lost. Trained phases count in the order of the nodes.
    """

    kind: Literal["netlist"]
    nodes: dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")], NetlistNode] = Field(min_length=1)
    joints: dict[str, str] = Field(default_factory=dict)
    inputs: tuple[str, ...] = Field(min_length=1)
    outputs: tuple[str, ...] = Field(min_length=1)
    terminated: tuple[str, ...] = ()

    @property
    def places(self) -> Places:
        """The devices that the layer uses."""
        return tuple((f"nodes.{name}.device", node.device, "linear") for name, node in self.nodes.items())

    @model_validator(mode="after")
    def _trained_nodes_have_no_value(self) -> NetlistLayer:
        both = [name for name, node in self.nodes.items() if node.trained and node.value is not None]
        if both:
            raise ValueError(f"nodes.{both[0]} has a value and is trained: leave one of them out")
        return self


Layer = Annotated[MeshLayer | AbsorberLayer | ElectronicLayer | NetlistLayer, Field(discriminator="kind")]


class InputSpec(Spec):
    """Encoding of a sample: its features (or fewer numbers) and a constant reference as in-phase amplitudes."""

    power_mw: float = Field(gt=0.0, description="mean total optical power of a sample over the training set")
    reference: float = Field(default=1.0, ge=0.0, description="amplitude of the constant port over the features' rms")
    features: int | None = Field(
        default=None,
        ge=1,
        description="principal components that stand for a sample; left out: its features themselves",
    )

    @property
    def power_w(self) -> float:
        """The same power in W."""
        return self.power_mw * 1e-3


class ReadoutSpec(Spec):
    """What is read at the outputs: the in-phase amplitude (homodyne) or the power of the named ports, one a class."""

    kind: Literal["homodyne", "power"]
    ports: tuple[int, ...] = Field(min_length=2)
    detector: ReceiverSpec | None = None


class NetworkSpec(Spec):
    """Ports, wavelength and layers, from the input side to the output side."""

    ports: int = Field(ge=2, le=1024)
    wavelength_um: float = Field(gt=0.2, lt=20.0)
    input: InputSpec
    generator: GeneratorSpec | None = None
    layers: tuple[Layer, ...] = Field(min_length=1, max_length=64)
    readout: ReadoutSpec
    monitor: MonitorSpec | None = None

    @model_validator(mode="after")
    def _readout_ports_exist(self) -> NetworkSpec:
        bad = [p for p in self.readout.ports if not 0 <= p < self.ports]
        if bad or len(set(self.readout.ports)) != len(self.readout.ports):
            raise ValueError(
                f"readout.ports must be different numbers from 0 to {self.ports - 1}, got {bad or 'repeats'}"
            )
        return self

    @model_validator(mode="after")
    def _netlists_end_on_every_guide(self) -> NetworkSpec:
        for i, layer in enumerate(self.layers):
            if isinstance(layer, NetlistLayer) and {len(layer.inputs), len(layer.outputs)} != {self.ports}:
                got = f"{len(layer.inputs)} and {len(layer.outputs)}"
                raise ValueError(f"layers[{i}] must have {self.ports} inputs and outputs, one per guide, got {got}")
        return self

    def without_errors(self) -> NetworkSpec:
        """The network as drawn: no spread of fabrication, and all ports of the generator alike."""
        layers = tuple(
            layer.model_copy(update={"spread": None}) if isinstance(layer, MeshLayer | AbsorberLayer) else layer
            for layer in self.layers
        )
        generator = None if self.generator is None else self.generator.without_errors()
        return self.model_copy(update={"layers": layers, "generator": generator})


class IdxFiles(Spec):
    """Images and labels to train and to test on, in IDX files; paths in a layout's file are relative to its folder."""

    train_images: str
    train_labels: str
    test_images: str
    test_labels: str

    def beside(self, folder: Path) -> IdxFiles:
        """The same files, found from anywhere."""
        return IdxFiles(**{name: str(folder / path) for name, path in self.model_dump().items()})


class ExperimentSpec(Spec):
    """What to train and how. `files` belongs to the data set "idx"; they may stand by for --dataset idx."""

    fidelity: FidelityName = "standard"
    dataset: DatasetName
    files: IdxFiles | None = None
    rules: tuple[RuleName, ...] = Field(min_length=1)
    seeds: tuple[Annotated[int, Field(ge=0)], ...] = Field(min_length=1, max_length=100)
    epochs: int = Field(ge=1, le=100_000)
    batch_size: int = Field(ge=1)
    learning_rate: float = Field(gt=0.0)

    @field_validator("rules", "seeds")
    @classmethod
    def _no_repeats(cls, values: tuple[Any, ...]) -> tuple[Any, ...]:
        if len(set(values)) != len(values):
            raise ValueError(f"each may stand there once, got {', '.join(map(str, values))}")
        return values

    @model_validator(mode="after")
    def _idx_has_files(self) -> ExperimentSpec:
        if self.dataset == "idx" and self.files is None:
            raise ValueError('dataset = "idx" needs [experiment.files]')
        return self


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
            for _key, name, _kind in layer.places:
                if name not in self.devices:
                    raise ValueError(
                        f"network.layers[{i}] uses device {name!r}, "
                        f"which is not under [devices] ({', '.join(self.devices)})"
                    )
        return self
