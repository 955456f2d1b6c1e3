"""What a training would take on a bench: time and energy from what was sent, read, set and computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.network.mesh import Mesh
from fdtd_onn.network.network import Network
from fdtd_onn.training.objective import Objective
from fdtd_onn.training.rules import Effort, Rule

Real: TypeAlias = NDArray[np.float64]

MACS_PER_COUPLER = 16  # a complex 2 × 2 matrix on a pair of complex amplitudes
MACS_PER_SHIFTER = 4


@dataclass(frozen=True)
class BenchFigures:
    """Figures of the devices around the network, and what they rest on. All channels work side by side.

    symbol_rate_hz: samples that the generators' modulators send in a second; silicon modulators reach tens of GHz
        (Reed et al., Nat. Photonics 4, 518 (2010)), arbitrary waveforms of many channels commonly 1 GHz.
    detector_bandwidth_hz: of detectors at outputs and taps; a reading takes 1/(2 bandwidth).
    heater_time_constant_s, heater_mw: of a phase shifter, to settle and to hold π, the mean over a turn: the heater of
        this package's library (8.3 µs, 20.1 mW; Jacques et al., Opt. Express 27, 10456 (2019), measured 5.6 µs, 21.4).
        The power is taken for heaters that the layout does not name.
    settling: time constants until a phase stands to 1e-3 of its step.
    conversion_j: of one value by an ADC or a DAC of 8 bits at GHz rates (Murmann, ADC Performance Survey).
    wall_plug: optical power over electrical power of the laser.
    mac_j, macs_per_s: of a multiplication with addition in 32 bits (Horowitz, ISSCC 2014: 4.6 pJ), one processor's.
    """

    symbol_rate_hz: float = 1e9
    detector_bandwidth_hz: float = 1e8
    heater_time_constant_s: float = 8.3e-6
    heater_mw: float = 20.1
    settling: float = float(np.log(1e3))
    conversion_j: float = 1e-12
    wall_plug: float = 0.1
    mac_j: float = 4.6e-12
    macs_per_s: float = 1e11

    @property
    def pass_s(self) -> float:
        """A sample's light is on as long as the slower one of modulator and detector takes."""
        return max(1.0 / self.symbol_rate_hz, 0.5 / self.detector_bandwidth_hz)


BENCH = BenchFigures()


@dataclass(frozen=True)
class BenchEstimate:
    """Seconds and joules of a training. `digital` ones are of the processor, the others of heaters, light, converters.

    The head, the loss and the optimiser are left out: they are the same for every rule.
    """

    optical_s: float
    digital_s: float
    heater_j: float
    laser_j: float
    conversion_j: float
    digital_j: float

    @property
    def total_s(self) -> float:
        """One after the other."""
        return self.optical_s + self.digital_s

    @property
    def total_j(self) -> float:
        """Of everything."""
        return self.heater_j + self.laser_j + self.conversion_j + self.digital_j


def bench_estimate(effort: Effort, network: Network, phases: Real, figures: BenchFigures = BENCH) -> BenchEstimate:
    """Time and energy of an effort on that network: heaters hold phases while they settle, and while light is on.

    phases: (trainings, P) in rad that trainings came to; what heaters take is the mean over these.
    """
    light_s = effort.passes * figures.pass_s
    optical_s = light_s + effort.settings * figures.settling * figures.heater_time_constant_s
    macs = effort.model_passes * model_macs(network)
    sent = effort.passes * network.spec.ports + effort.settings * network.phase_count
    return BenchEstimate(
        optical_s=optical_s,
        digital_s=macs / figures.macs_per_s,
        heater_j=1e-3 * float(np.mean([_held_mw(network, one, figures) for one in phases])) * optical_s,
        laser_j=network.spec.input.power_w / figures.wall_plug * light_s,
        conversion_j=(effort.readings + sent) * figures.conversion_j,
        digital_j=macs * figures.mac_j,
    )


def _held_mw(network: Network, phases: Real, figures: BenchFigures) -> float:
    powers = network.drive.power_mw(phases)
    return float(np.where(np.isnan(powers), figures.heater_mw, powers).sum())


def model_macs(network: Network) -> int:
    """Multiplications of one sample's sweep through the model of the meshes."""
    meshes = [layer for layer in network.layers if isinstance(layer, Mesh)]
    couplers = sum(mesh.topology.coupler_guide.size for mesh in meshes)
    return MACS_PER_COUPLER * couplers + MACS_PER_SHIFTER * sum(m.topology.planes * m.topology.ports for m in meshes)


def training_effort(objective: Objective, rule: Rule, batch_size: int, epochs: int) -> Effort:
    """Of all steps of a training: a rule takes the same for every batch of one size, so each size is tried once."""
    samples: Real = objective.dataset.train.features
    full, rest = divmod(len(samples), batch_size)
    x = objective.encoding.fields(samples)
    phases, rng = np.zeros(objective.network.phase_count), np.random.default_rng(0)

    def of_batch(size: int) -> Effort:
        return rule(phases, x[:, :size], lambda readings: (0.0, np.zeros_like(readings)), rng).effort

    last = of_batch(rest) if rest else Effort()
    return (of_batch(min(batch_size, len(samples))) * full + last) * epochs
