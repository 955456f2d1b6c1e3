"""Every mistake that would ruin S without a word is found."""

from dataclasses import replace

import numpy as np
import pytest

from fdtd_onn.errors import FdtdOnnError, RunFailed
from fdtd_onn.fullwave import cell as cell_module
from fdtd_onn.fullwave import scattering
from fdtd_onn.fullwave.cell import build_cell
from fdtd_onn.fullwave.meep import meep
from fdtd_onn.fullwave.physical import require_physical
from fdtd_onn.fullwave.scattering import prepare, run_scattering
from fdtd_onn.geometry import scene
from fdtd_onn.geometry.devices import geometry
from fdtd_onn.geometry.shapes import rectangle
from fdtd_onn.responses.scattering import Response
from fdtd_onn.specs.fidelity import FIDELITIES
from fdtd_onn.specs.runs import ScatteringRun
from tests.fullwave.support import needs_engine
from tests.geometry.make import make_device
from tests.network.compiled_parts import PROVENANCE

DRAFT = FIDELITIES["draft"]
BAND = np.array([1.5, 1.55, 1.6])


def built(device, fidelity=DRAFT):
    return build_cell(device, fidelity, fidelity.resolution, BAND)


def with_more(monkeypatch, *regions):
    """Cells of devices that have these regions besides."""

    def drawn(device, extension_um):
        own = geometry(device, extension_um)
        return replace(own, regions=own.regions + regions)

    monkeypatch.setattr(scene, "geometry", drawn)


def test_a_sound_device_passes():
    for kind in ("straight", "coupler", "crossing", "bend", "phase_shifter"):
        assert built(make_device(kind)).ports


def test_a_window_that_sees_another_guide_is_refused(monkeypatch):
    with_more(monkeypatch, rectangle(-50.0, 50.0, 0.7, 1.0, 2.85, "core"))
    with pytest.raises(FdtdOnnError, match=r"also sees another one, from 0\.\d+ to 1\.\d+ µm"):
        built(make_device("straight"))


def test_a_guide_that_changes_between_source_and_port_is_refused(monkeypatch):
    with_more(monkeypatch, rectangle(-1.55, -1.45, 0.25, 0.4, 2.85, "core"))
    with pytest.raises(FdtdOnnError, match=r"port o1: expected a straight guide .* changes near -1\.[45]"):
        built(make_device("straight"))


def test_a_reading_too_near_to_the_device_is_refused():
    with pytest.raises(FdtdOnnError, match=r"at least 2 pixels of guide .* got 1: make the leads longer"):
        built(make_device("straight"), DRAFT.model_copy(update={"lead_um": 0.1}))


def test_light_launched_in_an_absorbing_layer_is_refused(monkeypatch):
    monkeypatch.setattr(cell_module, "extent_um", lambda drawn, fidelity: ((-1.2, 1.2), (-1.25, 1.25)))
    monkeypatch.setattr(
        cell_module, "grid_around", lambda extent, fidelity, resolution: cell_module.Grid(resolution, 88, 90, 20)
    )
    with pytest.raises(FdtdOnnError, match="inside the absorbing layers, but light is launched at"):
        built(make_device("straight"))


def response(s):
    device = make_device("coupler")
    ports, index = ("o1", "o2", "o3", "o4"), np.full((3, 4), 2.4)
    return Response(device, BAND, ports, s, 1e-3 * np.ones(s.shape), 1e-3, index, 1e-3 * index, PROVENANCE, ("o1",))


def test_gain_is_refused_beyond_the_error():
    s = np.tile(np.eye(4)[::-1], (3, 1, 1)).astype(complex)
    require_physical(response(1.001 * s))
    with pytest.raises(RunFailed, match=r"got a power gain of 0\.006\d* at 1\.5000 µm, beyond the error of 0\.003"):
        require_physical(response(1.003 * s))


def test_non_reciprocity_is_refused_beyond_the_error():
    s = np.tile(0.5 * np.eye(4)[::-1], (3, 1, 1)).astype(complex)
    s[1, 3, 0] *= 1.005
    require_physical(response(s))
    s[1, 3, 0] *= 1.005
    with pytest.raises(RunFailed, match=r"0\.25 from o4 to o1 and 0\.255 back at 1\.5500 µm"):
        require_physical(response(s))


@needs_engine
def test_fields_that_grow_end_the_run_before_the_pulse_does(monkeypatch):
    """A real gain medium: the run ends with the likely causes, long before its time is up."""

    def with_gain(cell, fidelity, port, _matter):
        sim, duration = prepare(cell, fidelity, port)
        mp = meep()
        medium = mp.Medium(epsilon=8.0, D_conductivity=-400.0)
        block = mp.Block(mp.Vector3(1.0, 0.4), material=medium)
        gaining = mp.Simulation(
            cell_size=sim.cell_size,
            resolution=sim.resolution,
            boundary_layers=sim.boundary_layers,
            default_material=mp.Medium(epsilon=2.0),
            geometry=[block],
            sources=sim.sources,
        )
        return gaining, duration

    monkeypatch.setattr(scattering, "prepare", with_gain)
    run = ScatteringRun(device=make_device("straight"), fidelity=DRAFT, resolution=16, port="o1")
    times = []
    with np.errstate(all="ignore"), pytest.raises(RunFailed, match=r"fields diverged before .* a gain medium"):
        run_scattering(run, lambda done, of: times.append(done))
    assert not times or times[-1] < 40.0
