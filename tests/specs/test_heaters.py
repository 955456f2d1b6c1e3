"""What a heater's file may not say, because nothing would read it."""

import pytest

from fdtd_onn.specs.device import device_adapter
from tests.geometry.make import bulk, make_device

HEATER = make_device("heater").model_dump(mode="json")
STACK = HEATER["stack"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"modes": {"o1": ["te1"]}}, r"leave \[modes\] out"),
        ({"stack": {**STACK, "wafer": bulk(3.4757), "box_um": 1.0}}, r"wafer and oxide are under \[parameters\]"),
        ({"stack": {**STACK, "overlay_um": 1.0}}, "overlay_um"),
        ({"stack": {**STACK, "core": {"medium": "Si", "dispersion": "dispersive"}}}, "dispersion = 'constant'"),
    ],
)
def test_what_a_heaters_solution_leaves_out_is_refused(changes, told):
    with pytest.raises(ValueError, match=told):
        device_adapter.validate_python(HEATER | changes)
