"""A mesh of compiled couplers and phase shifters: light forward, light backward, and the exact adjoint.

Every device is used in transmission only: what it reflects, or sends into the other port of its own side, leaves the
model. For reflections r and r′ of neighbours this drops terms of relative size |r·r′|.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from fdtd_onn.errors import BadInput
from fdtd_onn.network import kernel
from fdtd_onn.network.models import Complex, Real, ScatteringModel
from fdtd_onn.network.shifter_bank import ShifterBank
from fdtd_onn.network.tap_light import TapLight
from fdtd_onn.network.topology import MeshTopology


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
class MeshLight:
    """The residual of a mesh: its forward transfers, (planes, N), shifters alone and with their guides, and the sweep.

    Compared with the fields at all places for all samples, (planes, N, B), this is little.
    """

    shifters: Complex
    transfer: Complex
    sweep: kernel.Sweep


@dataclass(frozen=True, eq=False)
class Mesh:
    """Couplers and phase shifters on the places of a topology; phases are a vector (P,) in rad.

    Fields are power-normalised amplitudes (N, B), guides by batch.
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

    def forward(self, phases: Real, x: Complex) -> tuple[Complex, MeshLight]:
        """Output fields (N, B) for input fields (N, B), and the residual."""
        shifters = self._set(self._at_rest[0], self._drives.forward(phases))
        transfer = shifters * self.guides.forward
        y, sweep = kernel.forward(self.topology.coupler_at, transfer, self.couplers.forward, x)
        return y, MeshLight(shifters, transfer, sweep)

    def adjoint(self, phases: Real, residual: MeshLight, delta: Complex) -> tuple[Complex, Real]:
        """Exact reverse derivative: ∂L/∂(input fields) and dL/dphase from delta = ∂L/∂(output fields), both Wirtinger.

        With t the transfer of a shifter, a its field behind and b the adjoint field there,
        dL/dφ = 2 Re[(d ln t/dφ) Σ_batch a b]; for a shifter of constant loss this is −2 Im Σ a b
        (Hughes et al., Optica 5, 864 (2018)).
        """
        parts = (self.topology.coupler_at, residual.transfer, self.couplers.forward)
        delta_in, overlap = kernel.backward(*parts, residual.sweep, delta)
        return delta_in, 2.0 * np.real(self._drives.log_slope(phases) * overlap.take(self.topology.shifter_at))

    def send_back(self, phases: Real, residual: MeshLight, light: Complex) -> tuple[Complex, TapLight]:
        """Light (N, B) sent into the outputs: the fields (N, B) that leave the inputs, and the light at the taps."""
        parts = (self.topology.coupler_at, residual.transfer, self.couplers.forward)
        _y, before = kernel.fields(*parts, residual.sweep.x, self.topology.shifter_plane, self.topology.shifter_guide)
        leaving, beyond = self._back_to_taps(phases, light)
        behind = residual.shifters.take(self.topology.shifter_at)[:, None] * before
        return leaving, TapLight(behind, beyond, self.guides.backward.take(self.topology.shifter_at))

    def _back_to_taps(self, phases: Real, light: Complex) -> tuple[Complex, Complex]:
        """What leaves the inputs, and the field (P, B) that comes to each tap from the right.

        Seen from the outputs, the couplers behind a plane are those that were in front of it.
        """
        shifters = self._set(self._at_rest[1], self._drives.backward(phases))
        transfer = (shifters * self.guides.backward)[::-1]
        coupler_at = np.roll(self.topology.coupler_at[::-1], -1, axis=0)
        plane = self.topology.planes - 1 - self.topology.shifter_plane
        return kernel.fields(coupler_at, transfer, self.couplers.backward, light, plane, self.topology.shifter_guide)

    def _set(self, at_rest: Complex, driven: Complex) -> Complex:
        """Transfers (planes, N), where those of the driven shifters (P,) take the places of the ones at rest."""
        transfer = at_rest.copy()
        transfer.reshape(-1)[self.topology.shifter_at] = driven
        return transfer

    @cached_property
    def _drives(self) -> ShifterBank:
        """The shifters that are driven, (P,)."""
        return ShifterBank(self.shifters.models, self.shifters.which.take(self.topology.shifter_at))

    @cached_property
    def _at_rest(self) -> tuple[Complex, Complex]:
        """Transfers (planes, N) of all shifters at zero heating, forward and backward."""
        zero = np.zeros(self.shifters.which.shape)
        return self.shifters.forward(zero), self.shifters.backward(zero)
