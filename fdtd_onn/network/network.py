"""A network: layers of compiled devices, from the input side to the output side."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeAlias

import numpy as np

from fdtd_onn.network.drive import IdealDrive, PhaseDrive
from fdtd_onn.network.generator import Generator, IdealGenerator
from fdtd_onn.network.models import Complex, Real
from fdtd_onn.network.monitor import Monitor
from fdtd_onn.network.readout import Readout
from fdtd_onn.network.tap_light import TapLight, in_order
from fdtd_onn.specs.layout import NetworkSpec

#: Of any kind: a layer gets back its own.
Residual: TypeAlias = Any
Residuals: TypeAlias = tuple[Residual, ...]
IDEAL_GENERATOR, IDEAL_DRIVE = IdealGenerator(), IdealDrive()


class Layer(Protocol):
    """What meshes and activations have in common. Residuals are returned and handed back, never stored."""

    @property
    def phase_count(self) -> int:
        """Number of trained phases."""

    @property
    def max_power_w(self) -> float:
        """Highest power on one guide that the layer's models cover."""

    def on_bench(self, rng: np.random.Generator) -> Layer:
        """The same with noise wherever it reads light."""

    def forward(self, phases: Real, x: Complex) -> tuple[Complex, Residual]:
        """Output fields and the residual."""

    def adjoint(self, phases: Real, residual: Residual, delta: Complex) -> tuple[Complex, Real]:
        """∂L/∂(input fields) and dL/dphase, exactly, from ∂L/∂(output fields)."""

    def send_back(self, phases: Real, residual: Residual, light: Complex) -> tuple[Complex, TapLight]:
        """Backward light as it leaves the inputs, and the light at the taps."""


@dataclass(frozen=True, eq=False)
class Network:
    """Layers in a row, used in transmission only: no light goes to and fro between them.

    Fields are (N, B) in √W, as asked of the generator; phases one vector (P,) in rad, as asked of the drive, the
    layers' phases one after the other. All readings are exact but those of `on_bench`.
    monitor: how the taps behind the phase shifters are read.
    design: the same network as drawn, without errors of fabrication; None for a network that has none.
    generator: makes the light at the inputs. back: what is sent back at the outputs. drive: sets the phases.
    """

    spec: NetworkSpec
    layers: tuple[Layer, ...]
    readout: Readout
    monitor: Monitor
    design: Network | None = None
    generator: Generator = IDEAL_GENERATOR
    back: Generator = IDEAL_GENERATOR
    drive: PhaseDrive = IDEAL_DRIVE

    @property
    def phase_slices(self) -> tuple[slice, ...]:
        """Where each layer's phases are in the vector; empty for an activation."""
        return phase_slices(self.layers)

    @property
    def phase_count(self) -> int:
        """Number of trained phases P."""
        return sum(layer.phase_count for layer in self.layers)

    @property
    def max_power_w(self) -> float:
        """Total input power up to which no setting of the phases takes a device out of its compiled range."""
        return self.generator.input_limit_w(min(layer.max_power_w for layer in self.layers))

    def on_bench(self, rng: np.random.Generator) -> Network:
        """The same with noise wherever a forward or backward pass reads light on its way."""
        return replace(self, layers=tuple(layer.on_bench(rng) for layer in self.layers))

    def forward(self, phases: Real, x: Complex) -> tuple[Complex, Residuals]:
        """Output fields (N, B) of input fields (N, B), and one residual per layer."""
        phases, x, residuals = self.drive.actual(phases), self.generator.emit(x), []
        for layer, part in zip(self.layers, self.phase_slices, strict=True):
            x, residual = layer.forward(phases[part], x)
            residuals.append(residual)
        return x, tuple(residuals)

    def fields(self, phases: Real, x: Complex) -> tuple[Complex, ...]:
        """Fields (N, B) behind each layer; the last are those at the outputs."""
        phases, x, fields = self.drive.actual(phases), self.generator.emit(x), []
        for layer, part in zip(self.layers, self.phase_slices, strict=True):
            x, _residual = layer.forward(phases[part], x)
            fields.append(x)
        return tuple(fields)

    def adjoint(self, phases: Real, residuals: Residuals, delta: Complex) -> tuple[Complex, Real]:
        """∂L/∂(input fields) (N, B) and dL/dphase (P,), exactly, from delta = ∂L/∂(output fields)."""
        phases, gradient = self.drive.actual(phases), np.empty(self.phase_count)
        for layer, part, residual in reversed(list(zip(self.layers, self.phase_slices, residuals, strict=True))):
            delta, gradient[part] = layer.adjoint(phases[part], residual, delta)
        return self.generator.pull_back(delta), self.drive.pull_back(gradient)

    def send_back(self, phases: Real, residuals: Residuals, light: Complex) -> tuple[Complex, TapLight]:
        """Light (N, B) into the outputs while the forward light is on: what leaves, and the light at the P taps."""
        phases, light, lights = self.drive.actual(phases), self.back.emit_scaled(light), []
        for layer, part, residual in reversed(list(zip(self.layers, self.phase_slices, residuals, strict=True))):
            light, at_taps = layer.send_back(phases[part], residual, light)
            lights.append(at_taps)
        return light, in_order(lights[::-1])


def phase_slices(layers: tuple[Layer, ...]) -> tuple[slice, ...]:
    """Where each layer's phases are in the vector of all; empty for an activation."""
    ends = np.cumsum([layer.phase_count for layer in layers]).tolist()
    return tuple(slice(end - layer.phase_count, end) for layer, end in zip(layers, ends, strict=True))
