import numpy as np
import pytest
from pydantic import ValidationError

from fdtd_onn.geometry.devices import geometry
from fdtd_onn.library import design_names
from fdtd_onn.specs.device import device_adapter
from fdtd_onn.specs.load import load_device
from tests.geometry.make import make_device
from tests.geometry.measure import beside, cut, raster

NAMES = design_names("devices")


@pytest.fixture(scope="module", params=NAMES)
def design(request):
    device = load_device(request.param)
    return device, geometry(device, 1.0)


def test_designs_are_named_as_their_files_and_small_enough_for_a_laptop(design):
    device, drawn = design
    assert device.name in NAMES
    assert device.source
    if device.kind == "heater":
        return  # its cross-section is solved, whatever its length
    width, height = (high - low for low, high in (drawn.x_range_um, drawn.y_range_um))
    assert width < 27.0
    assert height < 8.0


def test_regions_of_designs_are_disjoint(design):
    _, drawn = design
    core = raster(drawn, pitch=0.1, margin=1.2)
    assert -1e-12 <= core.min() <= core.max() <= 1.0 + 1e-12


def test_ports_of_designs_have_their_widths(design):
    _, drawn = design
    for port in drawn.ports:
        assert cut(drawn, *beside(port, 0.5), port.width_um + 0.4, port.axis)[0] == pytest.approx(port.width_um)


def test_designs_survive_a_round_trip_and_the_replacement_of_each_number(design):
    device, _ = design
    assert device_adapter.validate_json(device.model_dump_json(), strict=True) == device
    for name in device.parameter_names():
        value = getattr(device.parameters, name)
        assert device.with_parameters(**{name: value}) == device


def effective_width(device):
    """Soldano and Pennings (1995), for a field normal to the side walls (σ = 1)."""
    core, cladding = device.materials.core.index, device.materials.cladding.index
    return device.parameters.body_width_um + 1.55 / np.pi * (cladding / core) ** 2 / np.sqrt(core**2 - cladding**2)


@pytest.mark.parametrize(("name", "beats", "accesses"), [("mmi_1x2", 3 / 8, 2), ("mmi_2x2", 1 / 2, 3)])
def test_multimode_bodies_follow_self_imaging(name, beats, accesses):
    """Pitch We/2 or We/3; the length is at most the closed form, shortened by what the tapers image."""
    device = load_device(name)
    width = effective_width(device)
    beat_length = 4.0 * device.materials.core.index * width**2 / (3.0 * 1.55)
    assert device.parameters.port_pitch_um == pytest.approx(width / accesses, abs=6e-3)
    assert 0.88 * beats * beat_length < device.parameters.body_length_um <= beats * beat_length
    assert f"{beats * beat_length:.2f} um" in device.source


@pytest.mark.parametrize(
    ("kind", "changes", "told"),
    [
        ("bend", {"radius_um": 0.5}, "inner edge of the bend folds over"),
        ("bend", {"shape": "circular"}, "shape 'circular' has no euler_fraction"),
        ("bend", {"euler_fraction": None}, "shape 'euler' needs euler_fraction"),
        ("bend", {"euler_fraction": 1.5}, "euler_fraction"),
        ("mmi_1x2", {"port_pitch_um": 0.9}, "or the accesses touch"),
        ("mmi_2x2", {"body_width_um": 2.2}, "or the accesses stick out of the body"),
        ("y_branch", {"width_um": 0.6}, r"must begin with width_um \(0.6\), not 0.5"),
        ("y_branch", {"body_widths_um": [0.5, 0.8, 1.0, 1.0]}, "or the arms overlap"),
        ("y_branch", {"port_pitch_um": 0.6}, "or they bend into each other"),
        ("crossing", {"centre_width_um": 0.5}, r"centre_width_um \(0.5\) must exceed width_um"),
        ("taper", {"width_stop_um": 0.01}, "width_stop_um"),
        ("mzi", {"pitch_um": 0.6}, "or the arms do not separate"),
        ("mzi", {"arm_delta_t_k": 500.0}, "arm_delta_t_k"),
    ],
)
def test_parameters_that_cannot_be_drawn_are_refused(kind, changes, told):
    with pytest.raises(ValidationError, match=told):
        make_device(kind, **changes)


def test_only_numbers_can_be_tuned():
    assert make_device("bend").parameter_names() == ("width_um", "radius_um", "euler_fraction")
    assert make_device("bend", shape="circular", euler_fraction=None).parameter_names() == ("width_um", "radius_um")
    data = make_device("bend").model_dump() | {"tunable": {"parameter": "shape", "values": [0.0, 1.0]}}
    with pytest.raises(ValidationError, match="'shape' is not one of width_um, radius_um, euler_fraction"):
        device_adapter.validate_python(data)


def test_the_heat_of_a_node_makes_a_family():
    node = load_device("mzi")
    values = [device.parameters.arm_delta_t_k for device in node.family()]
    assert values == list(node.tunable.values)
    assert len({geometry(device, 0.0).regions[1].index for device in node.family()}) == len(values)
