"""Saturable absorption of a guided mode, and what a section of it does to a pump and to a weak backward probe.

With the profile's points k (weights w, transverse and longitudinal energy t and l), u = t + l, v = t − l and
p = P/P_sat, the pump and a time-gated probe are absorbed by α₀ Σ w u/(1 + p u). A probe that is coherent with the
pump writes a grating with it; the longitudinal field of a backward mode has the opposite sign, so it meets
α₀ Σ w [u/(1 + p u) − p v²/(1 + p u)²]. For t = 1, l = 0 these are the plane-wave forms α₀/(1 + p) and α₀/(1 + p)²
(G. P. Agrawal and M. Lax, J. Opt. Soc. Am. 69, 1717 (1979)).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.responses.saturation import ModeProfile

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
STEPS_PER_DEPTH = 16  # fourth-order steps per unit of optical depth: error below 1e-10


@dataclass(frozen=True)
class Absorption:
    """The six numbers of a section.

    optical_depth, nonsaturable_optical_depth: α₀L and α_ns L, of power. saturation_power_w: see ModeProfile.
    phase_per_absorption: κ, the phase a saturable absorption brings (zero on resonance): a field is multiplied by
    exp(−½(1 − iκ)α₀L) in the dark. phase_rad, probe_phase_rad: of the fully bleached section, o1 to o2 and back.
    """

    optical_depth: float
    nonsaturable_optical_depth: float
    saturation_power_w: float
    phase_per_absorption: float
    phase_rad: float
    probe_phase_rad: float


def detuned(absorption: Absorption, detuning: float) -> Absorption:
    """The same section with its line moved to a detuning δ (of the light above it, in half widths).

    A two-level line absorbs and turns a field as α₀(1 + iδ)/(1 + δ² + I/I_sat): the depth falls, and the saturation
    power rises, by 1 + δ² (A. E. Siegman, Lasers (1986), section 7.6).
    """
    before, after = 1.0 + absorption.phase_per_absorption**2, 1.0 + detuning**2
    return replace(
        absorption,
        optical_depth=absorption.optical_depth * before / after,
        saturation_power_w=absorption.saturation_power_w * after / before,
        phase_per_absorption=-detuning,
    )


@dataclass(frozen=True, eq=False)
class LogTransmission:
    """Natural logarithms of complex amplitude transmissions, each of the powers' shape."""

    pump: Complex
    coherent: Complex


def transit(profile: ModeProfile, absorption: Absorption, power_w: Real) -> LogTransmission:
    """One section at incident pump powers (n,): dP/dz = −α(P/P_sat) P by the classical Runge–Kutta method."""
    start = power_w / absorption.saturation_power_w
    steps = ceil(STEPS_PER_DEPTH * (1.0 + absorption.optical_depth + absorption.nonsaturable_optical_depth))
    h = 1.0 / steps

    def rate(z: float, depths: Real) -> Real:
        p = start * np.exp(-depths[0] - absorption.nonsaturable_optical_depth * z)
        return absorption.optical_depth * _saturable(profile, p)

    depths = np.zeros((2, power_w.size))
    for step in range(steps):
        z = step * h
        k1 = rate(z, depths)
        k2 = rate(z + h / 2, depths + h / 2 * k1)
        k3 = rate(z + h / 2, depths + h / 2 * k2)
        k4 = rate(z + h, depths + h * k3)
        depths = depths + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    log = -0.5 * ((1.0 - 1j * absorption.phase_per_absorption) * depths + absorption.nonsaturable_optical_depth)
    return LogTransmission(log[0] + 1j * absorption.phase_rad, log[1] + 1j * absorption.probe_phase_rad)


def _saturable(profile: ModeProfile, p: Real) -> Real:
    """Absorption of pump and of coherent probe over α₀, (2, n), at p = P/P_sat (n,)."""
    u, v = profile.transverse + profile.longitudinal, profile.transverse - profile.longitudinal
    bleached = 1.0 / (1.0 + p[:, None] * u)
    pump = bleached @ (profile.weight * u)
    return np.stack([pump, pump - p * (bleached**2 @ (profile.weight * v**2))])
