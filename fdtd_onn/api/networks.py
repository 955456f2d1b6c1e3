"""Networks from layouts, and their training, under the public names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.api.characterize import AnyResponse, Listener, characterize_all
from fdtd_onn.errors import BadInput
from fdtd_onn.fullwave.inference import columns_of
from fdtd_onn.fullwave.plan import NO_CHECKS, Checks
from fdtd_onn.network.build import build_network
from fdtd_onn.network.netlist import netlist_wiring, require_drivable
from fdtd_onn.network.network import Network
from fdtd_onn.network.spread import coupler_key, coupler_values, require_covered
from fdtd_onn.network.topology import topology
from fdtd_onn.reduce import AnyModel, compile_model, load_model
from fdtd_onn.specs.device import Absorber, AnyDevice, GratingTap, Heater
from fdtd_onn.specs.fidelity import FidelityName
from fdtd_onn.specs.layout import DatasetName, Layout, MeshLayer, NetlistLayer, PlaceKind, RuleName
from fdtd_onn.specs.load import design_path, load_device, load_layout
from fdtd_onn.store import Store
from fdtd_onn.training.checkpoint import Checkpoint
from fdtd_onn.training.datasets import Dataset, make_dataset
from fdtd_onn.training.loop import Progress
from fdtd_onn.training.loop import train as train_network
from fdtd_onn.training.run import TrainingRun

IN_PLACE: dict[PlaceKind, str] = {
    "linear": "a linear device",
    "absorber": "a saturable absorber",
    "tap": "a grating tap",
    "heater": "a heater",
}


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
    _check_places(layout, devices)
    _check_ranges(layout, devices)
    _check_heaters(layout, devices)
    _check_netlists(layout, devices)
    return devices


def _check_places(layout: Layout, devices: Mapping[str, AnyDevice]) -> None:
    """Every device where its kind belongs."""
    for i, layer in enumerate(layout.network.layers):
        for key, short, wanted in layer.places:
            device = devices[short]
            if _kind(device) != wanted:
                where = f"layout {layout.name}, network.layers[{i}].{key}"
                raise BadInput(where, IN_PLACE[wanted], device.kind, "Name another device.")


def _kind(device: AnyDevice) -> PlaceKind:
    special: dict[type, PlaceKind] = {Absorber: "absorber", GratingTap: "tap", Heater: "heater"}
    return special.get(type(device), "linear")


def _check_ranges(layout: Layout, devices: Mapping[str, AnyDevice]) -> None:
    """Refuse before any run what the compiled models would refuse after all of them."""
    wavelength = layout.network.wavelength_um
    for short, device in devices.items():
        grid = device.wavelengths
        if not grid.start_um <= wavelength <= grid.stop_um:
            expected = f"{grid.start_um:g} to {grid.stop_um:g}, where device {short!r} is characterised"
            raise BadInput(f"layout {layout.name}, network.wavelength_um", expected, wavelength, "Change one of them.")
    for i, layer in enumerate(layout.network.layers):
        where = f"layout {layout.name}, network.layers[{i}]"
        if isinstance(layer, MeshLayer):
            values = coupler_values(layer, i, topology(layer.topology, layout.network.ports))
            _check_tunable(f"{where}.{coupler_key(layer)}", devices[layer.coupler], values)
        elif isinstance(layer, NetlistLayer):
            for name, node in layer.nodes.items():
                value = None if node.value is None else np.array([node.value])
                _check_tunable(f"{where}.nodes.{name}.value", devices[node.device], value)


def _check_tunable(where: str, device: AnyDevice, values: NDArray[np.float64] | None) -> None:
    """Refuse values outside those that the device is characterised at."""
    tunable = device.tunable
    if tunable is not None and values is not None:
        require_covered(where, tunable.parameter, values, tunable.values[0], tunable.values[-1])


def _check_heaters(layout: Layout, devices: Mapping[str, AnyDevice]) -> None:
    """Refuse heaters that would lie on one another."""
    for i, layer in enumerate(layout.network.layers):
        if isinstance(layer, MeshLayer) and layer.heater is not None:
            heater = devices[layer.heater.device]
            if isinstance(heater, Heater):
                where = f"layout {layout.name}, network.layers[{i}]"
                _check_pitch(f"{where}.plane_pitch_um", layer.plane_pitch_um, heater.parameters.length_um)
                _check_pitch(f"{where}.guide_pitch_um", layer.guide_pitch_um, heater.parameters.heater_width_um)


def _check_pitch(where: str, pitch_um: float | None, size_um: float) -> None:
    if pitch_um is not None and pitch_um < size_um:
        raise BadInput(
            where, f"at least {size_um:g} µm, the heater's size", f"{pitch_um:g} µm", "Move the parts apart."
        )


def _check_netlists(layout: Layout, devices: Mapping[str, AnyDevice]) -> None:
    """Refuse joints that the devices have no ports for, and values or training that they have no use for."""
    for i, layer in enumerate(layout.network.layers):
        if isinstance(layer, NetlistLayer):
            where = f"layout {layout.name}, network.layers[{i}]"
            for name, node in layer.nodes.items():
                tunable = devices[node.device].tunable
                require_drivable(f"{where}.nodes.{name}", node, None if tunable is None else tunable.parameter)
            ports = {node.device: columns_of(devices[node.device]).names for node in layer.nodes.values()}
            netlist_wiring(where, layer, ports)


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
    """The network of a layout (a file, or a name from the library); arguments and errors as `load_models`."""
    return build_network(load_layout(layout).network, load_models(layout, models, store, workers, listener))


def load_models(
    layout: str | Path,
    models: str | Path | None = None,
    store: Store | None = None,
    workers: int | None = None,
    listener: Listener | None = None,
) -> dict[str, AnyModel]:
    """The compiled models of a layout's devices, by the short names that it uses.

    models: folder with a compiled `<device>.h5` for every device of the layout; with it nothing needs Meep. Without
    it devices are taken from the store, and characterised where it lacks them (minutes, or more). Raises BadInput.
    """
    spec = load_layout(layout)
    if models is None:
        devices = layout_devices(spec, design_path(layout, "layouts").parent)
        _, compiled = compile_devices(devices, spec.experiment.fidelity, store, workers, listener)
        return compiled
    files = {short: Path(models) / f"{Path(reference).stem}.h5" for short, reference in spec.devices.items()}
    for short, file in files.items():
        if not file.is_file():
            raise BadInput(
                str(file),
                f"the compiled model of device {short!r}",
                "no such file",
                "Compile it with `fdtd-onn compile`, or leave out the folder of models.",
            )
    return {short: load_model(file) for short, file in files.items()}


def train(
    network: Network,
    dataset: DatasetName | Dataset,
    rule: RuleName,
    seed: int = 0,
    epochs: int = 200,
    batch_size: int = 30,
    learning_rate: float = 0.03,
    progress: Progress | None = None,
    checkpoint: str | Path | None = None,
) -> TrainingRun:
    """Train a network. A data set given by name is generated from the same seed. Raises BadInput.

    checkpoint: a file that the training's state is written to every few seconds; if it is there, the same training
    goes on from it, to the same result as without a stop.
    """
    data = dataset if isinstance(dataset, Dataset) else make_dataset(dataset, seed)
    kept = None if checkpoint is None else Checkpoint(Path(checkpoint))
    return train_network(network, data, rule, seed, epochs, batch_size, learning_rate, progress, kept)
