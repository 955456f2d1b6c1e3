"""How the interference of forward and backward light at the taps is read.

The derivative of a loss in a phase is −2 Im Σ_batch a b, with a the forward and b the backward field at the shifter
(Hughes et al., Optica 5, 864 (2018)). A power detector cannot read it off both fields at once: at a tap that
sees both directions they interfere as a* b, whose phase says nothing of a b. What it needs is the conjugate of b going
*forward*: the light that leaves the mesh's inputs is measured, conjugated and sent into them again (time reversal:
"copy" below). In a mesh of even loss the copy's field at the tap is c = s T b* (s, T: see `Copy`). A camera that
collects the part η = (C†C)₁₁ of forward light then reads, with the copy turned by a phase ψ against the forward light,

    P(ψ) = η |a + e^{iψ} c|² = η (|a|² + |c|²) + 2 η Re(e^{−iψ} a c*) = … + 2 η s T Re(e^{−iψ} a b),

- three readings: P(π/2) − η|a|² − η|c|² = 2 η s T Im(a b) (Hughes et al.; Pai et al., Science 380, 398 (2023),
  whose x − i x*_adj is ψ = −π/2 and so gives the gradient with its sign);
- toggled: P(π/2) − P(−π/2) = 4 η s T Im(a b), in one lock-in reading of a phase modulator (Pai et al., "analogue").

Backward light itself is read nowhere but at the inputs, and the backward column of C does not enter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

import numpy as np

from fdtd_onn.network.detector import Detector
from fdtd_onn.network.models import Complex, Real
from fdtd_onn.network.tap_light import TapLight

Protocols: TypeAlias = Literal["three-reading", "toggled"]
Integration: TypeAlias = Literal["sample", "batch"]

FIELD_QUADRATURES = 4  # in-phase and quadrature parts, of the forward and of the backward field


class Monitor(Protocol):
    """Readings at the taps, and what they say of the phases' gradient."""

    @property
    def copy_passes(self) -> int:
        """How often a mesh is lit for a sample beyond once forward and once backward."""

    def readings(self, samples: int) -> int:
        """Readings that one tap takes for a batch of so many samples."""

    def overlap(self, light: TapLight, rng: np.random.Generator) -> Real:
        """(P,) in W: an estimate of Im Σ_batch a b of forward and backward light at each phase shifter."""


@dataclass(frozen=True)
class IdealMonitor:
    """Taps that take no light and read both fields, amplitude and phase, without noise."""

    @property
    def copy_passes(self) -> int:
        """None: both fields are read as they are."""
        return 0

    def readings(self, samples: int) -> int:
        """Both quadratures of both fields."""
        return FIELD_QUADRATURES * samples

    def overlap(self, light: TapLight, rng: np.random.Generator) -> Real:
        """(P,) in W: Im Σ_batch a b itself (Hughes et al., Optica 5, 864 (2018))."""
        return np.einsum("p,pb,pb->p", light.passage, light.forward, light.backward).imag


@dataclass(frozen=True, eq=False)
class TapMonitor:
    """Powers at grating taps; see the module for what is sent and read.

    collected: (P,) η of each tap as it is. assumed: (P,) η T as the experimenter has calibrated it: what the readings
    are divided by. Where both differ from tap to tap, the estimate has a systematic error.
    detectors: which taps each kind of detector reads, in the order of the taps; none reads exactly.
    integration: "sample" reads each sample by itself; "batch" lets a pixel collect the light of the whole batch, and
    reads once.
    """

    collected: Real
    assumed: Real
    protocol: Protocols
    integration: Integration
    detectors: tuple[tuple[slice, Detector], ...]

    @property
    def copy_passes(self) -> int:
        """The copy alone and with the light; or with it twice. Forward light alone is read as it computes."""
        return 2

    def readings(self, samples: int) -> int:
        """Three or two, of every sample or of all."""
        each = 3 if self.protocol == "three-reading" else 2
        return each * (samples if self.integration == "sample" else 1)

    def overlap(self, light: TapLight, rng: np.random.Generator) -> Real:
        """(P,) in W, from powers alone."""
        copy = light.send_copy()
        unit = self.assumed * copy.scale
        above = self._read(light.forward + 1j * copy.field, rng)
        if self.protocol == "toggled":
            return (above - self._read(light.forward - 1j * copy.field, rng)) / (4.0 * unit)
        return (above - self._read(light.forward, rng) - self._read(copy.field, rng)) / (2.0 * unit)

    def _read(self, field: Complex, rng: np.random.Generator) -> Real:
        """What the cameras read of fields (P, B), summed over the batch: (P,) in W."""
        power = self.collected[:, None] * np.abs(field) ** 2
        if not self.detectors:
            return np.asarray(power.sum(axis=1))
        return np.concatenate([self._read_by(detector, power[some], rng) for some, detector in self.detectors])

    def _read_by(self, detector: Detector, power: Real, rng: np.random.Generator) -> Real:
        if self.integration == "batch":
            return detector.integrate(power, rng)
        return np.asarray(detector.read(power, rng).sum(axis=1))
