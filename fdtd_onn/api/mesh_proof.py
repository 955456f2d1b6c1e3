"""A whole mesh in one full-wave run against its devices' S-matrices joined: transfer, waves within, gradients.

Everything is compared as the grid has it, numerical dispersion included: guides of a mesh lie in their pixels as those
of the single devices do, so that joining is all that differs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.api.joined import Joined, join, transmission_only
from fdtd_onn.api.mesh_drawing import draw_mesh
from fdtd_onn.cluster.local import run_side_by_side
from fdtd_onn.errors import RunFailed
from fdtd_onn.fullwave.execute import column_from
from fdtd_onn.fullwave.inference import columns_of
from fdtd_onn.fullwave.scattering import Column
from fdtd_onn.fullwave.stamp import engine_stamp
from fdtd_onn.geometry.assembly import connections
from fdtd_onn.geometry.devices import geometry
from fdtd_onn.network.topology import MeshTopology
from fdtd_onn.specs.base import canonical_json
from fdtd_onn.specs.device import AnyDevice, Assembly, Coupler, PhaseShifter
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
        n, t = self.topology.ports, self.delta_t_k
        return draw_mesh(f"mesh_{n}", self.topology, self.coupler, self.shifter, t, monitored_um=MONITORED_UM)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Ports on the left, from the lowest guide up."""
        return tuple(f"o{k + 1}" for k in range(self.topology.ports))

    @property
    def outputs(self) -> tuple[str, ...]:
        """Ports on the right, from the lowest guide up."""
        return tuple(f"o{2 * self.topology.ports - k}" for k in range(self.topology.ports))

    @property
    def driven(self) -> NDArray[np.intp]:
        """(phases,) number of the monitor behind each driven shifter."""
        return self.topology.shifter_plane * self.topology.ports + self.topology.shifter_guide

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
    n_monitors, n_lit) waves to the left there for light into each lit output. Those of joined parts are taken at a
    monitored guide's ends, where light enters: products of one forward and one backward wave are the same.
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


def whole(mesh: DrawnMesh, lit: Sequence[int], shop: Workshop) -> Waves:
    """The mesh in full wave; lit: outputs (guides from the lowest) into which light is sent as well."""
    drawing, n = mesh.assembly, mesh.topology.ports
    sources = [*mesh.inputs, *(mesh.outputs[k] for k in lit)]
    columns = shop.columns([(drawing, port) for port in sources])
    s = np.stack([column.s.T for column in columns], axis=2)
    inner = np.stack([_inner(column) for column in columns], axis=3)  # (n_monitors, n_wl, 2, n_sources)
    names = [port.name for port in geometry(drawing, 0.0).ports]
    left, right = ([names.index(port) for port in side] for side in (mesh.inputs, mesh.outputs))
    forward, backward = inner[:, :, 0, :n], inner[:, :, 1, n:]
    return Waves(s[:, right, :n], s[:, left, :n], forward.swapaxes(0, 1), backward.swapaxes(0, 1))


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


def _key(device: AnyDevice) -> str:
    return canonical_json(device.physics())


def joined(mesh: DrawnMesh, lit: Sequence[int], s_parts: Sequence[Complex], reflections: bool) -> Waves:
    """The parts' S-matrices joined, with all they reflect or with none of it."""
    drawing = mesh.assembly
    found = connections(drawing)
    solved = join(found, s_parts if reflections else transmission_only(found, s_parts))
    names = list(found.open_ends)
    left, right = ([names.index(port) for port in side] for side in (mesh.inputs, mesh.outputs))
    monitored = [number for number, part in enumerate(drawing.parameters.parts) if part.monitored]
    return Waves(
        transfer=solved.s[:, right][:, :, left],
        reflected=solved.s[:, left][:, :, left],
        forward=_into(solved, monitored, "o1")[:, :, left],
        backward=_into(solved, monitored, "o2")[:, :, [right[k] for k in lit]],
    )


def _into(solved: Joined, parts: Sequence[int], port: str) -> Complex:
    return np.stack([solved.into((number, port)) for number in parts], axis=1)


def relative_error(got: Complex, expected: Complex) -> Real:
    """(n_wl,) Frobenius norm of the difference of two transfer matrices (n_wl, N, N), over that of the expected one."""
    difference, norm = (np.linalg.norm(m, axis=(1, 2)) for m in (got - expected, expected))
    return np.asarray(difference / norm)


def error_by_plane(mesh: DrawnMesh, got: Waves, expected: Waves) -> Real:
    """(n_wl, planes) the same of the forward waves behind every plane of shifters.

    But for one phase, that of half a monitored guide, which is found on the first plane.
    """
    shape = (len(got.forward), mesh.topology.planes, -1)
    a, b = got.forward.reshape(shape), expected.forward.reshape(shape)
    common = np.angle(np.sum(b[:, 0] * a[:, 0].conj(), axis=1))
    a = a * np.exp(1j * common)[:, None, None]
    return np.asarray(np.linalg.norm(a - b, axis=2) / np.linalg.norm(b, axis=2))


def gradient(mesh: DrawnMesh, waves: Waves, x: Complex, weights: Real, lit: Sequence[int]) -> Real:
    """(n_wl, phases) dL/dφ of L = Σ w |y|² over the lit outputs, for amplitudes x into the inputs.

    From the waves behind every shifter, as taps read them: the forward one a, and the backward one b for δ = w y* sent
    back into the outputs, −2 Im(a b) (Hughes et al., Optica 5, 864 (2018)).
    """
    y = waves.transfer @ x
    delta = weights * y[:, list(lit)].conj()
    a, b = waves.forward @ x, np.einsum("wmj,wj->wm", waves.backward, delta)
    return np.asarray(-2.0 * np.imag(a * b)[:, mesh.driven])


def loss(waves: Waves, x: Complex, weights: Real, lit: Sequence[int]) -> Real:
    """(n_wl,) L = Σ w |y|² over the lit outputs."""
    return np.asarray(np.abs((waves.transfer @ x)[:, list(lit)]) ** 2 @ weights)


def cosine(a: Real, b: Real) -> float:
    """Of the angle between two gradients."""
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))
