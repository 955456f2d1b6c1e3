"""A circuit with all reflections as a layer of a network: light forward, light backward, and the exact adjoint."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from fdtd_onn.network.circuit import Circuit, Indices, Wiring, circuit_of
from fdtd_onn.network.models import Complex, Real
from fdtd_onn.network.shifter_scattering import ShifterScattering
from fdtd_onn.network.tap_light import Copy, TapLight
from fdtd_onn.network.transceiver import IDEAL_TRANSCEIVER, Transceiver


@dataclass(frozen=True, eq=False)
class CircuitLayer:
    """Joined devices of which P are phase shifters that are driven; phases are a vector (P,) in rad.

    A residual is the forward light that enters every port of every device, (M, B) in √W.
    entries: of all devices' S (`circuit_of`); those of driven ones are replaced.
    driven: (P,) their nodes. shifters, which: the different phase shifters, and (P,) the number of each one's.
    errors: (P,) factors that fabrication puts on each one's transfer.
    transceiver: what reads the light that leaves the inputs, and sends its copy.
    """

    wiring: Wiring
    entries: Complex
    driven: Indices
    shifters: tuple[ShifterScattering, ...]
    which: Indices
    errors: Complex
    transceiver: Transceiver = IDEAL_TRANSCEIVER

    @property
    def phase_count(self) -> int:
        """Number of trained phases."""
        return self.driven.size

    @property
    def max_power_w(self) -> float:
        """No limit: all devices are linear."""
        return np.inf

    def on_bench(self, rng: np.random.Generator) -> CircuitLayer:
        """The same with the noise of its receivers."""
        return replace(self, transceiver=self.transceiver.on_bench(rng))

    def circuit(self, phases: Real) -> Circuit:
        """The circuit at these phases."""
        entries = self.entries.copy()
        places = self.wiring.first_entries[self.driven, None] + np.arange(4)
        entries[places] = self._of_each(phases, "s").reshape(-1, 4)
        return circuit_of(self.wiring, entries)

    def forward(self, phases: Real, x: Complex) -> tuple[Complex, Complex]:
        """Output fields (N, B) for input fields (N, B), and the residual."""
        solved = self.circuit(phases).solve()
        entering = solved.forward(x)
        return solved.leaving(entering)[self.wiring.outputs], entering

    def adjoint(self, phases: Real, entering: Complex, delta: Complex) -> tuple[Complex, Real]:
        """Exact reverse derivative: ∂L/∂(input fields) and dL/dphase from delta = ∂L/∂(output fields), both Wirtinger.

        With a the light that enters a phase shifter and b that of the transposed circuit for δ at the outputs,
        dL/dφ = 2 Re Σ_batch bᵀ (dS/dφ) a.
        """
        transposed = self.circuit(phases).transposed().solve()
        adjoint = transposed.backward(delta)
        slope, (a, b) = self._of_each(phases, "slope"), (self._at_shifters(f) for f in (entering, adjoint))
        gradient = 2.0 * np.real(np.einsum("pob,poi,pib->p", b, slope, a))
        return transposed.leaving(adjoint)[self.wiring.inputs], gradient

    def send_back(self, phases: Real, entering: Complex, light: Complex) -> tuple[Complex, TapLight]:
        """Light (N, B) sent into the outputs: the fields (N, B) that leave the inputs, and the light at the taps.

        A tap is taken to see, behind its phase shifter, what leaves it of the forward light and what enters it of the
        backward light; their reflections, which pass the tap the other way, are not in its reading.
        """
        solved = self.circuit(phases).solve()
        backward = solved.backward(light)
        behind = self._at_shifters(solved.leaving(entering))[:, 1]
        leaving = solved.leaving(backward)[self.wiring.inputs]

        def send_copy() -> Copy:
            light, scale = self.transceiver.time_reversed(entering[self.wiring.inputs], leaving)
            copy = solved.leaving(solved.forward(light))
            return Copy(self._at_shifters(copy)[:, 1], np.full(self.phase_count, scale))

        ones = np.ones(self.phase_count, dtype=complex)
        return leaving, TapLight(behind, self._at_shifters(backward)[:, 1], ones, send_copy)

    def _at_shifters(self, field: Complex) -> Complex:
        """(P, 2, B) at o1 and o2 of every driven phase shifter, of a field at all ports (M, B)."""
        return field[self.wiring.first_ports[self.driven, None] + np.arange(2)]

    def _of_each(self, phases: Real, quantity: str) -> Complex:
        """S or its slope of every driven phase shifter, (P, 2, 2)."""
        values = np.empty((self.phase_count, 2, 2), dtype=complex)
        for number, shifter in enumerate(self.shifters):
            here = self.which == number
            values[here] = (shifter.s if quantity == "s" else shifter.slope)(phases[here])
        return values * turned(self.errors)


def turned(errors: Complex) -> Complex:
    """(m, 2, 2) factors on the entries of S that factors (m,) on the o2 side of each two-port make."""
    side = np.stack([np.ones_like(errors), errors], axis=-1)
    return side[:, :, None] * side[:, None, :]


def reflection_difference(circuit: Circuit) -> float:
    """‖T − T₁‖/‖T‖ (Frobenius) of the transfer with all reflections, T, and in transmission only, T₁."""
    whole, plain = circuit.solve().transfer(), circuit.without_reflections().solve().transfer()
    return float(np.linalg.norm(whole - plain) / np.linalg.norm(whole))
