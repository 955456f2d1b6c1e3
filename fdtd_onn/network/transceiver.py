"""What stands where light is read as a field and made anew: a coherent receiver and a generator."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from fdtd_onn.network.generator import Generator, IdealGenerator
from fdtd_onn.network.models import Complex
from fdtd_onn.network.receiver import CoherentReceiver


@dataclass(frozen=True, eq=False)
class Transceiver:
    """Reads light and makes light, on N guides.

    receiver, noise: what reads, and what its noise is drawn from; without one of them fields are known as they are.
    """

    generator: Generator
    receiver: CoherentReceiver | None
    noise: np.random.Generator | None = None

    def on_bench(self, rng: np.random.Generator) -> Transceiver:
        """The same with the noise of its receivers."""
        return replace(self, noise=rng)

    def read(self, field: Complex) -> Complex:
        """Fields (N, B) as they are read, in √W."""
        return field if self.receiver is None or self.noise is None else self.receiver.read(field, self.noise)

    def read_scaled(self, field: Complex) -> Complex:
        """The same for light of free scale, as all that goes backward is."""
        return field if self.receiver is None or self.noise is None else self.receiver.read_scaled(field, self.noise)

    def time_reversed(self, forward: Complex, leaving: Complex) -> tuple[Complex, float]:
        """Light (N, B) that leaves is read, conjugated, and sent in again, and how many times as strong it is sent.

        So strong that it is as bright as the forward light, over all guides and samples (Hughes et al., Optica 5, 864
        (2018), section 3; Pai et al., arXiv 2205.08501).
        """
        read = self.read_scaled(leaving)
        strength, wanted = float(np.linalg.norm(read)), float(np.linalg.norm(forward))
        scale = 1.0 if strength == 0.0 or wanted == 0.0 else wanted / strength
        return self.generator.emit_scaled(scale * read.conj()), scale


IDEAL_TRANSCEIVER = Transceiver(IdealGenerator(), None)
