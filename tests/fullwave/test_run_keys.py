"""A run's key changes with everything that changes its numbers, and with nothing else."""

import ast
import shutil
from pathlib import Path

import pytest

import fdtd_onn
from fdtd_onn.fullwave import stamp
from fdtd_onn.specs.device import device_adapter
from fdtd_onn.specs.fidelity import FIDELITIES
from fdtd_onn.specs.material_table import MEDIA
from fdtd_onn.specs.runs import EngineStamp, Lattice, SaturationRun, ScatteringRun, run_key
from tests.fullwave.support import needs_engine
from tests.geometry.make import bulk, make_device, with_stack

DRAFT = FIDELITIES["draft"]
STAMP = EngineStamp(engine="meep", version="1.25.0", code="0123")
PACKAGE = Path(fdtd_onn.__file__).parent
# What a design may say without changing any number of a run.
SILENT = {
    "name",
    "summary",
    "source",
    "symmetries",
    "process",
    "materials.core.note",
    "materials.cladding.note",
    "materials.cladding.basis",  # only says what the number is
    "saturation.pump_over_saturation",
}
# Texts that must have another allowed value; those missing here allow one only.
OTHER_TEXT = {"polarization": "tm", "plane": "xz", "materials.cladding.basis": "effective"}
ONE_CHOICE = {"kind", "materials.core.basis", "stack.wafer", "stack.box_um"} | {
    f"stack.{part}.{key}" for part in ("core", "cladding", "substrate") for key in ("basis", "medium", "dispersion")
}
# Lists: others that a device of the test may have.
OTHER_NAMES = {
    "symmetries": ["x"],
    "process": [{"name": "edge", "sigma": 0.005, "moves": {"parameters.width_um": 1.0}}],
}
OTHER_NUMBERS = {"stack.overlay_um": 1.5}  # of keys that may be left out
# An absorber has these only one way.
SLOPES = {f"materials.{part}.dn_dlambda_per_um" for part in ("core", "cladding")}
ONE_CHOICE_OF_ABSORBERS = {"polarization", "dimensions", "plane", "placement.kind"} | SLOPES
# A heater's guide is a strip in space in one cladding, has one mode, and the indices of the band's centre.
FIXED_OF_HEATERS = {"plane", "dimensions", "tunable", "stack.slab_um", "stack.sidewall_deg", "stack.substrate"} | {
    "stack.overlay_um",
    "stack.core.dn_dlambda_per_um",
    "stack.cladding.dn_dlambda_per_um",
}


def run_of(device):
    if device.kind == "absorber":
        return SaturationRun(device=device, fidelity=DRAFT, resolution=20, pump_over_saturation=0.3)
    return ScatteringRun(device=device, fidelity=DRAFT, resolution=20, port="o1")


def leaves(data, path=""):
    for key, value in data.items():
        place = f"{path}.{key}".lstrip(".")
        if isinstance(value, dict) and key != "tunable":
            yield from leaves(value, place)
        else:
            yield place, value


def changed(place, value):
    if place.endswith("dn_dlambda_per_um"):
        return -0.1
    if isinstance(value, float):
        return 1.001 * value + 1e-4
    if isinstance(value, int):
        return value + 1
    if place in OTHER_NUMBERS:
        return OTHER_NUMBERS[place]
    if place in OTHER_NAMES:
        return OTHER_NAMES[place]
    if value is None:
        return {"index": 1.4, "basis": "bulk"}
    if isinstance(value, list):
        return [*value[:-1], value[-1] * 1.001]
    return OTHER_TEXT.get(place, f"{value}_")


def with_change(device, place):
    data = device.model_dump(mode="json")
    *way, last = place.split(".")
    node = data
    for key in way:
        node = node[key]
    node[last] = changed(place, node[last])
    return device_adapter.validate_python(data)


def test_every_leaf_of_a_design_is_in_the_key_or_is_known_to_be_silent():
    for kind in ("coupler", "phase_shifter", "absorber"):
        device = make_device(kind)
        key = run_key(run_of(device), STAMP)
        places = [place for place, _ in leaves(device.model_dump(mode="json")) if place != "tunable"]
        assert len(places) > 14
        fixed = ONE_CHOICE | (ONE_CHOICE_OF_ABSORBERS if kind == "absorber" else set())
        for place in set(places) - fixed:
            same = run_key(run_of(with_change(device, place)), STAMP) == key
            assert same == (place in SILENT or place.startswith("stack.")), place


def test_every_leaf_of_a_heater_is_in_its_physics_or_is_known_to_be_silent():
    device = make_device("heater")
    for place, _ in leaves(device.model_dump(mode="json")):
        if place in FIXED_OF_HEATERS | ONE_CHOICE | set(OTHER_NAMES):
            continue
        if place.startswith("thermal."):
            changed_device = type(device).model_validate(
                device.model_dump() | {"thermal": device.thermal.model_dump() | {place.partition(".")[2]: "Al"}}
            )
        else:
            changed_device = with_change(device, place)
        silent = place in SILENT or place.startswith("materials.") or place.endswith(".note")
        assert (changed_device.physics() == device.physics()) == silent, place


def test_in_three_dimensions_the_stack_counts_and_effective_indices_do_not():
    device = with_stack(make_device("straight", dimensions=3), substrate=bulk(1.45))
    key = run_key(run_of(device), STAMP)
    assert run_key(run_of(make_device("straight", dimensions=3)), STAMP) != key
    for place, _ in leaves({"stack": device.model_dump(mode="json")["stack"]}):
        if place in ONE_CHOICE:
            continue
        assert (run_key(run_of(with_change(device, place)), STAMP) == key) == place.endswith("note"), place
    assert run_key(run_of(with_change(device, "materials.core.index")), STAMP) == key
    assert run_key(run_of(make_device("straight")), STAMP) != key


def test_a_tap_is_in_the_key_with_its_layers_and_without_its_camera():
    device = with_stack(make_device("grating_tap"), wafer=bulk(3.4757), box_um=2.0, overlay_um=1.0)
    key = run_key(run_of(device), STAMP)
    data = device.model_dump(mode="json")
    places = [place for place, _ in leaves({"parameters": data["parameters"]})]
    for place in [*places, "stack.box_um", "stack.overlay_um", "stack.wafer.index"]:
        assert run_key(run_of(with_change(device, place)), STAMP) != key, place
    for place in ("camera.centre_deg", "camera.half_width_deg"):
        assert run_key(run_of(with_change(device, place)), STAMP) == key, place


def test_in_an_upright_plane_the_stack_counts_too():
    device = with_stack(make_device("straight"), plane="xz")
    key = run_key(run_of(device), STAMP)
    assert run_key(run_of(with_change(device, "stack.core.index")), STAMP) != key
    assert run_key(run_of(with_change(device, "materials.core.index")), STAMP) == key
    assert run_key(run_of(with_stack(device, plane="xy", dimensions=3)), STAMP) != key


def test_the_choice_of_a_medium_is_in_the_key_and_what_is_said_of_it_is_not():
    device = make_device("straight", dimensions=3).model_dump(mode="json")

    def key(**core):
        stack = {**device["stack"], "core": core}
        return run_key(run_of(device_adapter.validate_python({**device, "stack": stack})), STAMP)

    constant, dispersive = (key(medium="Si", dispersion=choice) for choice in ("constant", "dispersive"))
    assert dispersive != constant
    assert key(medium="Si", dispersion="dispersive", note="bought elsewhere") == dispersive
    # The same number by another way is the same run.
    assert key(index=MEDIA["Si"].index(1.55), basis="bulk") == constant


def test_what_is_tunable_does_not_change_a_run():
    device = make_device("phase_shifter")
    data = device.model_dump(mode="json") | {"tunable": {"parameter": "delta_t_k", "values": [0.0, 100.0]}}
    tunable = device_adapter.validate_python(data)
    assert run_key(run_of(tunable), STAMP) == run_key(run_of(device), STAMP)
    assert run_key(run_of(tunable.family()[1]), STAMP) == run_key(run_of(device), STAMP)


def test_numerical_settings_are_in_the_key_and_their_name_is_not():
    run = run_of(make_device("straight"))
    key = run_key(run, STAMP)
    for name, value in DRAFT.model_dump().items():
        other = "standard" if name == "name" else value + 1
        moved = run.model_copy(update={"fidelity": DRAFT.model_copy(update={name: other})})
        # The run says its own resolution: those of the fidelity are only where it came from.
        assert (run_key(moved, STAMP) == key) == (name in {"name", "resolution", "coarse_resolution", "floor"}), name


HELD = Lattice(extent_um=((-3.0, 3.0), (-2.0, 2.0)), shift=0.25)


@pytest.mark.parametrize("change", [{"resolution": 21}, {"port": "o2"}, {"lattice": HELD}])
def test_resolution_port_and_lattice_are_in_the_key(change):
    run = run_of(make_device("straight"))
    assert run_key(run.model_copy(update=change), STAMP) != run_key(run, STAMP)


def test_the_pump_is_in_the_key():
    run = run_of(make_device("absorber"))
    assert run_key(run.model_copy(update={"pump_over_saturation": 0.31}), STAMP) != run_key(run, STAMP)


@pytest.mark.parametrize("field", sorted(EngineStamp.model_fields))
def test_engine_version_and_code_are_in_the_key(field):
    run = run_of(make_device("straight"))
    assert run_key(run, STAMP.model_copy(update={field: "other"})) != run_key(run, STAMP)


def numerics_behind(module):
    """The modules of geometry, fullwave and thermal that one imports, at any remove, as paths in the package."""
    found, waiting = set(), [module]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        for node in ast.walk(ast.parse((PACKAGE / path).read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module.startswith(
                ("fdtd_onn.fullwave.", "fdtd_onn.geometry.", "fdtd_onn.thermal.")
            ):
                waiting.append(node.module.removeprefix("fdtd_onn.").replace(".", "/") + ".py")
    return found


@needs_engine
def test_the_code_digest_sees_code_and_nothing_else(tmp_path, monkeypatch):
    copy = tmp_path / "fdtd_onn"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(stamp, "__file__", str(copy / "fullwave" / "stamp.py"))

    def digests():
        stamp._code_digest.cache_clear()
        return stamp.engine_stamp().code, stamp.solver_stamp().code

    before = digests()
    coverage = copy / "geometry" / "coverage.py"
    text = coverage.read_text(encoding="utf-8")
    coverage.write_text('"""Said otherwise."""\n' + text.split('"""', 2)[2] + "\n# A remark.\n", encoding="utf-8")
    assert digests() == before
    runs, heat = numerics_behind("fullwave/execute.py"), numerics_behind("api/heaters.py")
    for name in sorted((runs | heat) - {"fullwave/engine.py", "fullwave/meep.py", "fullwave/stamp.py"}):
        text = (copy / name).read_text(encoding="utf-8")
        (copy / name).write_text(text + "\nNEW = 1\n", encoding="utf-8")
        run, solved = digests()
        assert (run != before[0]) == (name in runs), f"{name} in the digest of runs"
        assert solved != before[1], f"{name} is not in the digest of what is solved here"
        (copy / name).write_text(text, encoding="utf-8")
    stamp._code_digest.cache_clear()
