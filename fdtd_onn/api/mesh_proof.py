"""A whole mesh in one full-wave run against its devices' S-matrices joined: transfer, waves within, gradients.

Two comparisons, both with the grid's dispersion. On the grid: devices run alone on grids of the same pitch; their
guides lie in their pixels as the mesh's do, so that joining is all that differs. Compiled: the reduced models of the
devices, which adds what their fit over temperature and wavelength costs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fdtd_onn.api.mesh_waves import (
    Complex,
    DrawnMesh,
    Real,
    Waves,
    Workshop,
    joined,
    parts_compiled,
    parts_on_grid,
    whole,
)
from fdtd_onn.geometry.devices import geometry
from fdtd_onn.responses.field_map import FieldMap
from fdtd_onn.specs.device import AnyDevice

_STEP_K = 50.0  # both ways within what shifters take, at all temperatures of the proof


@dataclass(frozen=True, eq=False)
class MeshProof:
    """What is compared, for amplitudes x into the inputs and the loss L = Σ w |y|² over the lit outputs.

    lit: guides from the lowest. full: the mesh in full wave. on_grid: its parts joined, with all reflections; one_way:
    with none. compiled: the compiled models joined, with reflections. differences: dL/dφ at the middle wavelength by
    finite differences of full-wave runs, by number of the phase, for light into the first input alone, which takes two
    runs a phase and not two for every input. field: light from the first input.
    """

    mesh: DrawnMesh
    fidelity: str
    x: Complex
    weights: Real
    lit: tuple[int, ...]
    full: Waves
    on_grid: Waves
    one_way: Waves
    compiled: Waves
    differences: Mapping[int, float]
    field: FieldMap

    @property
    def middle(self) -> int:
        """Number of the middle wavelength."""
        return len(self.mesh.wavelengths_um) // 2

    def gradient(self, waves: Waves) -> Real:
        """(phases,) dL/dφ at the middle wavelength."""
        return gradient(self.mesh, waves, self.x, self.weights, self.lit)[self.middle]

    def gradient_of_first(self, waves: Waves) -> Real:
        """(phases,) the same for light into the first input alone."""
        return gradient(self.mesh, waves, _first(self.mesh), self.weights, self.lit)[self.middle]


def prove_mesh(mesh: DrawnMesh, shop: Workshop, differences: Sequence[int]) -> MeshProof:
    """Run or take from the store all that a comparison needs; differences: phases to step, in full wave.

    Light enters every input at once, with equal powers and different phases, and L is the power of one output.
    Raises RunFailed, and BadInput as the runs' plan does.
    """
    n = mesh.topology.ports
    x, weights, lit = np.exp(1j * np.arange(n)) / np.sqrt(n), np.ones(1), (n // 2,)
    full, field = whole(mesh, lit, shop)
    on_grid, compiled = parts_on_grid(mesh, shop), parts_compiled(mesh, shop)
    return MeshProof(
        mesh=mesh,
        fidelity=shop.fidelity,
        x=x,
        weights=weights,
        lit=lit,
        full=full,
        on_grid=joined(mesh, lit, on_grid, reflections=True),
        one_way=joined(mesh, lit, on_grid, reflections=False),
        compiled=joined(mesh, lit, compiled, reflections=True),
        differences={k: _difference(mesh, k, shop, weights, lit) for k in differences},
        field=field,
    )


def _difference(mesh: DrawnMesh, phase: int, shop: Workshop, weights: Real, lit: Sequence[int]) -> float:
    """dL/dφ at the middle wavelength from full-wave runs of the mesh at two temperatures of one shifter.

    L is a constant and a sine of any one phase, so a step that is not small is exact too: dL = 2 L′ sin(dφ/2).
    """
    middle = len(mesh.wavelengths_um) // 2
    temperatures = [float(mesh.delta_t_k[phase]) + step for step in (-_STEP_K, _STEP_K)]
    drawings: list[AnyDevice] = [mesh.with_temperature(phase, t).assembly for t in temperatures]
    sections: list[AnyDevice] = [mesh.shifter.with_parameters(delta_t_k=t) for t in temperatures]
    low, high, *passed = shop.columns([(device, mesh.inputs[0]) for device in (*drawings, *sections)])
    names = [port.name for port in geometry(drawings[0], 0.0).ports]
    outputs = [names.index(mesh.outputs[k]) for k in lit]
    step = weights @ (np.abs(high.s[outputs, middle]) ** 2 - np.abs(low.s[outputs, middle]) ** 2)
    turn = np.angle(passed[1].s[1, middle] / passed[0].s[1, middle])
    return float(step / (2.0 * np.sin(0.5 * turn)))


def _first(mesh: DrawnMesh) -> Complex:
    """(N,) light into the first input alone."""
    return np.eye(mesh.topology.ports, dtype=complex)[0]


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
    return np.asarray(-2.0 * np.imag(a * b)[:, mesh.topology.shifter_at])


def loss(waves: Waves, x: Complex, weights: Real, lit: Sequence[int]) -> Real:
    """(n_wl,) L = Σ w |y|² over the lit outputs."""
    return np.asarray(np.abs((waves.transfer @ x)[:, list(lit)]) ** 2 @ weights)


def cosine(a: Real, b: Real) -> float:
    """Of the angle between two gradients."""
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


def summary(proof: MeshProof) -> dict[str, Any]:
    """The figures of a proof, as they go into a JSON file; errors are the largest over the band."""
    mesh, full, middle = proof.mesh, proof.full, proof.middle
    drawing = mesh.assembly
    reference, of_first = proof.gradient(full), proof.gradient_of_first(full)
    power = {name: np.sum(np.abs(w.transfer[middle]) ** 2, axis=0) for name, w in _all(proof).items()}
    return {
        "mesh": drawing.name,
        "fidelity": proof.fidelity,
        "parts": len(drawing.parameters.parts),
        "wavelengths_um": mesh.wavelengths_um.tolist(),
        "delta_t_k": mesh.delta_t_k.tolist(),
        "error": {
            "on grid": _largest(relative_error(proof.on_grid.transfer, full.transfer)),
            "on grid, without reflections": _largest(relative_error(proof.one_way.transfer, full.transfer)),
            "compiled": _largest(relative_error(proof.compiled.transfer, full.transfer)),
            "on grid, reflections": _largest(relative_error(proof.on_grid.reflected, full.reflected)),
        },
        "error_by_plane": error_by_plane(mesh, proof.on_grid, full)[middle].tolist(),
        "largest_reflection": float(np.abs(full.reflected).max()),
        "power_out": {name: values.tolist() for name, values in power.items()},
        "gradient": {name: proof.gradient(waves).tolist() for name, waves in _all(proof).items()},
        "gradient_cosine": {name: cosine(proof.gradient(w), reference) for name, w in _all(proof).items()},
        "finite_differences": {str(k): value for k, value in proof.differences.items()},
        "finite_differences_in_full_wave": {str(k): float(of_first[k]) for k in proof.differences},
    }


def _all(proof: MeshProof) -> dict[str, Waves]:
    return {
        "full wave": proof.full,
        "on grid": proof.on_grid,
        "on grid, without reflections": proof.one_way,
        "compiled": proof.compiled,
    }


def _largest(errors: Real) -> float:
    return float(errors.max())
