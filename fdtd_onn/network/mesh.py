"""A mesh of compiled couplers and phase shifters: light forward, light backward, and the exact adjoint.

Every device is used in transmission only: what it reflects, or sends into the other port of its own side, leaves the
model. For reflections r and r′ of neighbours this drops terms of relative size |r·r′|.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from fdtd_onn.errors import BadInput
from fdtd_onn.network import kernel
from fdtd_onn.network.models import Complex, Real, ScatteringModel
from fdtd_onn.network.phase_shifter import TWO_PI
from fdtd_onn.network.shifter_bank import ShifterBank
from fdtd_onn.network.tap_light import Copy, TapLight
from fdtd_onn.network.topology import Indices, MeshTopology
from fdtd_onn.network.transceiver import IDEAL_TRANSCEIVER, Transceiver

Way: TypeAlias = Literal["forward", "backward"]


@dataclass(frozen=True, eq=False)
class CouplerTransfer:
    """Transfer of K couplers between their two guides, each ordered (lower, upper).

    forward: (K, 2, 2), from o1, o2 on the left to o4, o3 on the right.
    backward: (K, 2, 2), from o4, o3 to o1, o2. The compiled device's own block of S, no transposed copy of `forward`.
    """

    forward: Complex
    backward: Complex


def coupler_scattering(model: ScatteringModel, wavelength_um: float, values: ArrayLike | None, count: int) -> Complex:
    """S[out, in] of `count` couplers of one model, (count, 4, 4), ports o1 to o4.

    values: of its tunable parameter if it has one, one for all couplers, or (count,), one for each.
    BadInput if the model lacks one of the ports o1 to o4, or values are missing or given for a fixed model.
    """
    if set(model.ports) != {"o1", "o2", "o3", "o4"}:
        cure = "Name a compiled coupler."
        raise BadInput(f"coupler {model.name!r}", "ports o1, o2, o3, o4", ", ".join(model.ports), cure)
    if (model.parameter is None) != (values is None):
        expected = "none (the coupler is not tunable)" if model.parameter is None else f"a value of {model.parameter}"
        raise BadInput(f"coupler {model.name!r}: coupler_value", expected, values, "Change it in the layout.")
    s = model.s_matrices(wavelength_um, None if values is None else np.atleast_1d(values))
    order = [model.ports.index(port) for port in ("o1", "o2", "o3", "o4")]
    return np.array(np.broadcast_to(s[:, order][:, :, order], (count, 4, 4)))


def coupler_transfer(
    model: ScatteringModel, wavelength_um: float, values: ArrayLike | None, count: int
) -> CouplerTransfer:
    """The two transmission blocks of `count` couplers of one model; arguments and errors as `coupler_scattering`."""
    return transmission(coupler_scattering(model, wavelength_um, values, count))


def transmission(couplers: Complex) -> CouplerTransfer:
    """The two transmission blocks of couplers' S, (K, 4, 4) with ports o1 to o4."""
    left, right = [0, 1], [3, 2]
    return CouplerTransfer(
        np.ascontiguousarray(couplers[:, right][:, :, left]), np.ascontiguousarray(couplers[:, left][:, :, right])
    )


@dataclass(frozen=True, eq=False)
class GuideTransfer:
    """What every guide does to light behind its phase shifter: a tap.

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
    """Couplers and phase shifters on the places of a topology; phases are a vector (P,) in rad, by own heaters.

    Fields are power-normalised amplitudes (N, B), guides by batch.
    couplers: one for each of the topology's K. guides: what follows each shifter on its guide.
    crosstalk: (planes·N, P) phase that each driven section's heater gives every section, over the one that it gives its
    own, with whole turns as the heat that they are; None for heat that stays where it is, and phases modulo 2π.
    transceiver: what reads the light that leaves the inputs, and sends its copy.
    """

    topology: MeshTopology
    couplers: CouplerTransfer
    shifters: ShifterBank
    guides: GuideTransfer
    crosstalk: Real | None = None
    transceiver: Transceiver = IDEAL_TRANSCEIVER

    @property
    def phase_count(self) -> int:
        """Number of trained phases."""
        return self.topology.shifter_guide.size

    @property
    def max_power_w(self) -> float:
        """No limit: couplers and phase shifters are linear."""
        return np.inf

    def on_bench(self, rng: np.random.Generator) -> Mesh:
        """The same with the noise of its receivers."""
        return replace(self, transceiver=self.transceiver.on_bench(rng))

    def sections(self, phases: Real) -> Real:
        """Phases (planes, N) in rad of all sections, by whatever heats them."""
        shape = self.shifters.which.shape
        if self.crosstalk is not None:
            return (self.crosstalk @ phases).reshape(shape)
        found = np.zeros(shape)
        found.reshape(-1)[self.topology.shifter_at] = np.mod(phases, TWO_PI)
        return found

    def forward(self, phases: Real, x: Complex) -> tuple[Complex, MeshLight]:
        """Output fields (N, B) for input fields (N, B), and the residual."""
        shifters = self._transfers("forward", phases)
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
        if self.crosstalk is None:
            slope = self._drives.log_slope(np.mod(phases, TWO_PI))
            return delta_in, 2.0 * np.real(slope * overlap.take(self.topology.shifter_at))
        everywhere = 2.0 * np.real(self.shifters.log_slope(self.sections(phases)) * overlap)
        return delta_in, self.crosstalk.T @ everywhere.ravel()

    def send_back(self, phases: Real, residual: MeshLight, light: Complex) -> tuple[Complex, TapLight]:
        """Light (N, B) sent into the outputs: the fields (N, B) that leave the inputs, and the light at the taps."""
        at = self.topology.shifter_at
        places = self.topology.shifter_plane, self.topology.shifter_guide
        shifters = residual.shifters.take(at)[:, None]
        leaving, beyond = self._back_to_taps(phases, light)

        def behind(x: Complex) -> Complex:
            return np.asarray(shifters * self._before_shifters(residual, x, *places))

        def send_copy() -> Copy:
            copy, scale = self.transceiver.time_reversed(residual.sweep.x, leaving)
            return Copy(behind(copy), np.full(self.phase_count, scale))

        return leaving, TapLight(behind(residual.sweep.x), beyond, self.guides.backward.take(at), send_copy)

    def transmission_to_taps(self) -> Real:
        """(P,) the part of the light at the inputs that is in the guides of each tap's plane, over it: T of a copy.

        Averaged over the inputs, without heating; where loss differs from guide to guide it is that of their mean.
        """
        everywhere = np.indices(self.shifters.which.shape).reshape(2, -1)
        x = np.eye(self.topology.ports, dtype=complex)
        _y, residual = self.forward(np.zeros(self.phase_count), x)
        before = self._before_shifters(residual, x, *everywhere)
        behind = residual.shifters * np.linalg.norm(before, axis=1).reshape(residual.shifters.shape)
        return np.asarray(np.mean(np.abs(behind) ** 2, axis=1)[self.topology.shifter_plane])

    def _before_shifters(self, residual: MeshLight, x: Complex, plane: Indices, guide: Indices) -> Complex:
        """Fields (m, B) that enter the shifters at these places, of light (N, B) at the inputs."""
        parts = (self.topology.coupler_at, residual.transfer, self.couplers.forward)
        return kernel.fields(*parts, x, plane, guide)[1]

    def _back_to_taps(self, phases: Real, light: Complex) -> tuple[Complex, Complex]:
        """What leaves the inputs, and the field (P, B) that comes to each tap from the right.

        Seen from the outputs, the couplers behind a plane are those that were in front of it.
        """
        shifters = self._transfers("backward", phases)
        transfer = np.ascontiguousarray((shifters * self.guides.backward)[::-1])
        coupler_at = np.roll(self.topology.coupler_at[::-1], -1, axis=0)
        plane = self.topology.planes - 1 - self.topology.shifter_plane
        return kernel.fields(coupler_at, transfer, self.couplers.backward, light, plane, self.topology.shifter_guide)

    def _transfers(self, way: Way, phases: Real) -> Complex:
        """Transfers (planes, N) of all sections for light either way."""
        if self.crosstalk is not None:
            return _through(self.shifters, way, self.sections(phases))
        transfer = self._at_rest[way].copy()
        transfer.reshape(-1)[self.topology.shifter_at] = _through(self._drives, way, np.mod(phases, TWO_PI))
        return transfer

    @cached_property
    def _drives(self) -> ShifterBank:
        """The shifters that are driven, (P,)."""
        at = self.topology.shifter_at
        errors = None if self.shifters.errors is None else self.shifters.errors.take(at)
        return ShifterBank(self.shifters.models, self.shifters.which.take(at), errors)

    @cached_property
    def _at_rest(self) -> dict[Way, Complex]:
        """Transfers (planes, N) of all shifters at zero heating."""
        zero = np.zeros(self.shifters.which.shape)
        return {"forward": self.shifters.forward(zero), "backward": self.shifters.backward(zero)}


def _through(shifters: ShifterBank, way: Way, phases: Real) -> Complex:
    return shifters.forward(phases) if way == "forward" else shifters.backward(phases)
