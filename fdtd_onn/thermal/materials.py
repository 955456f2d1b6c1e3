"""How materials conduct and store heat near room temperature.

Units inside `thermal`: lengths in µm, powers in mW, temperatures (above the wafer's lower face) in K, times in µs.
"""

from __future__ import annotations

from dataclasses import dataclass

from fdtd_onn.specs.device.heater import ThermalMaterial


@dataclass(frozen=True)
class HeatConductor:
    """conductivity: mW/(µm K).  capacity: per volume, mW µs/(µm³ K)."""

    conductivity: float
    capacity: float


def _conductor(w_per_m_k: float, g_per_cm3: float, j_per_g_k: float) -> HeatConductor:
    """From the units of the tables: W/(m K) is 1e-3 mW/(µm K), J/(cm³ K) is 1e-3 mW µs/(µm³ K)."""
    return HeatConductor(1e-3 * w_per_m_k, 1e-3 * g_per_cm3 * j_per_g_k)


# Conductivities of elements: Ho, Powell and Liley, J. Phys. Chem. Ref. Data 1, 279 (1972), at 300 K; densities and
# specific heats of elements and of fused silica: CRC Handbook of Chemistry and Physics.
# SiO2, amorphous: CRC Handbook. Si3N4, LPCVD film: Mastrangelo, Tai and Muller, Sens. Actuators A 23, 856 (1990).
# TiN: Pierson, Handbook of Refractory Carbides and Nitrides (1996).
CONDUCTORS: dict[ThermalMaterial, HeatConductor] = {
    "Si": _conductor(148.0, 2.329, 0.712),
    "SiO2": _conductor(1.38, 2.20, 0.74),
    "Si3N4": _conductor(3.2, 3.0, 0.70),
    "TiN": _conductor(19.2, 5.40, 0.545),
    "Ti": _conductor(21.9, 4.506, 0.523),
    "W": _conductor(174.0, 19.25, 0.132),
    "Al": _conductor(237.0, 2.70, 0.897),
}
