"""Print what a training step of a mesh costs, beside one matrix product and a jitted JAX mesh: `training.py [--json]`.

A step is the output fields, the loss and all phase gradients of a Clements mesh whose couplers all differ and lose
light. One thread. Times are medians in ms of
the processor's time, which other work on the machine does not stretch as much as the clock's; the contestants take
turns. `gemm_ms` is one complex64 product (N × N)(N × B) of NumPy's. `jax_ms` is the better of two ways to write the
mesh in JAX, null where that is not installed or the size is for scaling only. `mesh_ms` is a step of the package's
`Mesh`, complex128 and with its phase shifters' compiled curves, the gradient in front of the mesh included.
"""

from __future__ import annotations

import os

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "JAX_PLATFORMS": "cpu"}
ONE_THREAD["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ.update(ONE_THREAD)  # read when the libraries are loaded
os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

import json  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable, Sequence  # noqa: E402
from dataclasses import asdict, dataclass  # noqa: E402
from functools import partial  # noqa: E402
from typing import Any  # noqa: E402

import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402
from scipy.interpolate import CubicHermiteSpline  # noqa: E402

from fdtd_onn.network import kernel  # noqa: E402
from fdtd_onn.network.mesh import CouplerTransfer, Mesh, plain_guides  # noqa: E402
from fdtd_onn.network.phase_shifter import PhaseShifter  # noqa: E402
from fdtd_onn.network.shifter_bank import equal_shifters  # noqa: E402
from fdtd_onn.network.topology import MeshTopology, clements  # noqa: E402

SIZES = [(ports, batch) for ports in (8, 16, 32, 64) for batch in (32, 128, 512)]
SCALING = [(64, 8), (64, 2048), (128, 512), (256, 512)]
BUDGET_S, MOST, FEWEST, TURN = 3.0, 500, 15, 5
LOSS = 0.99  # amplitude that a phase shifter passes

Step = Callable[[], object]


@dataclass(frozen=True)
class Row:
    """One size; times in ms."""

    ports: int
    batch: int
    step_ms: float
    gemm_ms: float
    jax_ms: float | None
    jax_fields_ms: float | None
    jax_contracted_ms: float | None
    step_complex128_ms: float
    mesh_ms: float


@dataclass(frozen=True, eq=False)
class Problem:
    """Phases (P,), couplers (K, 2, 2), input fields and wanted output fields (N, B)."""

    topology: MeshTopology
    phases: NDArray[Any]
    couplers: NDArray[Any]
    x: NDArray[Any]
    wanted: NDArray[Any]

    def __len__(self) -> int:
        """Samples."""
        return int(self.x.shape[1])


def problem(ports: int, batch: int, dtype: type) -> Problem:
    """Couplers of 40 to 60 % and 0 to 10 % loss, each its own; light of unit variance."""
    rng, topology = np.random.default_rng(ports), clements(ports)
    count = topology.coupler_guide.size
    ratio, passed = rng.uniform(0.4, 0.6, count), rng.uniform(0.9, 1.0, count)
    through, cross = np.sqrt(1 - ratio), 1j * np.sqrt(ratio)
    couplers = np.sqrt(passed)[:, None, None] * np.moveaxis(np.array([[through, cross], [cross, through]]), 2, 0)
    x, wanted = rng.standard_normal((2, ports, batch)) + 1j * rng.standard_normal((2, ports, batch))
    phases = rng.uniform(0, 2 * np.pi, topology.shifter_guide.size).astype(np.dtype(dtype).type().real.dtype)
    return Problem(topology, phases, couplers.astype(dtype), x.astype(dtype), wanted.astype(dtype))


def kernel_step(p: Problem) -> tuple[float, NDArray[Any]]:
    """Loss and its gradient in the phases."""
    transfer = np.full((p.topology.planes, p.topology.ports), LOSS, p.x.dtype)
    turned = np.empty(p.phases.size, p.x.dtype)
    turned.real, turned.imag = LOSS * np.cos(p.phases), LOSS * np.sin(p.phases)
    transfer.reshape(-1)[p.topology.shifter_at] = turned
    y, sweep = kernel.forward(p.topology.coupler_at, transfer, p.couplers, p.x)
    loss, delta = squared_error(y, p.wanted)
    overlap = kernel.overlaps(p.topology.coupler_at, transfer, p.couplers, sweep, delta)
    return loss, -2.0 * overlap.take(p.topology.shifter_at).imag


def squared_error(y: NDArray[Any], wanted: NDArray[Any]) -> tuple[float, NDArray[Any]]:
    """L = Σ |y − wanted|²/B and ∂L/∂y."""
    error = y - wanted
    return float(np.vdot(error, error).real) / y.shape[1], np.conj(error) * error.real.dtype.type(1.0 / y.shape[1])


def package_mesh(p: Problem) -> Mesh:
    """The package's mesh with the problem's couplers and a shifter whose loss grows with heating."""
    phase = np.linspace(0, 7, 257)
    log = np.log(LOSS) + (1j - 1e-3) * phase
    spline = CubicHermiteSpline(phase, log, np.full(phase.size, 1j - 1e-3))
    shifter = PhaseShifter(CubicHermiteSpline(phase, 20 * phase, np.full(phase.size, 20.0)), spline, spline)
    couplers = CouplerTransfer(p.couplers, p.couplers.swapaxes(1, 2))
    bank = equal_shifters(shifter, p.topology.planes, p.topology.ports)
    return Mesh(p.topology, couplers, bank, plain_guides(p.topology))


def mesh_step(mesh: Mesh, p: Problem) -> NDArray[Any]:
    """The same through the package's mesh."""
    y, residual = mesh.forward(p.phases, p.x)
    return mesh.adjoint(p.phases, residual, squared_error(y, p.wanted)[1])[1]


def jax_steps(p: Problem) -> list[Step]:
    """Compiled steps in JAX: the batch through the columns, and the unit matrix, whose product with the batch follows.

    Two columns at a time under `scan`, whose nodes are multiplied out for all columns at once before. None if JAX is
    not installed.
    """
    try:
        import jax
        import jax.numpy as jnp
    except ImportError:
        return []
    jax.config.update("jax_cpu_enable_async_dispatch", False)
    half, ports = p.topology.ports // 2, p.topology.ports
    columns = [np.flatnonzero(p.topology.coupler_plane // 2 == c) for c in range(ports)]
    couplers = [np.array([p.couplers[c].reshape(2, -1, 2, 2) for c in columns[odd::2]]) for odd in (0, 1)]
    shifters = [p.topology.shifter_plane // 2 == c for c in range(ports)]
    phases = [np.array([p.phases[c].reshape(2, -1) for c in shifters[odd::2]]) for odd in (0, 1)]

    def nodes(driven: Any, pair: Any) -> Any:
        turn = LOSS * jnp.stack([jnp.exp(1j * driven), jnp.ones_like(driven)], axis=-1)
        half_nodes = pair * turn[..., None, :]
        return half_nodes[:, 1] @ half_nodes[:, 0]

    def couple(matrices: Any, z: Any) -> Any:
        return jnp.einsum("nij,njb->nib", matrices, z.reshape(-1, 2, z.shape[1])).reshape(z.shape)

    def two_columns(z: Any, matrices: Any) -> tuple[Any, None]:
        z = couple(matrices[0], z)
        idle = LOSS**2
        return jnp.concatenate([idle * z[:1], couple(matrices[1], z[1:-1]), idle * z[-1:]]), None

    def loss(phases: Any, x: Any, wanted: Any, pairs: Any, contract: bool) -> Any:
        matrices = (nodes(phases[0], pairs[0]), nodes(phases[1], pairs[1]))
        light = jnp.eye(ports, dtype=x.dtype) if contract else x
        y = (LOSS * jnp.exp(1j * phases[2]))[:, None] * jax.lax.scan(two_columns, light, matrices)[0]
        error = (y @ x if contract else y) - wanted
        return jnp.sum(error.real**2 + error.imag**2) / x.shape[1]

    assert len(phases[0]) == half
    given = jax.device_put(((*phases, p.phases[-ports:]), p.x, p.wanted, tuple(couplers)))
    steps = []
    for contract in (False, True):
        step = jax.jit(jax.value_and_grad(partial(loss, contract=contract)))
        check_jax(step(*given), p)
        steps.append(lambda step=step: jax.block_until_ready(step(*given)))
    return steps


def check_jax(result: Any, p: Problem) -> None:
    """Both must have computed the same."""
    loss, gradient = kernel_step(p)
    outputs = np.asarray(result[1][2])
    np.testing.assert_allclose(float(result[0]), loss, rtol=1e-3)
    np.testing.assert_allclose(outputs, gradient[-outputs.size :], atol=1e-3 * np.abs(gradient).max())


def medians(steps: Sequence[Step]) -> list[float]:
    """Median time of each in ms; they take turns, so that all meet the same disturbances."""
    times: list[list[float]] = [[] for _ in steps]
    end = time.process_time() + BUDGET_S
    for step in steps:
        step()
    while len(times[0]) < FEWEST or (time.process_time() < end and len(times[0]) < MOST):
        for step, record in zip(steps, times, strict=True):
            step()  # takes the caches back from the others
            for _ in range(TURN):
                start = time.process_time()
                step()
                record.append(time.process_time() - start)
    return [1e3 * float(np.median(record)) for record in times]


def row(ports: int, batch: int, with_jax: bool) -> Row:
    """All contestants at one size."""
    single, double = problem(ports, batch, np.complex64), problem(ports, batch, np.complex128)
    matrix, mesh = single.x @ single.x.conj().T, package_mesh(double)
    steps: list[Step] = [
        lambda: kernel_step(single),
        lambda: matrix @ single.x,
        lambda: kernel_step(double),
        lambda: mesh_step(mesh, double),
    ]
    jax_ones = jax_steps(single) if with_jax else []
    step, gemm, step128, whole, *jax_ms = medians([*steps, *jax_ones])
    fields, contracted = jax_ms if jax_ms else (None, None)
    best = min(jax_ms) if jax_ms else None
    return Row(ports, batch, step, gemm, best, fields, contracted, step128, whole)


def print_table(rows: Sequence[Row]) -> None:
    """With ratios."""
    table = Table("ports", "batch", "step", "in products", "JAX fields, contracted", "JAX / step", "complex128", "Mesh")
    for r in rows:
        jax = "-" if r.jax_ms is None else f"{r.jax_fields_ms:.3g}, {r.jax_contracted_ms:.3g}"
        ratio = "-" if r.jax_ms is None else f"{r.jax_ms / r.step_ms:.1f}"
        step = f"{r.step_ms:.3g} ms"
        cells = (step, f"{r.step_ms / r.gemm_ms:.1f}", jax, ratio, f"{r.step_complex128_ms:.3g}", f"{r.mesh_ms:.3g}")
        table.add_row(str(r.ports), str(r.batch), *cells)
    Console(width=120).print(table)


def main() -> None:
    """All sizes."""
    rows = [row(*size, with_jax=True) for size in SIZES] + [row(*size, with_jax=False) for size in SCALING]
    if "--json" in sys.argv[1:]:
        print(json.dumps([asdict(r) for r in rows], indent=1))
    else:
        print_table(rows)


if __name__ == "__main__":
    main()
