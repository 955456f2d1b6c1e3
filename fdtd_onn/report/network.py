"""What the report says of a network: its parts as the layout uses them, and where its light goes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.api.experiment import Experiment
from fdtd_onn.network.activation import AbsorberActivation
from fdtd_onn.network.circuit_layer import CircuitLayer
from fdtd_onn.network.electronic import ElectronicActivation
from fdtd_onn.network.mesh import Mesh
from fdtd_onn.network.network import Layer
from fdtd_onn.network.reflections import reflections
from fdtd_onn.training.run import TrainingRun
from fdtd_onn.units import db_from_power_ratio

Complex = NDArray[np.complex128]
MW_PER_W = 1e3


@dataclass(frozen=True)
class Station:
    """The light at one place of the trained network, over the test samples.

    total_mw: mean over the samples, of all guides. loss_db: since the input. brightest_mw: on any one guide.
    """

    place: str
    total_mw: float
    loss_db: float
    brightest_mw: float


@dataclass(frozen=True)
class MeshNumbers:
    """One mesh's devices at the network's wavelength.

    coupling_ratio, coupling_deviation: power share that changes guide, its mean and standard deviation over the
    couplers. coupler_excess_loss_db: averaged over couplers and inputs. tap_loss_db: of what follows a shifter.
    two_pi_k: heating that turns a shifter by 2π. shifter_loss_db: of all its sections, unheated.
    """

    place: str
    nodes: int
    phases: int
    coupling_ratio: float
    coupling_deviation: float
    coupler_excess_loss_db: float
    two_pi_k: float
    shifter_loss_db: float
    tap_loss_db: float


@dataclass(frozen=True)
class ReflectionNumbers:
    """One mesh or netlist. difference, counted: as in `Reflections`."""

    place: str
    difference: float
    counted: bool


@dataclass(frozen=True)
class NetworkNumbers:
    """The network as a whole; budget and reflections are of the training run named by `budget_rule`, `budget_seed`.

    largest_power_mw: total input up to which no setting of the phases leaves the absorbers' range; None if unlimited.
    """

    ports: int
    wavelength_um: float
    phases: int
    input_power_mw: float
    largest_power_mw: float | None
    readout: str
    meshes: tuple[MeshNumbers, ...]
    reflections: tuple[ReflectionNumbers, ...]
    budget_rule: str
    budget_seed: int
    budget: tuple[Station, ...]


def network_numbers(experiment: Experiment) -> NetworkNumbers:
    """Read them off a network and the first of its training runs."""
    network, run = experiment.network, experiment.runs[0]
    spec, limit = network.spec, network.max_power_w
    names = layer_names(network.layers)
    named = list(zip(names, network.layers, strict=True))
    return NetworkNumbers(
        ports=spec.ports,
        wavelength_um=spec.wavelength_um,
        phases=network.phase_count,
        input_power_mw=spec.input.power_mw,
        largest_power_mw=limit * MW_PER_W if np.isfinite(limit) else None,
        readout=f"{spec.readout.kind} on guides {', '.join(str(port + 1) for port in spec.readout.ports)}",
        meshes=tuple(_mesh_numbers(name, layer) for name, layer in named if isinstance(layer, Mesh)),
        reflections=tuple(
            ReflectionNumbers(names[r.layer], r.difference, r.counted)
            for r in reflections(network, experiment.models, run.phases)
        ),
        budget_rule=run.rule,
        budget_seed=run.seed,
        budget=power_budget(run),
    )


def layer_names(layers: tuple[Layer, ...]) -> tuple[str, ...]:
    """Kind and number, counted from the input side, as in "mesh 1", "absorbers 1", "mesh 2"."""
    others = {AbsorberActivation: "absorbers", ElectronicActivation: "electronics", CircuitLayer: "netlist"}
    kinds = [others.get(type(layer), "mesh") for layer in layers]
    return tuple(f"{kind} {kinds[: i + 1].count(kind)}" for i, kind in enumerate(kinds))


def power_budget(run: TrainingRun) -> tuple[Station, ...]:
    """The light at the input and behind every layer of a trained network, over its test samples."""
    network = run.network
    phases = network.drive.actual(run.phases)
    field = network.generator.emit(run.encoding.fields(run.dataset.test.features))
    power_in = _mean_total(field)
    stations = [_station("input", field, power_in)]
    names = layer_names(network.layers)
    for name, layer, part in zip(names, network.layers, network.phase_slices, strict=True):
        field, _residual = layer.forward(phases[part], field)
        stations.append(_station(f"behind {name}", field, power_in))
    read = field[list(network.spec.readout.ports)]
    stations.append(_station("at the detectors", read, power_in))
    return tuple(stations)


def _station(place: str, field: Complex, power_in: float) -> Station:
    total = _mean_total(field)
    loss_db = float(-db_from_power_ratio(total / power_in))
    return Station(place, MW_PER_W * total, loss_db, MW_PER_W * float(np.max(np.abs(field) ** 2)))


def _mean_total(field: Complex) -> float:
    return float(np.mean(np.sum(np.abs(field) ** 2, axis=0)))


def _mesh_numbers(place: str, mesh: Mesh) -> MeshNumbers:
    power = np.abs(mesh.couplers.forward) ** 2
    crossed, total = power[:, 0, 1] + power[:, 1, 0], power.sum(axis=(1, 2))
    shifter = mesh.shifters.models[0]
    return MeshNumbers(
        place=place,
        nodes=mesh.topology.coupler_guide.size // 2,
        phases=mesh.phase_count,
        coupling_ratio=float(crossed.mean() / total.mean()),
        coupling_deviation=float(np.std(crossed / total)),
        coupler_excess_loss_db=float(-db_from_power_ratio(total.mean() / 2.0)),
        two_pi_k=float(shifter.temperature(2.0 * np.pi)),
        shifter_loss_db=float(-db_from_power_ratio(np.abs(shifter.forward(0.0)) ** 2)),
        tap_loss_db=float(-db_from_power_ratio(np.mean(np.abs(mesh.guides.forward) ** 2))),
    )
