"""A mesh of compiled couplers and phase shifters: light forward, light backward, and the exact adjoint.

Every device is used in transmission only: what it reflects, or sends into the other port of its own side, leaves the
model. For reflections r and r′ of neighbours this drops terms of relative size |r·r′|.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fdtd_onn.errors import BadInput
from fdtd_onn.network.models import Complex, Real, ScatteringModel
from fdtd_onn.network.shifter_bank import ShifterBank
from fdtd_onn.network.tap_light import TapLight
from fdtd_onn.network.topology import MeshTopology

Number = TypeVar("Number", bound=np.inexact[Any])


@dataclass(frozen=True, eq=False)
class CouplerTransfer:
    """Transfer of K couplers between their two guides, each ordered (lower, upper).

    forward: (K, 2, 2), from o1, o2 on the left to o4, o3 on the right.
    backward: (K, 2, 2), from o4, o3 to o1, o2. The compiled device's own block of S, no transposed copy of `forward`.
    """

    forward: Complex
    backward: Complex


def coupler_transfer(
    model: ScatteringModel, wavelength_um: float, values: ArrayLike | None, count: int
) -> CouplerTransfer:
    """The two transmission blocks of `count` couplers of one model, at values of its tunable parameter if it has one.

    values: one for all couplers, or (count,), one for each.
    BadInput if the model lacks one of the ports o1 to o4, or values are missing or given for a fixed model.
    """
    if set(model.ports) != {"o1", "o2", "o3", "o4"}:
        cure = "Name a compiled coupler."
        raise BadInput(f"coupler {model.name!r}", "ports o1, o2, o3, o4", ", ".join(model.ports), cure)
    if (model.parameter is None) != (values is None):
        expected = "none (the coupler is not tunable)" if model.parameter is None else f"a value of {model.parameter}"
        raise BadInput(f"coupler {model.name!r}: coupler_value", expected, values, "Change it in the layout.")
    s = model.s_matrices(wavelength_um, None if values is None else np.atleast_1d(values))
    left = [model.ports.index(p) for p in ("o1", "o2")]
    right = [model.ports.index(p) for p in ("o4", "o3")]
    return CouplerTransfer(
        np.array(np.broadcast_to(s[:, right][:, :, left], (count, 2, 2))),
        np.array(np.broadcast_to(s[:, left][:, :, right], (count, 2, 2))),
    )


@dataclass(frozen=True, eq=False)
class GuideTransfer:
    """What every guide does to light behind its phase shifter: a tap, a phase error of fabrication.

    forward, backward: (planes, N) complex amplitude transfer from left to right, and back.
    """

    forward: Complex
    backward: Complex


def plain_guides(topology: MeshTopology) -> GuideTransfer:
    """Guides that do nothing."""
    ones = np.ones((topology.planes, topology.ports), dtype=complex)
    return GuideTransfer(ones, ones)


@dataclass(frozen=True, eq=False)
class Mesh:
    """Couplers and phase shifters on the places of a topology; phases are a vector (P,) in rad.

    Fields are power-normalised amplitudes (N, B), guides by batch. A residual is the forward field just behind every
    shifter, (planes, N, B): where a grating tap on that guide sees it.
    couplers: one for each of the topology's K. guides: what follows each shifter on its guide.
    """

    topology: MeshTopology
    couplers: CouplerTransfer
    shifters: ShifterBank
    guides: GuideTransfer

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
        transfer = self.shifters.forward(self._on_guides(phases))
        behind = np.empty((self.topology.planes, *x.shape), dtype=complex)
        field = x
        for plane in range(self.topology.planes):
            np.multiply(transfer[plane, :, None], field, out=behind[plane])
            field = self._couple(self.guides.forward[plane, :, None] * behind[plane], plane, self.couplers.forward)
        return field, behind

    def adjoint(self, phases: Real, behind: Complex, delta: Complex) -> tuple[Complex, Real]:
        """Exact reverse derivative: ∂L/∂(input fields) and dL/dphase from delta = ∂L/∂(output fields), both Wirtinger.

        With t the transfer of a shifter, a its field behind and b the adjoint field there,
        dL/dφ = 2 Re[(d ln t/dφ) Σ_batch a b]; for a shifter of constant loss this is −2 Im Σ a b
        (Hughes et al., Optica 5, 864 (2018)).
        """
        on_guides = self._on_guides(phases)
        transposed = self.couplers.forward.swapaxes(1, 2)
        delta_in, beyond = self._sweep_back(self.shifters.forward(on_guides), self.guides.forward, transposed, delta)
        overlap = np.einsum("pn,pnb,pnb->pn", self.guides.forward, behind, beyond)
        gradient = 2.0 * np.real(self.shifters.log_slope(on_guides) * overlap)
        return delta_in, self._of_shifters(gradient)

    def send_back(self, phases: Real, behind: Complex, light: Complex) -> tuple[Complex, TapLight]:
        """Light (N, B) sent into the outputs: the fields (N, B) that leave the inputs, and the light at the taps."""
        transfer = self.shifters.backward(self._on_guides(phases))
        leaving, beyond = self._sweep_back(transfer, self.guides.backward, self.couplers.backward, light)
        at_taps = (self._of_shifters(behind), self._of_shifters(beyond), self._of_shifters(self.guides.backward))
        return leaving, TapLight(*at_taps)

    def _sweep_back(
        self, shifters: Complex, guides: Complex, couplers: Complex, field: Complex
    ) -> tuple[Complex, Complex]:
        """From the outputs to the inputs: what leaves, and the field that comes to every guide's tap from the right."""
        beyond = np.empty((self.topology.planes, *field.shape), dtype=complex)
        for plane in reversed(range(self.topology.planes)):
            beyond[plane] = self._couple(field, plane, couplers)
            field = (shifters[plane] * guides[plane])[:, None] * beyond[plane]
        return field, beyond

    def _couple(self, field: Complex, plane: int, couplers: Complex) -> Complex:
        """The couplers to the right of a plane, on all their pairs and the batch at once; none follow the outputs."""
        here = self.topology.couplers_behind(plane)
        lower = self.topology.coupler_guide[here]
        pairs = np.stack([lower, lower + 1], axis=1)
        coupled = field.copy()
        coupled[pairs] = couplers[here] @ field[pairs]
        return coupled

    def _on_guides(self, phases: Real) -> Real:
        """Phases on every guide of every plane, (planes, N): zero heating where nothing is driven."""
        on_guides = np.zeros((self.topology.planes, self.topology.ports))
        on_guides[self.topology.shifter_plane, self.topology.shifter_guide] = phases
        return on_guides

    def _of_shifters(self, on_guides: NDArray[Number]) -> NDArray[Number]:
        return on_guides[self.topology.shifter_plane, self.topology.shifter_guide]
