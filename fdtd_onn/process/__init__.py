"""From what varies in fabrication to the spread of what a device does."""

from fdtd_onn.process.draws import correlated_draws, independent_draws, lattice_draws
from fdtd_onn.process.expansion import Expansion
from fdtd_onn.process.film import with_slab_index
from fdtd_onn.process.quantities import period, quantities, run_errors
from fdtd_onn.process.sensitivity import Sensitivities, scatter, sensitivities

__all__ = [
    "Expansion",
    "Sensitivities",
    "correlated_draws",
    "independent_draws",
    "lattice_draws",
    "period",
    "quantities",
    "run_errors",
    "scatter",
    "sensitivities",
    "with_slab_index",
]
