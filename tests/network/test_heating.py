"""Heat in sections that are not driven: against closed forms, and against the phases that it comes to."""

from dataclasses import replace

import numpy as np
import pytest

from fdtd_onn.errors import BadInput
from fdtd_onn.network.build import build_network
from fdtd_onn.network.heating import heater_drive
from fdtd_onn.network.parts import mesh_circuit, mesh_of
from fdtd_onn.network.topology import clements, reck
from fdtd_onn.specs.layout import NetworkSpec
from tests.network.stand_ins import AnalyticCoupler, AnalyticHeater, AnalyticShifter, make_mesh, parts_of

TWO_PI = 2 * np.pi
MESHES = [clements(4), reck(4), clements(5)]


def uneven_mesh(topology, shifter=None):
    """A mesh whose couplers all differ and lose light, so that nothing holds by symmetry."""
    mesh = make_mesh(AnalyticCoupler(0.5, 0.05), shifter or AnalyticShifter(loss=0.02), topology)
    rng = np.random.default_rng(3)
    wild = [
        block + 0.3 * (rng.standard_normal(block.shape) + 1j * rng.standard_normal(block.shape))
        for block in (mesh.couplers.forward, mesh.couplers.backward)
    ]
    return replace(mesh, couplers=type(mesh.couplers)(*wild))


@pytest.mark.parametrize("topology", MESHES)
def test_phases_of_all_sections_come_to_phases_of_the_driven_ones_alone(topology):
    """Whatever the couplers are, the transfer matrix is the same, its outputs' phases included."""
    rng = np.random.default_rng(0)
    mesh, sections = uneven_mesh(topology), rng.uniform(0.0, 3.0, topology.planes * topology.ports)
    everywhere = replace(mesh, crosstalk=np.outer(sections, np.eye(mesh.phase_count)[0]))
    whole = everywhere.forward(np.eye(mesh.phase_count)[0], np.eye(topology.ports, dtype=complex))[0]
    alone = mesh.forward(topology.as_driven(sections), np.eye(topology.ports, dtype=complex))[0]
    np.testing.assert_allclose(alone, whole, atol=1e-9 * np.abs(whole).max())


def test_driven_phases_alone_stay_as_they_are():
    topology = clements(5)
    sections = np.zeros((topology.planes * topology.ports, topology.shifter_at.size))
    sections[topology.shifter_at] = np.eye(topology.shifter_at.size)
    np.testing.assert_array_equal(topology.as_driven(sections), np.eye(topology.shifter_at.size))


def test_every_section_is_warmed_by_the_closed_form_of_its_distance():
    topology, heater = reck(4), AnalyticHeater()
    drive, power = heater_drive(heater, 1.55, topology, 100.0, 30.0), np.random.default_rng(1).uniform(0.0, 40.0, 16)
    places = np.stack(np.indices((topology.planes, 4)), axis=-1).reshape(-1, 2) * [100.0, 30.0]
    for section in (0, 5, 17, 35):
        apart = np.linalg.norm(places[topology.shifter_at] - places[section], axis=1)
        shares = np.where(apart == 0.0, 1.0, heater.strength * np.exp(-apart / heater.reach_um))
        assert drive.phases(power)[section] == pytest.approx(heater.per_mw * shares @ power, rel=1e-12)


@pytest.mark.parametrize("topology", MESHES)
def test_corrected_powers_give_the_transfer_matrix_that_was_asked_for(topology):
    """Under full crosstalk into all sections, up to rounding: outputs' phases too."""
    mesh, drive = uneven_mesh(topology), heater_drive(AnalyticHeater(), 1.55, topology, 100.0, 30.0)
    phases, light = np.random.default_rng(2).uniform(0.0, TWO_PI, mesh.phase_count), np.eye(topology.ports) + 0j
    wanted, _residual = mesh.forward(phases, light)
    own = drive.radians_per_mw * drive.powers(phases)
    warmed = replace(mesh, crosstalk=drive.coupling)
    np.testing.assert_allclose(warmed.forward(own, light)[0], wanted, atol=1e-8 * np.abs(wanted).max())
    left, _residual = warmed.forward(phases, light)
    assert np.linalg.norm(left - wanted) > 0.1 * np.linalg.norm(wanted)


def test_a_phase_whose_heater_would_have_to_cool_is_reached_a_turn_further_on():
    drive = heater_drive(AnalyticHeater(), 1.55, clements(4), 100.0, 30.0)
    phases = np.append(np.full(15, 4.0), 1e-3)  # the last output collects what all sections before it were warmed by
    power = drive.powers(phases)
    assert power.min() >= 0.0
    turns = (drive.radians_per_mw * drive.folded @ power - phases) / TWO_PI
    np.testing.assert_allclose(turns, np.round(turns), atol=1e-9)
    assert np.round(turns[-1]) == 1.0


def test_drives_of_one_turn_come_to_the_same_phases():
    """But for heaters that stay at an end of their turn: those are off by what their own heat comes back as."""
    drive = heater_drive(AnalyticHeater(), 1.55, clements(4), 100.0, 30.0)
    most = TWO_PI * (np.diag(drive.unfolded).max() - 1.0)
    settled = 0
    for phases in np.random.default_rng(6).uniform(0.0, TWO_PI, (50, 16)):
        own = drive.own_within_a_turn(phases)
        assert np.all((own >= 0.0) & (own < TWO_PI))
        off = np.abs(np.exp(1j * drive.folded @ own) - np.exp(1j * phases)).max()
        assert off < most
        settled += off < 1e-9
    assert settled > 25


def test_heat_beyond_a_turn_is_at_its_true_temperature_with_reflections_or_without():
    """The loss of the sections runs on where their phase has passed a turn, by the closed form of the heat."""
    topology, shifter = clements(4), AnalyticShifter(curve=0.0, heated_loss=1e-3, parameter_range=(0.0, 300.0))
    parts = parts_of(AnalyticCoupler(), shifter, topology)
    mesh = replace(mesh_of(parts), crosstalk=heater_drive(AnalyticHeater(), 1.55, topology, 100.0, 30.0).coupling)
    phases, light = np.full(mesh.phase_count, 6.2), np.eye(4) + 0j
    transfer, residual = mesh.forward(phases, light)
    sections = mesh.sections(phases)
    assert 1.05 * TWO_PI < sections.max() < 1.5 * TWO_PI
    np.testing.assert_allclose(np.abs(residual.shifters), np.exp(-1e-3 * sections / 0.05), rtol=1e-9)
    circuit = mesh_circuit(parts, sections).circuit(sections.take(topology.shifter_at))
    np.testing.assert_allclose(circuit.solve().transfer(), transfer, atol=1e-9)


def test_sections_too_few_for_all_heaters_at_once_are_refused_with_their_number():
    """One section reaches 7.7 rad; neighbours that take a good part of each other's heat need two."""
    mesh = {"kind": "mesh", "heater": {}, "plane_pitch_um": 100.0, "guide_pitch_um": 30.0}
    models = {"coupler": AnalyticCoupler(), "phase_shifter": AnalyticShifter(), "heater": AnalyticHeater(strength=0.5)}
    more = {"ports": 4, "wavelength_um": 1.55, "input": {"power_mw": 1.0}}
    readout = {"kind": "homodyne", "ports": (0, 1)}
    with pytest.raises(BadInput, match=r"layers\[0\]\.sections: .*got 7\.72 rad.*Set sections = 2 or more"):
        build_network(NetworkSpec(layers=(mesh,), readout=readout, **more), models)
    build_network(NetworkSpec(layers=({**mesh, "sections": 2},), readout=readout, **more), models)


def test_heaters_that_cannot_be_told_apart_are_refused():
    for even in (AnalyticHeater(strength=2.0), AnalyticHeater(strength=1.0, reach_um=1e30)):
        with pytest.raises(BadInput, match="far enough apart"):
            heater_drive(even, 1.55, clements(3), 100.0, 30.0)


@pytest.mark.parametrize("shifter", [AnalyticShifter(loss=0.02), AnalyticShifter(loss=0.02, heated_loss=1e-3)])
def test_the_gradient_in_own_phases_runs_through_all_sections(shifter):
    """Against finite differences, with loss that heating changes in sections that are not driven too."""
    topology = clements(4)
    drive = heater_drive(AnalyticHeater(), 1.55, topology, 100.0, 30.0)
    mesh = replace(uneven_mesh(topology, shifter), crosstalk=drive.coupling)
    rng = np.random.default_rng(4)
    x, delta = rng.standard_normal((2, 4, 6)) + 1j * rng.standard_normal((2, 4, 6))
    phases, step = rng.uniform(0.3, TWO_PI, mesh.phase_count), 1e-5
    _y, residual = mesh.forward(phases, x)
    _delta, gradient = mesh.adjoint(phases, residual, delta)

    def loss(p):
        return 2.0 * np.real(np.sum(delta * mesh.forward(p, x)[0]))

    numeric = [(loss(phases + step * e) - loss(phases - step * e)) / (2 * step) for e in np.eye(phases.size)]
    np.testing.assert_allclose(gradient, numeric, atol=1e-6 * np.abs(gradient).max())


def test_backward_light_meets_the_warm_sections_too():
    """Reciprocal parts: what leaves the inputs is the transposed transfer times what was sent."""
    topology = reck(4)
    drive = heater_drive(AnalyticHeater(), 1.55, topology, 100.0, 30.0)
    mesh = replace(make_mesh(AnalyticCoupler(0.4, 0.1), AnalyticShifter(), topology), crosstalk=drive.coupling)
    phases, light = np.random.default_rng(5).uniform(0.0, 4.0, 16), np.eye(4) + 0j
    transfer, residual = mesh.forward(phases, light)
    leaving, _taps = mesh.send_back(phases, residual, light)
    np.testing.assert_allclose(leaving, transfer.T, atol=1e-10)


def test_more_heaters_than_memory_holds_are_refused():
    with pytest.raises(BadInput, match="at most 10000 that warm each other, got 10201"):
        heater_drive(AnalyticHeater(), 1.55, clements(101), 120.0, 20.0)
