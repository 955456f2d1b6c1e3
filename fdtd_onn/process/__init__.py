"""From what varies in fabrication to the spread of what a device does."""

from fdtd_onn.process.draws import correlated_draws, independent_draws
from fdtd_onn.process.expansion import Expansion, expand
from fdtd_onn.process.quantities import period, quantities, run_errors

__all__ = ["Expansion", "correlated_draws", "expand", "independent_draws", "period", "quantities", "run_errors"]
