"""Small devices to draw and to run."""

from __future__ import annotations

from fdtd_onn.specs.device import device_adapter

PARAMETERS = {
    "straight": {"width_um": 0.5, "length_um": 2.0},
    "s_bend": {"width_um": 0.5, "length_um": 6.0, "offset_um": 1.3},
    "coupler": {"width_um": 0.5, "gap_um": 0.2, "length_um": 1.0, "bend_length_um": 4.0, "pitch_um": 2.2},
    "bend": {"width_um": 0.5, "radius_um": 3.0, "shape": "euler", "euler_fraction": 0.6},
    "taper": {"width_start_um": 0.5, "width_stop_um": 1.3, "length_um": 3.0},
    "mmi_1x2": {
        "width_um": 0.5,
        "taper_width_um": 1.0,
        "taper_length_um": 1.5,
        "body_width_um": 2.8,
        "body_length_um": 4.0,
        "port_pitch_um": 1.5,
    },
    "mmi_2x2": {
        "width_um": 0.45,
        "taper_width_um": 0.9,
        "taper_length_um": 1.5,
        "body_width_um": 2.5,
        "body_length_um": 5.0,
        "port_pitch_um": 1.4,
    },
    "y_branch": {
        "width_um": 0.5,
        "body_length_um": 2.0,
        "body_widths_um": [0.5, 0.7, 1.1, 1.3, 1.25, 1.2],
        "arm_length_um": 4.0,
        "port_pitch_um": 1.9,
    },
    "crossing": {"width_um": 0.5, "centre_width_um": 1.6, "taper_length_um": 2.5},
    "mzi": {
        "width_um": 0.5,
        "gap_um": 0.2,
        "length_um": 1.0,
        "bend_length_um": 3.0,
        "pitch_um": 2.0,
        "arm_length_um": 2.0,
        "arm_delta_t_k": 100.0,
        "dn_dt_per_k": 1.84e-4,
    },
    "phase_shifter": {"width_um": 0.5, "length_um": 4.0, "delta_t_k": 100.0, "dn_dt_per_k": 1.84e-4},
    "heater": {
        "width_um": 0.5,
        "length_um": 5.0,
        "wafer_um": 100.0,
        "buried_oxide_um": 2.0,
        "heater_distance_um": 1.5,
        "heater_thickness_um": 0.1,
        "heater_width_um": 2.0,
        "cover_um": 0.5,
        "convection_w_per_m2_k": 0.0,
        "dn_dt_core_per_k": 1.86e-4,
        "dn_dt_cladding_per_k": 1e-5,
        "loss_db_per_cm": 2.0,
    },
    "absorber": {
        "width_um": 0.5,
        "length_um": 2.0,
        "thickness_um": 0.22,
        "absorption_per_um": 0.3,
        "nonsaturable_absorption_per_um": 0.0,
        "saturation_intensity_mw_per_um2": 6.5,
        "linewidth_thz": 20.0,
        "relaxation_periods": 10.0,
    },
}
SATURATION = {
    "pump_over_saturation": [0.03, 0.3, 3.0, 10.0],
    "probe_over_saturation": 1e-4,
    "wavelength_um": 1.55,
}


STACK = {
    "thickness_um": 0.22,
    "core": {"index": 3.4757, "basis": "bulk"},
    "cladding": {"index": 1.444, "basis": "bulk"},
}


def with_stack(device, **changes):
    """The device with some keys of its stack, and `plane` or `dimensions` beside it, replaced."""
    data = device.model_dump(mode="json")
    data |= {key: changes.pop(key) for key in ("plane", "dimensions") if key in changes}
    return device_adapter.validate_python(data | {"stack": {**data["stack"], **changes}})


def bulk(index):
    return {"index": index, "basis": "bulk"}


def make_device(kind, polarization="te", points=3, dimensions=2, **parameters):
    """A device of silicon's slab index in oxide, some of its parameters replaced, at 1.5 to 1.6 µm."""
    data = {
        "kind": kind,
        "name": kind,
        "source": "a test",
        "polarization": polarization,
        "dimensions": dimensions,
        "stack": STACK,
        "materials": {
            "core": {"index": 2.85, "basis": "effective"},
            "cladding": {"index": 1.444, "basis": "bulk"},
        },
        "wavelengths": {"start_um": 1.5, "stop_um": 1.6, "points": points},
        "parameters": {**PARAMETERS[kind], **parameters},
    }
    if kind == "absorber":
        data["saturation"] = SATURATION
    if kind == "heater":
        data |= {"dimensions": 3, "thermal": {"wafer": "Si", "core": "Si", "cladding": "SiO2", "heater": "TiN"}}
    return device_adapter.validate_python(data)
