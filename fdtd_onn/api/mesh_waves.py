"""The waves in a drawn mesh: of the whole in full wave, and of its parts' S-matrices joined."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.api.joined import Joined, join, transmission_only
from fdtd_onn.api.mesh_drawing import MeshPlan, draw_mesh
from fdtd_onn.api.networks import compile_devices
from fdtd_onn.cluster.local import run_side_by_side
from fdtd_onn.errors import RunFailed
from fdtd_onn.fullwave.execute import column_from
from fdtd_onn.fullwave.inference import columns_of
from fdtd_onn.fullwave.scattering import Column
from fdtd_onn.fullwave.stamp import engine_stamp
from fdtd_onn.geometry.assembly import End, connections
from fdtd_onn.geometry.devices import geometry
from fdtd_onn.network.topology import MeshTopology
from fdtd_onn.reduce.scattering import ScatteringModel
from fdtd_onn.responses.field_map import FieldMap
from fdtd_onn.specs.base import canonical_json
from fdtd_onn.specs.device import AnyDevice, Assembly, Coupler, PhaseShifter
from fdtd_onn.specs.device.assembly import PartDevice
from fdtd_onn.specs.fidelity import FidelityName, settings_of
from fdtd_onn.specs.runs import ScatteringRun, run_key, title
from fdtd_onn.store import Store

Complex = NDArray[np.complex128]
Real = NDArray[np.float64]

#: (finished, all, title of the run that has just finished).
Listener = Callable[[int, int, str], None]

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

    transfer: (n_wl, N, N) from inputs to outputs. reflected: (n_wl, N, N) from inputs back to inputs. lag: (n_wl, N, N)
    rad, what the grid's dispersion adds to the phase of the transfer; 0 where it has been taken out.
    forward: (n_wl, n_monitors, N) waves to the right at the monitors for light into each input. backward: (n_wl,
    n_monitors, n_lit) waves to the left there for light into each lit output. Those of joined parts are taken where
    shifter and monitored guide meet: without loss between, products of a forward and a backward wave are the same.
    """

    transfer: Complex
    lag: Real
    reflected: Complex
    forward: Complex
    backward: Complex


@dataclass(frozen=True)
class Workshop:
    """Where and how runs are done: at a fidelity's finer grid, kept in a store, some side by side."""

    fidelity: FidelityName
    store: Store
    workers: int
    listener: Listener

    def columns(self, wanted: Sequence[tuple[AnyDevice, str]]) -> list[Column]:
        """A column of S for every device and port, computed where the store has none. Raises RunFailed."""
        stamp = engine_stamp()
        runs = [self._run(device, port) for device, port in wanted]
        keys = [run_key(run, stamp) for run in runs]
        missing = [run for key, run in dict(zip(keys, runs, strict=True)).items() if not self.store.has(key)]
        finished = 0
        for update in run_side_by_side(missing, self.store.root, self.workers):
            finished += update.finished
            if update.finished:
                self.listener(finished, len(missing), title(missing[update.job]))
        return [self._read(key) for key in keys]

    def _run(self, device: AnyDevice, port: str) -> ScatteringRun:
        settings = settings_of(device, self.fidelity)
        return ScatteringRun(device=device, fidelity=settings, resolution=settings.resolution, port=port)

    def _read(self, key: str) -> Column:
        record = self.store.read(key)
        if record is None:
            raise RunFailed(f"expected the run {key} in the store {self.store.root}, found nothing: is the disk full?")
        return column_from(record)


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
    lag = columns[0].lag.T
    waves = Waves(
        transfer=s[:, right, :n],
        lag=lag[:, right, None] + lag[:, None, left],
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
    """(n_wl, p, p) of every part of the drawing from compiled models, the grid's dispersion taken out."""
    parts, wavelengths = mesh.assembly.parameters.parts, mesh.wavelengths_um
    families = {part.device.name: part.device for part in parts}
    families |= {mesh.shifter.name: mesh.shifter, mesh.coupler.name: mesh.coupler}
    _, models = compile_devices(families, shop.fidelity, shop.store, shop.workers, None)

    def s_of(device: PartDevice) -> Complex:
        model = models[device.name]
        assert isinstance(model, ScatteringModel)
        value = None if model.parameter is None else [getattr(device.parameters, model.parameter)]
        return np.stack([model.s_matrices(float(w), value)[0] for w in wavelengths])

    known = {_key(part.device): s_of(part.device) for part in parts}
    return [known[_key(part.device)] for part in parts]


def _key(device: AnyDevice) -> str:
    return canonical_json(device.physics())


def joined(mesh: DrawnMesh, lit: Sequence[int], s_parts: Sequence[Complex], reflections: bool) -> Waves:
    """The parts' S-matrices joined, with all they reflect or with none of it."""
    drawing = mesh.assembly
    found = connections(drawing)
    solved = join(found, s_parts if reflections else transmission_only(found, s_parts))
    names = list(found.open_ends)
    left, right = ([names.index(port) for port in side] for side in (mesh.inputs, mesh.outputs))
    guides = [(number, "o1") for number, part in enumerate(drawing.parameters.parts) if part.monitored]
    shifters = [end for guide in guides if (end := found.partner(guide)) is not None]
    return Waves(
        transfer=solved.s[:, right][:, :, left],
        lag=np.zeros((len(solved.s), len(right), len(left))),
        reflected=solved.s[:, left][:, :, left],
        forward=_into(solved, guides)[:, :, left],
        backward=_into(solved, shifters)[:, :, [right[k] for k in lit]],
    )


def _into(solved: Joined, ends: Sequence[End]) -> Complex:
    return np.stack([solved.into(end) for end in ends], axis=1)
