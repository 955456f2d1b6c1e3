"""Networks from layouts, and their training, under the public names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fdtd_onn.api.characterize import AnyResponse, Listener, characterize_all
from fdtd_onn.errors import BadInput
from fdtd_onn.fullwave.plan import NO_CHECKS, Checks
from fdtd_onn.network.build import build_network
from fdtd_onn.network.network import Network
from fdtd_onn.reduce import AnyModel, compile_model, load_model
from fdtd_onn.specs.device import Absorber, AnyDevice, GratingTap, Heater
from fdtd_onn.specs.fidelity import FidelityName
from fdtd_onn.specs.layout import DatasetName, Layout, MeshLayer, RuleName
from fdtd_onn.specs.load import design_path, load_device, load_layout
from fdtd_onn.store import Store
from fdtd_onn.training.datasets import Dataset, make_dataset
from fdtd_onn.training.loop import Progress
from fdtd_onn.training.loop import train as train_network
from fdtd_onn.training.run import TrainingRun


def layout_devices(layout: Layout, folder: Path) -> dict[str, AnyDevice]:
    """The device behind each short name: a file beside the layout, or a name from the library."""
    devices = {}
    for short, reference in layout.devices.items():
        try:
            devices[short] = load_device(_beside(reference, folder))
        except BadInput as error:
            raise BadInput(
                f"layout {layout.name}, devices.{short}: {error.where}", error.expected, error.got, error.cure
            ) from error
    for short, device in devices.items():
        if isinstance(device, Heater) and short not in _heaters(layout):
            expected, cure = "a device that light passes", "Name a phase shifter; compile the heater by itself."
            raise BadInput(f"layout {layout.name}, devices.{short}", expected, "a heater", cure)
        if isinstance(device, GratingTap):
            expected, cure = "a device that networks have a place for", "Compile the tap by itself."
            raise BadInput(f"layout {layout.name}, devices.{short}", expected, "a grating tap", cure)
    _check_places(layout, devices)
    _check_ranges(layout, devices)
    return devices


def _heaters(layout: Layout) -> list[str]:
    """Short names that layers give as their shifters' heaters."""
    layers = layout.network.layers
    return [layer.heater for layer in layers if isinstance(layer, MeshLayer) and layer.heater is not None]


def _check_places(layout: Layout, devices: Mapping[str, AnyDevice]) -> None:
    """Absorbers where a layer wants one, and nowhere else."""
    for i, layer in enumerate(layout.network.layers):
        mesh = isinstance(layer, MeshLayer)
        places = ("coupler", "phase_shifter") if mesh else ("absorber",)
        for place in places:
            device = devices[getattr(layer, place)]
            if isinstance(device, Absorber) == mesh:
                where = f"layout {layout.name}, network.layers[{i}].{place}"
                expected = "a linear device" if mesh else "a saturable absorber"
                raise BadInput(where, expected, device.kind, "Name another device.")


def _check_ranges(layout: Layout, devices: Mapping[str, AnyDevice]) -> None:
    """Refuse before any run what the compiled models would refuse after all of them."""
    wavelength = layout.network.wavelength_um
    for short, device in devices.items():
        grid = device.wavelengths
        if not grid.start_um <= wavelength <= grid.stop_um:
            expected = f"{grid.start_um:g} to {grid.stop_um:g}, where device {short!r} is characterised"
            raise BadInput(f"layout {layout.name}, network.wavelength_um", expected, wavelength, "Change one of them.")
    for i, layer in enumerate(layout.network.layers):
        tunable = devices[layer.coupler].tunable if isinstance(layer, MeshLayer) else None
        value = layer.coupler_value if isinstance(layer, MeshLayer) else None
        if tunable is not None and value is not None and not tunable.values[0] <= value <= tunable.values[-1]:
            expected = f"a {tunable.parameter} from {tunable.values[0]:g} to {tunable.values[-1]:g}"
            where = f"layout {layout.name}, network.layers[{i}].coupler_value"
            raise BadInput(where, expected, value, "Change it, or the device's tunable.values.")


def _beside(reference: str, folder: Path) -> str | Path:
    is_file = reference.endswith(".toml")
    return folder / reference if is_file else reference


def compile_devices(
    devices: Mapping[str, AnyDevice],
    fidelity: FidelityName,
    store: Store | None,
    workers: int | None,
    listener: Listener | None,
    checks: Checks = NO_CHECKS,
) -> tuple[dict[str, list[AnyResponse]], dict[str, AnyModel]]:
    """Characterise every device at all values of its tunable parameter, and compile each family."""
    families = {short: device.family() for short, device in devices.items()}
    flat = [member for family in families.values() for member in family]
    responses = iter(characterize_all(flat, fidelity, store, workers, listener, checks))
    grouped = {short: [next(responses) for _ in family] for short, family in families.items()}
    return grouped, {short: compile_model(family) for short, family in grouped.items()}


def load_network(
    layout: str | Path,
    models: str | Path | None = None,
    store: Store | None = None,
    workers: int | None = None,
    listener: Listener | None = None,
) -> Network:
    """The network of a layout (a file, or a name from the library).

    models: folder with a compiled `<device>.h5` for every device of the layout; with it nothing needs Meep. Without
    it devices are taken from the store, and characterised where it lacks them (minutes, or more). Raises BadInput.
    """
    spec = load_layout(layout)
    if models is None:
        devices = layout_devices(spec, design_path(layout, "layouts").parent)
        _, compiled = compile_devices(devices, spec.experiment.fidelity, store, workers, listener)
        return build_network(spec.network, compiled)
    files = {short: Path(models) / f"{Path(reference).stem}.h5" for short, reference in spec.devices.items()}
    for short, file in files.items():
        if not file.is_file():
            raise BadInput(
                str(file),
                f"the compiled model of device {short!r}",
                "no such file",
                "Compile it with `fdtd-onn compile`, or leave out the folder of models.",
            )
    return build_network(spec.network, {short: load_model(file) for short, file in files.items()})


def train(
    network: Network,
    dataset: DatasetName | Dataset,
    rule: RuleName,
    seed: int = 0,
    epochs: int = 200,
    batch_size: int = 30,
    learning_rate: float = 0.03,
    progress: Progress | None = None,
) -> TrainingRun:
    """Train a network. A data set given by name is generated from the same seed. Raises BadInput."""
    data = dataset if isinstance(dataset, Dataset) else make_dataset(dataset, seed)
    return train_network(network, data, rule, seed, epochs, batch_size, learning_rate, progress)
