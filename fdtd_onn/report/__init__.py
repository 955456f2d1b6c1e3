"""An experiment as a folder that can be handed around: one page, its figures, its numbers, its models."""

from fdtd_onn.report.compare import write_comparison
from fdtd_onn.report.compare_over import write_comparison_over
from fdtd_onn.report.devices import write_device_pages
from fdtd_onn.report.fidelity import write_fidelity
from fdtd_onn.report.folder import make_folder_of, require_free
from fdtd_onn.report.heater import write_heater
from fdtd_onn.report.process import write_process
from fdtd_onn.report.sweep import write_sweep
from fdtd_onn.report.write import write_report

__all__ = [
    "make_folder_of",
    "require_free",
    "write_comparison",
    "write_comparison_over",
    "write_device_pages",
    "write_fidelity",
    "write_heater",
    "write_process",
    "write_report",
    "write_sweep",
]
