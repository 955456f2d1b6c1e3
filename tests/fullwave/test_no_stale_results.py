"""No result is found again under a key that something else made: every field of every specification, one at a time."""

import copy
import dataclasses
import re
import subprocess
import sys
from itertools import islice
from pathlib import Path

import gdstk
import numpy as np
import pytest
from pydantic import ValidationError

import fdtd_onn
from fdtd_onn.errors import BadInput
from fdtd_onn.fullwave import stamp
from fdtd_onn.geometry.scene import draw
from fdtd_onn.specs.device import AnyDevice, Heater, device_adapter
from fdtd_onn.specs.fidelity import FIDELITIES
from fdtd_onn.specs.runs import AnyRun, EngineStamp, Lattice, RecoveryRun, SaturationRun, ScatteringRun, SpectrumRun
from fdtd_onn.specs.runs import run_key as key_of
from tests.fullwave.support import ENVIRONMENT, needs_engine
from tests.geometry.make import PARAMETERS, STACK, bulk, make_device, with_stack

STAMP = EngineStamp(engine="meep", version="1.25.0", code="0123")
DRAFT = FIDELITIES["draft"]
STRIP = {"kind": "strip", "width_um": 0.2, "offset_um": 0.1, "index": 2.0}
FILM = {"kind": "layer", "thickness_um": 0.05, "index": 2.0}
_MEDIA = {"core": "Si", "cladding": "SiO2", "substrate": "SiO2", "wafer": "Si"}
MEDIA = {"box_um": 2.0} | {film: {"medium": name, "dispersion": "dispersive"} for film, name in _MEDIA.items()}
DEEP = {"substrate": bulk(1.45), "wafer": bulk(3.4), "box_um": 2.0, "overlay_um": 1.0}
LEANING = {"slab_um": 0.05, "sidewall_deg": 8.0}

# What no run sees, whatever the device: words, what is made of results, and which runs there are.
WORDS = {"name", "summary", "source", "tunable", "symmetries", "process"}
# Texts and tables to try in place of others, or of nothing; what a field refuses is left out.
TEXTS = (
    "te",
    "tm",
    "xy",
    "xz",
    "x",
    "y",
    "te0",
    "tm0",
    "effective",
    "bulk",
    "constant",
    "dispersive",
    "circular",
    "Al",
    "Si3N4",
)
TABLES = (
    bulk(1.41),
    {"medium": "Si", "dispersion": "constant"},
    {**STACK, "overlay_um": 0.7},
    {"start_um": 1.5, "stop_um": 1.61, "points": 3},
    {"o1": ["te0", "te1"]},
    {"parameter": "length_um", "values": [1.0, 2.0]},
    {"kind": "core"},
)
LISTS = (
    ["x"],
    [{"name": "edge", "sigma": 0.005, "moves": {"wavelengths.start_um": 1.0}}],
    [{"name": "o1", "x_um": 0.0, "y_um": 0.0, "axis": "x", "outward": -1, "width_um": 0.5}],
)
# Fields that must change together, because a specification refuses two values for one thing.
_THICKNESS = {("parameters", "thickness_um"): 0.23, ("stack", "thickness_um"): 0.23}
TOGETHER = {
    "y_branch": ({("parameters", "width_um"): 0.51, ("parameters", "body_widths_um", 0): 0.51},),
    "bend": ({("parameters", "shape"): "circular", ("parameters", "euler_fraction"): None},),
    "straight": ({("stack", "wafer"): bulk(3.4), ("stack", "box_um"): 2.0},),
    "absorber film": (_THICKNESS,),
    "absorber in space": (_THICKNESS,),
}
# Fields that have one value only beside the others of their device: of `layers`, its items are tried.
FIXED = {"kind", "placement.kind", "materials.core.basis", "layers"} | {
    f"stack.{film}.basis" for film in ("core", "cladding", "substrate", "wafer")
}


def with_fields(device, **fields):
    return device_adapter.validate_python(device.model_dump(mode="json") | fields)


def drawing(folder, layered, dimensions=2):
    """A device of the kind `gds`: a bar of one layer, or of two."""
    library, cell = gdstk.Library(), gdstk.Cell("bar")
    cell.add(gdstk.rectangle((-1, -0.25), (1, 0.25), layer=1), gdstk.rectangle((-0.2, -0.1), (0.2, 0.1), layer=2))
    library.add(cell)
    library.write_gds(folder / "bar.gds", timestamp=None)
    ports = [{"name": f"o{k}", "x_um": x, "outward": int(x)} for k, x in ((1, -1.0), (2, 1.0))]
    where = {"file": str(folder / "bar.gds"), "cell": "bar"}
    film = {"datatype": 0, "effective_index": 2.85, "bulk_index": 3.4757, "z_um": [0.0, 0.22]}
    data = make_device("straight", dimensions=dimensions).model_dump(mode="json") | {
        "kind": "gds",
        "parameters": where if layered else {**where, "layer": 1, "datatype": 0},
        "ports": [{"y_um": 0.0, "axis": "x", "width_um": 0.5, **port} for port in ports],
        "layers": [{**film, "layer": 1}, {**film, "layer": 2, "effective_index": 2.0}] if layered else [],
    }
    return device_adapter.validate_python(data)


def assembly(dimensions=2):
    guide, shifter = (make_device(kind, dimensions=dimensions) for kind in ("straight", "phase_shifter"))
    parts = [
        {"device": guide.model_dump(mode="json"), "x_um": 0.0, "y_um": 0.0, "monitored": True},
        {"device": shifter.model_dump(mode="json"), "x_um": 3.0, "y_um": 0.0},
    ]
    return with_fields(guide, kind="assembly", parameters={"parts": parts})


def designs(folder):
    """Devices of every kind, and in every plane and space where other fields count."""
    plane = {kind: make_device(kind) for kind in PARAMETERS}
    absorber, guide = plane["absorber"], plane["straight"]
    coated = with_fields(absorber, placement=FILM, plane="xz")
    return plane | {
        "straight in space": with_stack(make_device("straight", dimensions=3), **LEANING, **DEEP),
        "straight upright": with_stack(guide, plane="xz", **DEEP),
        "straight of media": with_stack(make_device("straight", dimensions=3), **MEDIA),
        "coupler in space": make_device("coupler", dimensions=3),
        "grating_tap": with_stack(plane["grating_tap"], slab_um=0.05, **DEEP),
        "grating_tap in space": with_stack(make_device("grating_tap", dimensions=3), **DEEP),
        "absorber strip": with_fields(absorber, placement=STRIP),
        "absorber film": with_stack(coated, overlay_um=1.0),
        "absorber in space": with_stack(make_device("absorber", dimensions=3), overlay_um=1.0),
        "gds": drawing(folder, layered=False),
        "gds layers": drawing(folder, layered=True),
        "gds in space": drawing(folder, layered=True, dimensions=3),
        "assembly": assembly(),
        "assembly in space": assembly(dimensions=3),
    }


def runs_of(device):
    settings = {"device": device, "fidelity": DRAFT, "resolution": 20}
    if device.kind != "absorber":
        return (ScatteringRun(port="o1", **settings),)
    pumped = (SaturationRun, RecoveryRun)
    return (*(run(pump_over_saturation=0.3, **settings) for run in pumped), SpectrumRun(**settings))


def identity(device):
    """What the results of a device are found by; a heater's are found by its physics."""
    return device.physics() if isinstance(device, Heater) else [key_of(run, STAMP) for run in runs_of(device)]


def leaves(node, path=()):
    """Paths of all values that are no table or list, and of empty ones."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        if isinstance(value, dict | list) and value:
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key)


def others(value):
    """Values to try in place of one."""
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int):
        return (value + 1, value - 1, -value)
    if isinstance(value, float):
        return (value + 1e-3, value - 1e-3, 1.01 * value)
    texts = () if not isinstance(value, str) else (f"{value}_", f"{value}0", value[:-1] + "0")
    return (*texts, *TEXTS, *LISTS, *TABLES, 0.3, 1, -0.1, [0.5, 0.7])


def with_change(data, changes):
    data = copy.deepcopy(data)
    for path, value in changes.items():
        node = data
        for key in path[:-1]:
            node = node[key]
        node[path[-1]] = value
    return data


def changed_in(device, changes):
    """The device with other values at some paths, if the specification allows them and they make another device."""
    try:
        changed = device_adapter.validate_python(with_change(device.model_dump(mode="json"), changes))
    except (ValidationError, BadInput):
        return None
    return changed if changed.kind == device.kind and changed != device else None


def neighbours(label, device):
    """(field, the same device with another value there), one or two of every field that has any."""
    data = device.model_dump(mode="json")
    for path in leaves(data):
        value = data
        for key in path:
            value = value[key]
        tried = (changed_in(device, {path: other}) for other in others(value))
        for changed in islice((found for found in tried if found is not None), 2):
            yield ".".join(map(str, path)), changed
    for changes in TOGETHER.get(label, ()):
        yield ".".join(map(str, next(iter(changes)))), changed_in(device, changes)


def silent(device, name):
    """Whether a field is one that no run may see."""
    first, last = name.split(".")[0], name.split(".")[-1]
    if first in WORDS or last == "note":
        return True
    if first in ("materials", "stack"):
        # The plane of the chip has effective indices in it, every other run the films; an index's basis is its name.
        return (first == "stack") != device.uses_stack or last == "basis"
    if ".device." in name:
        # A part is in its drawing by its parameters; the film is the assembly's.
        return name.split(".device.")[1].split(".")[0] not in ("kind", "parameters")
    if device.kind == "gds" and first == "layers":
        return last == "effective_index" if device.uses_stack else name.split(".")[2] in ("bulk_index", "z_um")
    if device.kind == "gds" and name == "parameters.file":
        return True  # it counts by its content, whose digest is in the key
    return name.startswith(("camera.", "saturation.pump_over_saturation"))


def generic(device, name):
    """A field's name without the numbers of list items; parameters are those of the kind."""
    name = re.sub(r"\.[0-9]+(?=\.|$)", "", name)
    if ".device." in name:
        return generic(device, name.split(".device.")[1])
    return f"{name} of {device.kind}" if name.startswith("parameters.") else name


def numbers(value):
    """All numbers in a drawing, one after the other: whatever a run may take of it."""
    if dataclasses.is_dataclass(value):
        value = [getattr(value, field.name) for field in dataclasses.fields(value)]
    if isinstance(value, list | tuple):
        return [number for part in value for number in numbers(part)]
    if isinstance(value, str) or value is None:
        return []
    return np.ravel(value).astype(float).tolist()


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return designs(tmp_path_factory.mktemp("drawings"))


def test_every_kind_of_device_and_of_run_is_here(library):
    kinds = {kind.model_fields["kind"].annotation.__args__[0] for kind in AnyDevice.__origin__.__args__}
    assert {device.kind for device in library.values()} == kinds
    assert set(AnyRun.__origin__.__args__) == {ScatteringRun, SaturationRun, SpectrumRun, RecoveryRun}


def test_every_field_of_every_device_is_in_the_key_or_changes_no_run(library):
    """What is in no key must not be in the drawing either, and no field is left untried."""
    fields, tried = set(), set()
    for label, device in library.items():
        fields |= {generic(device, ".".join(map(str, path))) for path in leaves(device.model_dump(mode="json"))}
        before = identity(device)
        drawn = None if isinstance(device, Heater) else numbers(draw(device, 1.0))
        for name, changed in neighbours(label, device):
            tried.add(generic(device, name))
            same = identity(changed) == before
            assert same == silent(device, name), f"{label}: {name}"
            # A drawing is read again from the file that is named, which is not there.
            if same and drawn is not None and name != "parameters.file":
                np.testing.assert_allclose(numbers(draw(changed, 1.0)), drawn, atol=1e-12, err_msg=f"{label}: {name}")
    assert fields - tried == FIXED


FIDELITY = ("pml_um", "lead_um", "margin_um", "settle_tolerance")


def test_every_field_of_a_run_is_in_its_key():
    """The fidelity's name, its own resolutions and its floor are where a run's settings come from, not settings."""
    other = {
        "kind": None,  # told apart below
        "device": make_device("straight", length_um=2.5),
        "fidelity": None,
        "resolution": 21,
        "port": "o2",
        "lattice": Lattice(extent_um=((-3.0, 3.0), (-2.0, 2.0)), shift=0.25),
        "pump_over_saturation": 0.31,
    }
    keys = set()
    for run in (*runs_of(make_device("straight")), *runs_of(make_device("absorber"))):
        key = key_of(run, STAMP)
        keys.add(key)
        for name in type(run).model_fields:
            if other[name] is not None and (name, run.kind) != ("device", "scattering"):
                value = make_device("absorber", length_um=2.5) if name == "device" else other[name]
                assert key_of(run.model_copy(update={name: value}), STAMP) != key, name
        for name, value in DRAFT:
            settings = DRAFT.model_copy(update={name: "standard" if name == "name" else value + 1})
            assert (key_of(run.model_copy(update={"fidelity": settings}), STAMP) != key) == (name in FIDELITY), name
    assert len(keys) == 4


def test_every_field_of_a_lattice_is_in_the_key():
    (run,) = runs_of(make_device("straight"))
    values = {"extent_um": ((-3.0, 3.0), (-2.0, 2.1)), "shift": 0.5, "lines_um": (0.1,)}
    lattice = Lattice(extent_um=((-3.0, 3.0), (-2.0, 2.0)), shift=0.25)
    key = key_of(run.model_copy(update={"lattice": lattice}), STAMP)
    for name in Lattice.model_fields:
        moved = lattice.model_copy(update={name: values[name]})
        assert key_of(run.model_copy(update={"lattice": moved}), STAMP) != key, name


# Modules of this package that are loaded where a run is executed but are not in its code digest, and why they cannot
# change a number behind the key's back.
HARMLESS = {
    "__init__.py": "empty",
    "atomic.py": "files, whole or not at all",
    "errors.py": "what is said when there is no result",
    "fullwave/engine.py": "finds the engine, whose version is in the key",
    "fullwave/meep.py": "loads the engine",
    "fullwave/stamp.py": "makes the digest",
    "responses/frozen.py": "copies arrays",
    "responses/provenance.py": "what is said of a result's origin",
    "responses/saturation.py": "refuses profiles that are not normalised; results are assembled anew from records",
    "responses/scattering.py": "results are assembled anew from records",
    "specs/base.py": "writes the key",
    "specs/device/__init__.py": "lists the kinds",
    "specs/device/couplers.py": "fields, all in the key, and what is refused",
    "specs/device/guides.py": "fields, all in the key, and what is refused",
    "specs/device/heater.py": "fields, all in the key, and what is refused",
    "specs/device/junctions.py": "fields, all in the key, and what is refused",
    "specs/fidelity.py": "its values are in the key",
    "specs/material_table.py": "the indices that come of it are in the key",
    "specs/materials.py": "the indices that come of it are in the key",
    "specs/problems.py": "words for what is refused",
    "specs/process.py": "makes further devices, each with its key",
    "specs/runs.py": "writes the key",
    "store/__init__.py": "keeps what it is given, bit by bit",
    "store/encoding.py": "keeps what it is given, bit by bit",
    "store/record.py": "keeps what it is given, bit by bit",
    "store/store.py": "keeps what it is given, bit by bit",
}

# Prints every module of the package that is loaded once a run of every kind has been executed.
EXECUTE_EVERY_KIND = """
import sys
from fdtd_onn.fullwave.execute import execute
from fdtd_onn.fullwave.stamp import engine_stamp
from fdtd_onn.specs.runs import run_adapter
for line in sys.stdin:
    execute(run_adapter.validate_json(line), engine_stamp(), lambda done, of: None)
for name, module in sys.modules.items():
    if name.split(".")[0] == "fdtd_onn":
        print(module.__file__)
"""


def fast_runs():
    """One small run of every kind, that of a tap because it reads its rim too; nothing is meant of their results."""
    fast = {"settle_tolerance": 0.5, "pml_um": 0.4, "lead_um": 0.6, "margin_um": 0.6}
    settings = {"fidelity": DRAFT.model_copy(update=fast)}
    section = {"device": make_device("absorber", length_um=0.5), "resolution": 12, **settings}
    yield ScatteringRun(device=make_device("grating_tap"), resolution=10, port="o1", **settings)
    yield SaturationRun(pump_over_saturation=0.1, **section)
    yield SpectrumRun(**section)
    yield RecoveryRun(pump_over_saturation=0.1, **section)


@needs_engine
@pytest.mark.long
def test_every_module_behind_a_run_is_in_the_code_digest_or_cannot_change_a_number():
    runs = "\n".join(run.model_dump_json() for run in fast_runs())
    command = [sys.executable, "-c", EXECUTE_EVERY_KIND]
    process = subprocess.run(command, input=runs, capture_output=True, text=True, env=ENVIRONMENT, timeout=120)
    assert process.returncode == 0, process.stderr
    package = Path(fdtd_onn.__file__).parent
    loaded = {str(Path(line).relative_to(package)) for line in process.stdout.splitlines()}
    loaded -= {name for name in loaded if (package / name).stat().st_size == 0}
    assert loaded - set(stamp._NUMERICS) == set(HARMLESS)
    assert not set(HARMLESS) & set(stamp._NUMERICS)
