"""A mesh of compiled couplers and phase shifters: light forward, light backward, and the exact adjoint.

Every device is used in transmission only: what it reflects, or sends into the other port of its own side, leaves the
model. For reflections r and r′ of neighbours this drops terms of relative size |r·r′|.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fdtd_onn.errors import BadInput
from fdtd_onn.network.clements import MeshTopology
from fdtd_onn.network.models import Complex, Real, ScatteringModel
from fdtd_onn.network.phase_shifter import PhaseShifter


@dataclass(frozen=True, eq=False)
class CouplerTransfer:
    """Transfer of one coupler between its two guides, ordered (lower, upper).

    forward: (2, 2), from o1, o2 on the left to o4, o3 on the right.
    backward: (2, 2), from o4, o3 to o1, o2. The compiled device's own block of S, not a transposed copy of `forward`.
    """

    forward: Complex
    backward: Complex


def coupler_transfer(model: ScatteringModel, wavelength_um: float, value: float | None) -> CouplerTransfer:
    """The two transmission blocks of a compiled coupler, at a value of its tunable parameter if it has one.

    BadInput if it lacks one of the ports o1 to o4, or a value is missing or given for a fixed model.
    """
    if set(model.ports) != {"o1", "o2", "o3", "o4"}:
        cure = "Name a compiled coupler."
        raise BadInput(f"coupler {model.name!r}", "ports o1, o2, o3, o4", ", ".join(model.ports), cure)
    if (model.parameter is None) != (value is None):
        expected = "none (the coupler is not tunable)" if model.parameter is None else f"a value of {model.parameter}"
        raise BadInput(f"coupler {model.name!r}: coupler_value", expected, value, "Change it in the layout.")
    s = model.s_matrices(wavelength_um, None if value is None else [value])[0]
    left = [model.ports.index(p) for p in ("o1", "o2")]
    right = [model.ports.index(p) for p in ("o4", "o3")]
    return CouplerTransfer(s[np.ix_(right, left)], s[np.ix_(left, right)])


@dataclass(frozen=True, eq=False)
class Mesh:
    """Couplers and phase shifters on the places of a topology; phases are a vector (N²,) in rad.

    Fields are power-normalised amplitudes (N, B), guides by batch. A residual is the forward field just behind every
    shifter, (planes, N, B): where a grating tap on that guide would see it.
    """

    topology: MeshTopology
    coupler: CouplerTransfer
    shifter: PhaseShifter

    @property
    def phase_count(self) -> int:
        """Number of trained phases."""
        return self.topology.shifter_guide.size

    @property
    def max_power_w(self) -> float:
        """No limit: couplers and phase shifters are linear."""
        return np.inf

    def forward(self, phases: Real, x: Complex) -> tuple[Complex, Complex]:
        """Output fields (N, B) for input fields (N, B), and the residual."""
        transfer = self.shifter.forward(self._on_guides(phases))
        behind = np.empty((self.topology.planes, *x.shape), dtype=complex)
        field = x
        for plane in range(self.topology.planes):
            np.multiply(transfer[plane, :, None], field, out=behind[plane])
            field = self._couple(behind[plane], plane, self.coupler.forward)
        return field, behind

    def adjoint(self, phases: Real, behind: Complex, delta: Complex) -> tuple[Complex, Real]:
        """Exact reverse derivative: ∂L/∂(input fields) and dL/dphase from delta = ∂L/∂(output fields), both Wirtinger.

        With t the transfer of a shifter, a its field behind and b the adjoint field there,
        dL/dφ = 2 Re[(d ln t/dφ) Σ_batch a b]; for a shifter of constant loss this is −2 Im Σ a b
        (Hughes et al., Optica 5, 864 (2018)).
        """
        on_guides = self._on_guides(phases)
        delta_in, fields = self._sweep_back(self.shifter.forward(on_guides), self.coupler.forward.T, delta)
        overlap = np.einsum("pnb,pnb->pn", behind, fields)
        gradient = 2.0 * np.real(self.shifter.log_slope(on_guides) * overlap)
        return delta_in, self._of_shifters(gradient)

    def send_back(self, phases: Real, behind: Complex, light: Complex) -> tuple[Complex, Real]:
        """Light (N, B) sent into the outputs: the fields (N, B) that leave the inputs, and the taps' readings (N²,).

        A reading is Im Σ_batch a b of the forward field a and the backward field b behind a shifter: what the
        interference of forward light with the time-reversed backward light shows at a grating tap.
        """
        backward = self.shifter.backward(self._on_guides(phases))
        leaving, fields = self._sweep_back(backward, self.coupler.backward, light)
        return leaving, self._of_shifters(np.einsum("pnb,pnb->pn", behind, fields).imag)

    def _sweep_back(self, transfer: Complex, coupler: Complex, field: Complex) -> tuple[Complex, Complex]:
        """From the outputs to the inputs: what leaves, and the field just behind (right of) every shifter."""
        behind = np.empty((self.topology.planes, *field.shape), dtype=complex)
        for plane in reversed(range(self.topology.planes)):
            behind[plane] = self._couple(field, plane, coupler)
            field = transfer[plane, :, None] * behind[plane]
        return field, behind

    def _couple(self, field: Complex, plane: int, coupler: Complex) -> Complex:
        """The couplers to the right of a plane, on all their pairs and the batch at once; none follow the outputs."""
        if plane == self.topology.planes - 1:
            return field
        block = self.topology.blocks[plane // 2]
        coupled = field.copy()
        coupled[block] = (coupler @ field[block].reshape(-1, 2, field.shape[1])).reshape(-1, field.shape[1])
        return coupled

    def _on_guides(self, phases: Real) -> Real:
        """Phases on every guide of every plane, (planes, N): zero heating where nothing is driven."""
        on_guides = np.zeros((self.topology.planes, self.topology.ports))
        on_guides[self.topology.shifter_plane, self.topology.shifter_guide] = phases
        return on_guides

    def _of_shifters(self, on_guides: Real) -> Real:
        return on_guides[self.topology.shifter_plane, self.topology.shifter_guide]
