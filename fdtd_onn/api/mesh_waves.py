"""The waves in a drawn mesh: of the whole in full wave, and of its parts' S-matrices joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.api.characterize import Listener, records_of
from fdtd_onn.api.mesh_drawing import MeshPlan, draw_mesh
from fdtd_onn.api.networks import compile_devices
from fdtd_onn.fullwave.execute import column_from
from fdtd_onn.fullwave.inference import columns_of
from fdtd_onn.fullwave.plan import scattering_run
from fdtd_onn.fullwave.scattering import Column
from fdtd_onn.fullwave.stamp import engine_stamp
from fdtd_onn.geometry.assembly import Connections, End, connections
from fdtd_onn.geometry.devices import geometry
from fdtd_onn.network.circuit import Circuit, Wiring, circuit_of, wire
from fdtd_onn.network.topology import MeshTopology
from fdtd_onn.reduce.scattering import ScatteringModel
from fdtd_onn.responses.field_map import FieldMap
from fdtd_onn.specs.base import canonical_json
from fdtd_onn.specs.device import AnyDevice, Assembly, Coupler, PhaseShifter
from fdtd_onn.specs.fidelity import FidelityName, settings_of
from fdtd_onn.specs.runs import run_key
from fdtd_onn.store import Store

Complex = NDArray[np.complex128]
Real = NDArray[np.float64]

MONITORED_UM = 0.5  # of straight guide behind every shifter: what a step of index scatters has gone by its middle


@dataclass(frozen=True, eq=False)
class DrawnMesh:
    """A mesh to be drawn: its devices, and the temperature of every driven shifter, (phases,) in K."""

    topology: MeshTopology
    coupler: Coupler
    shifter: PhaseShifter
    delta_t_k: Real

    @property
    def assembly(self) -> Assembly:
        """The drawing, with monitors behind every shifter."""
        plan = MeshPlan(self.topology, self.coupler, self.shifter, monitored_um=MONITORED_UM)
        return draw_mesh(f"mesh_{self.topology.ports}", plan, self.delta_t_k)

    @property
    def wavelengths_um(self) -> Real:
        """(n_wl,) of the coupler, at which everything is compared."""
        grid = self.coupler.wavelengths
        return np.linspace(grid.start_um, grid.stop_um, grid.points)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Ports on the left, from the lowest guide up."""
        return tuple(f"o{k + 1}" for k in range(self.topology.ports))

    @property
    def outputs(self) -> tuple[str, ...]:
        """Ports on the right, from the lowest guide up."""
        return tuple(f"o{2 * self.topology.ports - k}" for k in range(self.topology.ports))

    def with_temperature(self, phase: int, delta_t_k: float) -> DrawnMesh:
        """One shifter at another temperature."""
        changed = self.delta_t_k.copy()
        changed[phase] = delta_t_k
        return replace(self, delta_t_k=changed)


@dataclass(frozen=True, eq=False)
class Waves:
    """What a mesh does with light, by full wave or joined; N guides from the lowest up, some outputs lit.

    transfer: (n_wl, N, N) from inputs to outputs. reflected: (n_wl, N, N) from inputs back to inputs.
    forward: (n_wl, n_monitors, N) waves to the right at the monitors for light into each input. backward: (n_wl,
    n_monitors, n_lit) waves to the left there for light into each lit output. Those of joined parts are taken where
    shifter and monitored guide meet: without loss between, products of a forward and a backward wave are the same.
    """

    transfer: Complex
    reflected: Complex
    forward: Complex
    backward: Complex


@dataclass(frozen=True)
class Workshop:
    """Where and how runs are done: at a fidelity's finer grid, kept in a store, some side by side."""

    fidelity: FidelityName
    store: Store
    workers: int | None = None
    listener: Listener | None = None

    def columns(self, wanted: Sequence[tuple[AnyDevice, str]]) -> list[Column]:
        """A column of S for every device and port, computed where the store has none.

        Raises BadInput as a plan does, and RunFailed.
        """
        stamp = engine_stamp()
        runs = [scattering_run(device, settings_of(device, self.fidelity), port) for device, port in wanted]
        keys = [run_key(run, stamp) for run in runs]
        records = records_of(dict(zip(keys, runs, strict=True)), self.store, self.workers, self.listener)
        return [column_from(records[key]) for key in keys]


def whole(mesh: DrawnMesh, lit: Sequence[int], shop: Workshop) -> tuple[Waves, FieldMap]:
    """The mesh in full wave, and the light in it from its first input.

    lit: outputs (guides from the lowest) into which light is sent as well.
    """
    drawing, n = mesh.assembly, mesh.topology.ports
    sources = [*mesh.inputs, *(mesh.outputs[k] for k in lit)]
    columns = shop.columns([(drawing, port) for port in sources])
    s = np.stack([column.s.T for column in columns], axis=2)
    inner = np.stack([_inner(column) for column in columns], axis=3)  # (n_monitors, n_wl, 2, n_sources)
    names = [port.name for port in geometry(drawing, 0.0).ports]
    left, right = ([names.index(port) for port in side] for side in (mesh.inputs, mesh.outputs))
    forward, backward = inner[:, :, 0, :n], inner[:, :, 1, n:]
    waves = Waves(
        transfer=s[:, right, :n],
        reflected=s[:, left, :n],
        forward=forward.swapaxes(0, 1),
        backward=backward.swapaxes(0, 1),
    )
    return waves, _field(drawing, columns[0])


def _field(drawing: Assembly, column: Column) -> FieldMap:
    component = "Hz" if drawing.polarization == "te" else "Ez"
    return FieldMap(column.field, column.field_extent_um, component, "o1", drawing.centre_um)


def _inner(column: Column) -> Complex:
    if column.inner is None:
        raise ValueError("a mesh without monitors")
    return column.inner


def parts_on_grid(mesh: DrawnMesh, shop: Workshop) -> list[Complex]:
    """(n_wl, p, p) of every part of the drawing, each from full-wave runs of its own on a grid of the same pitch."""
    devices = {_key(part.device): part.device for part in mesh.assembly.parameters.parts}
    needed = {key: columns_of(device) for key, device in devices.items()}
    places = [(key, port) for key, columns in needed.items() for port in columns.computed]
    found = dict(zip(places, shop.columns([(devices[key], port) for key, port in places]), strict=True))
    s = {}
    for key, columns in needed.items():
        computed = {port: found[key, port].s.T for port in columns.computed}
        s[key] = np.stack([columns.column(name, computed) for name in columns.names], axis=2)
    return [s[_key(part.device)] for part in mesh.assembly.parameters.parts]


def parts_compiled(mesh: DrawnMesh, shop: Workshop) -> list[Complex]:
    """(n_wl, p, p) of every part of the drawing from compiled models.

    The grid's dispersion, which compiling takes out, is put back as each part's own run has it: a coupler's bends and
    the straight guide beside it lag differently, so within a mesh it cannot be told apart from a phase.
    """
    parts, wavelengths = mesh.assembly.parameters.parts, mesh.wavelengths_um
    families = {part.device.name: part.device for part in parts}
    families |= {mesh.shifter.name: mesh.shifter, mesh.coupler.name: mesh.coupler}
    _, models = compile_devices(families, shop.fidelity, shop.store, shop.workers, shop.listener)

    devices = {_key(part.device): part.device for part in parts}
    columns = shop.columns([(device, "o1") for device in devices.values()])
    s = {}
    for (key, device), column in zip(devices.items(), columns, strict=True):
        model = models[device.name]
        assert isinstance(model, ScatteringModel)
        value = None if model.parameter is None else [getattr(device.parameters, model.parameter)]
        turn = np.exp(1j * column.lag.T)
        without = np.stack([model.s_matrices(float(w), value)[0] for w in wavelengths])
        s[key] = turn[:, :, None] * without * turn[:, None, :]
    return [s[_key(part.device)] for part in parts]


def _key(device: AnyDevice) -> str:
    return canonical_json(device.physics())


def joined(mesh: DrawnMesh, lit: Sequence[int], s_parts: Sequence[Complex], reflections: bool) -> Waves:
    """The parts' S-matrices joined, with all they reflect or with none of it; s_parts: (n_wl, p, p) of each part."""
    drawing = mesh.assembly
    found = connections(drawing)
    wiring = wiring_of(found, mesh.inputs, mesh.outputs)
    guides = [(number, "o1") for number, part in enumerate(drawing.parameters.parts) if part.monitored]
    shifters = [end for guide in guides if (end := found.partner(guide)) is not None]
    entered = [[wiring.ports.index(_port(end)) for end in ends] for ends in (guides, shifters)]
    whole = [circuit_of(wiring, np.concatenate([s[k].ravel() for s in s_parts])) for k in range(len(s_parts[0]))]
    solved = [_waves(circuit if reflections else circuit.without_reflections(), lit, *entered) for circuit in whole]
    return Waves(*(np.stack(values) for values in zip(*solved, strict=True)))


def wiring_of(found: Connections, inputs: Sequence[str], outputs: Sequence[str]) -> Wiring:
    """An assembly's joints as a circuit's; inputs, outputs: names of its open ports."""
    nodes = {str(number): tuple(port.name for port in part.ports) for number, part in enumerate(found.parts)}
    joints = [(_port(left), _port(right)) for left, right in found.joints]
    left, right = ([_port(found.open_ends[name]) for name in side] for side in (inputs, outputs))
    return wire(nodes, joints, left, right)


def _waves(
    circuit: Circuit, lit: Sequence[int], guides: Sequence[int], shifters: Sequence[int]
) -> tuple[Complex, Complex, Complex, Complex]:
    """What `Waves` holds, at one wavelength; guides, shifters: numbers of the ports that the waves enter."""
    wiring, solved = circuit.wiring, circuit.solve()
    from_left = solved.forward(np.eye(wiring.inputs.size, dtype=complex))
    from_right = solved.backward(np.eye(wiring.outputs.size, dtype=complex)[:, list(lit)])
    leaving = solved.leaving(from_left)
    return leaving[wiring.outputs], leaving[wiring.inputs], from_left[guides], from_right[shifters]


def _port(end: End) -> str:
    return f"{end[0]}.{end[1]}"
