"""Phases of a mesh for a unitary matrix: of the mesh as drawn, and from output powers of the one that was built."""

import numpy as np
import pytest
from scipy.stats import unitary_group

from fdtd_onn.api.phases import mesh_phases
from fdtd_onn.errors import BadInput
from fdtd_onn.network.build import build_network
from tests.network.stand_ins import AnalyticShifter
from tests.network.test_imperfect_network import ABSORBER, MODELS, TunableCoupler, make_spec

PARTS = MODELS | {"tunable": TunableCoupler(parameter="ratio"), "phase_shifter": AnalyticShifter()}
SPREAD = {"seed": 3, "coupler_value_sigma": 0.02, "phase_sigma_rad": 0.2}
WANTED = unitary_group.rvs(4, random_state=8)


def network(*more, **keys):
    mesh = {"kind": "mesh", "coupler": "tunable", "coupler_value": 0.5, **keys}
    return build_network(make_spec(mesh, *more, ports=4), PARTS)


@pytest.mark.parametrize("name", ["clements", "reck"])
def test_the_mesh_as_drawn_becomes_the_matrix(name):
    found = mesh_phases(network(ABSORBER, topology=name), WANTED)
    assert (found.layer, found.topology, found.phase_rad.shape) == (0, name, (16,))
    assert found.fidelity_drawn == pytest.approx(1.0, abs=1e-9)
    assert found.fidelity_built == pytest.approx(1.0, abs=1e-9)
    transfer = network(topology=name).forward(found.phase_rad, np.eye(4, dtype=complex))[0]
    assert abs(np.vdot(WANTED, transfer)) == pytest.approx(4.0, abs=1e-8)
    assert list(zip(found.plane, found.guide, strict=True)) == sorted(zip(found.plane, found.guide, strict=True))


@pytest.mark.parametrize("name", ["clements", "reck"])
def test_errors_of_fabrication_are_made_up_for_by_output_powers(name):
    built = network(topology=name, spread=SPREAD)
    drawn, configured = (mesh_phases(built, WANTED, self_configuring=on) for on in (False, True))
    assert drawn.fidelity_drawn == pytest.approx(1.0, abs=1e-9)
    assert 1 - drawn.fidelity_but_for_outputs > 0.01
    assert 1 - configured.fidelity_but_for_outputs < 0.1 * (1 - drawn.fidelity_but_for_outputs)


def test_crosstalk_that_is_corrected_costs_nothing_and_that_is_left_is_searched_around():
    placed = {"plane_pitch_um": 100.0, "guide_pitch_um": 30.0}
    for crosstalk in ("corrected", "left"):
        found = mesh_phases(network(heater={"crosstalk": crosstalk}, **placed), WANTED)
        assert found.fidelity_built == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("name", ["clements", "reck"])
def test_output_powers_make_up_for_errors_with_heat_that_is_left_in_other_sections(name):
    """One heater moves many phases: its own three readings are on no sinusoid."""
    placed = {"plane_pitch_um": 100.0, "guide_pitch_um": 30.0, "heater": {"crosstalk": "left"}}
    ideal = mesh_phases(network(topology=name, **placed), WANTED, self_configuring=True)
    assert ideal.fidelity_but_for_outputs == pytest.approx(1.0, abs=1e-5)
    built = network(topology=name, spread=SPREAD, drive={"bits": 12}, **placed)
    drawn, configured = (mesh_phases(built, WANTED, self_configuring=on) for on in (False, True))
    assert 1 - configured.fidelity_but_for_outputs < 0.1 * (1 - drawn.fidelity_but_for_outputs)


@pytest.mark.parametrize(
    ("layer", "told"), [(None, "the number of a mesh: 0, 2, got none given"), (1, "mesh: 0, 2, got 1"), (5, "got 5")]
)
def test_one_mesh_of_several_has_to_be_named(layer, told):
    several = network(ABSORBER, {"kind": "mesh", "coupler": "tunable", "coupler_value": 0.5})
    with pytest.raises(BadInput, match=told):
        mesh_phases(several, WANTED, layer)
    assert mesh_phases(several, WANTED, 2).layer == 2


@pytest.mark.parametrize("matrix", [np.eye(3), np.ones((4, 4)), np.full((4, 4), np.nan)])
def test_matrices_that_no_mesh_can_be_are_refused(matrix):
    with pytest.raises(BadInput, match="unitary"):
        mesh_phases(network(), matrix)
