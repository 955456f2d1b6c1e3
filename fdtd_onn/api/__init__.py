"""The public functions: thin glue between the layers."""

from fdtd_onn.api.characterize import Progress, characterize, characterize_all, field_map, outstanding
from fdtd_onn.api.compare import Comparison, ComparisonsOver, compare_over, compare_rules
from fdtd_onn.api.devices import DeviceStudy, rows_of_s, study_devices
from fdtd_onn.api.experiment import Experiment, run_layout, train_all
from fdtd_onn.api.fidelity import Swept, sweep_fidelity
from fdtd_onn.api.layout_drawing import write_layout_gds
from fdtd_onn.api.library import Library, compile_library, describe_model, load_folder, write_library
from fdtd_onn.api.networks import compile_devices, load_models, load_network, train
from fdtd_onn.api.process import ProcessSpread, process_cost, process_spread
from fdtd_onn.api.stamps import stamps_in_use
from fdtd_onn.cluster.local import cores
from fdtd_onn.fullwave.cost import Cost
from fdtd_onn.fullwave.plan import Check, Checks

__all__ = [
    "Check",
    "Checks",
    "Comparison",
    "ComparisonsOver",
    "Cost",
    "DeviceStudy",
    "Experiment",
    "Library",
    "ProcessSpread",
    "Progress",
    "Swept",
    "characterize",
    "characterize_all",
    "compare_over",
    "compare_rules",
    "compile_devices",
    "compile_library",
    "cores",
    "describe_model",
    "field_map",
    "load_folder",
    "load_models",
    "load_network",
    "outstanding",
    "process_cost",
    "process_spread",
    "rows_of_s",
    "run_layout",
    "stamps_in_use",
    "study_devices",
    "sweep_fidelity",
    "train",
    "train_all",
    "write_layout_gds",
    "write_library",
]
