"""Parts of a drawn mesh joined: against other ways to compute the same, and against the whole in full wave."""

from dataclasses import replace

import numpy as np
import pytest

from fdtd_onn.analytic.slab import Slab, slab_index
from fdtd_onn.api.mesh_drawing import MeshPlan, draw_mesh
from fdtd_onn.api.mesh_proof import cosine, gradient, loss, prove_mesh, relative_error, summary
from fdtd_onn.api.mesh_waves import DrawnMesh, Workshop, joined, wiring_of
from fdtd_onn.errors import BadInput
from fdtd_onn.geometry.assembly import connections
from fdtd_onn.geometry.devices import geometry
from fdtd_onn.network.circuit import circuit_of
from fdtd_onn.network.mesh import GuideTransfer
from fdtd_onn.network.topology import clements, reck
from fdtd_onn.reduce.composition import star_product
from fdtd_onn.specs.load import load_device
from fdtd_onn.store import Store
from tests.fullwave.support import needs_engine
from tests.network.stand_ins import AnalyticCoupler, AnalyticShifter, make_mesh

COUPLER, SHIFTER = AnalyticCoupler(0.53, 0.01), AnalyticShifter(loss=0.01, heated_loss=4e-4)
GUIDE = 0.98 * np.exp(0.4j)  # of a straight part, per µm


def mesh_of(ports=4, topology=clements):
    places = topology(ports)
    temperatures = np.random.default_rng(3).uniform(0.0, 120.0, places.shifter_guide.size)
    return DrawnMesh(places, load_device("coupler_compact"), load_device("phase_compact"), temperatures)


def analytic_parts(mesh, reflections=0.0):
    """(1, p, p) of every part, from closed forms; `reflections`: what each port of a coupler and shifter returns."""

    def s_of(device):
        if device.kind == "coupler":
            return COUPLER.s_matrix(1.55) + reflections * np.eye(4)
        if device.kind == "phase_shifter":
            return SHIFTER.s_matrix(1.55, delta_t_k=device.parameters.delta_t_k) + 1j * reflections * np.eye(2)
        return GUIDE**device.parameters.length_um * np.array([[0, 1], [1, 0]])

    return [s_of(part.device)[None] for part in mesh.assembly.parameters.parts]


def test_a_drawn_mesh_has_its_devices_in_their_places():
    mesh = mesh_of()
    parts = mesh.assembly.parameters.parts
    kinds = [part.device.kind for part in parts]
    # 9 planes of 4 shifters and monitors, 12 couplers, and a straight beside each on the idle guides of 2 columns.
    assert [kinds.count(kind) for kind in ("phase_shifter", "coupler", "straight")] == [36, 12, 36 + 8]
    heated = [part.device.parameters.delta_t_k for part in parts if part.device.kind == "phase_shifter"]
    driven = [heated[k] for k in mesh.topology.shifter_at]
    np.testing.assert_allclose(driven, mesh.delta_t_k)
    assert np.count_nonzero(heated) == mesh.delta_t_k.size
    drawn = geometry(mesh.assembly, 0.0)
    assert [port.name for port in drawn.ports] == [f"o{k}" for k in range(1, 9)]
    assert len(drawn.monitors) == 36
    quarters = np.array([(part.x_um, part.y_um) for part in parts]) / 0.25
    np.testing.assert_allclose(quarters, np.round(quarters), atol=1e-9)  # all lie alike in their pixels
    with pytest.raises(BadInput, match="16 temperatures"):
        draw_mesh("mesh", MeshPlan(mesh.topology, mesh.coupler, mesh.shifter), np.zeros(3))


def test_idle_neighbours_do_not_couple():
    """Two guides of the mesh's pitch: the overlap of tails gives the power that crosses over its length, at most."""
    mesh = mesh_of()
    p, film = mesh.coupler.parameters, mesh.coupler.materials
    slab = Slab(p.width_um, film.core.index, film.cladding.index)
    k0, index = 2 * np.pi / 1.6, slab_index(slab, 1.6, "Hz")
    decay = k0 * np.sqrt(index**2 - film.cladding.index**2)
    across = k0 * np.sqrt(film.core.index**2 - index**2)
    # Of two equal slabs, Snyder and Love (1983), ch. 18; its factor for the field that jumps at the faces is below 2.
    rate = 2 * across**2 * decay / (k0 * index * (across**2 + decay**2) * p.width_um)
    rate *= 2 * np.exp(-decay * (p.pitch_um - p.width_um)) / decay
    x0, x1 = geometry(mesh.assembly, 0.0).x_range_um
    assert np.sin(rate * (x1 - x0)) ** 2 < 1e-4


def test_joined_at_once_is_joined_one_after_the_other():
    mesh = mesh_of(2)
    found, s_parts = connections(mesh.assembly), analytic_parts(mesh, reflections=0.05)
    wiring = wiring_of(found, mesh.inputs, mesh.outputs)
    solved = circuit_of(wiring, np.concatenate([s.ravel() for s in s_parts])).solve()
    columns = [solved.leaving(light) for light in (solved.forward(np.eye(2)), solved.backward(np.eye(2)))]
    at_once = np.hstack(columns)[np.concatenate([wiring.inputs, wiring.outputs])]
    places = [(0, port.name) for port in found.parts[0].ports]
    s = s_parts[0]
    for number in range(1, len(s_parts)):
        new = [(number, port.name) for port in found.parts[number].ports]
        joints = [(places.index(found.partner(end)), k) for k, end in enumerate(new) if found.partner(end) in places]
        s = star_product(s, s_parts[number], joints)
        gone = {places[a] for a, _ in joints} | {new[b] for _, b in joints}
        places = [end for end in [*places, *new] if end not in gone]
    order = [places.index(found.open_ends[name]) for name in (*mesh.inputs, *mesh.outputs)]
    np.testing.assert_allclose(at_once, s[0][order][:, order], atol=1e-13)


@pytest.mark.parametrize("topology", [clements, reck])
def test_one_way_is_the_network_layers_mesh(topology):
    """Transfer, and the gradient from the light at its taps."""
    mesh = mesh_of(4, topology)
    places, rng = mesh.topology, np.random.default_rng(0)
    lit, x = (1, 2), rng.standard_normal(4) + 1j * rng.standard_normal(4)
    weights = np.array([0.7, -0.4])
    ours = joined(mesh, lit, analytic_parts(mesh), reflections=False)
    guides = np.full((places.planes, 4), np.sqrt(GUIDE))
    idle = np.ones((places.planes, 4), dtype=bool)
    for plane, lower in zip(places.coupler_plane, places.coupler_guide, strict=True):
        idle[plane, lower : lower + 2] = False
    idle[-1] = False
    guides[idle] *= GUIDE**12.5
    network = make_mesh(COUPLER, SHIFTER, places)
    network = replace(network, guides=GuideTransfer(guides, guides))
    model = network.shifters.models[0]
    temperature = np.linspace(0.0, 140.0, 20_001)
    phase = np.interp(mesh.delta_t_k, temperature, SHIFTER.slope * temperature + SHIFTER.curve * temperature**2)
    assert np.abs(model.temperature(phase) - mesh.delta_t_k).max() < 1e-3
    y, behind = network.forward(phase, x[:, None])
    np.testing.assert_allclose(ours.transfer[0] @ x, y[:, 0], rtol=1e-4)
    delta = np.zeros((4, 1), dtype=complex)
    delta[list(lit), 0] = weights * y[list(lit), 0].conj()
    _, light = network.send_back(phase, behind, delta)
    taps = -2.0 * np.imag(light.forward * light.passage[:, None] * light.backward)[:, 0]
    np.testing.assert_allclose(gradient(mesh, ours, x, weights, lit)[0], taps, rtol=1e-4, atol=1e-6)


def test_gradient_from_the_waves_is_that_of_finite_differences():
    """Without reflections to rounding; with them up to what goes to and fro through the shifter."""
    mesh, lit, weights = mesh_of(3), (0, 2), np.array([1.0, 0.5])
    x = np.exp(1j * np.arange(3))

    def turned(phase, by):
        places = [k for k, part in enumerate(mesh.assembly.parameters.parts) if part.device.kind == "phase_shifter"]
        s_parts = analytic_parts(mesh, reflections=0.01)
        s_parts[places[mesh.topology.shifter_at[phase]]] = s_parts[places[mesh.topology.shifter_at[phase]]] * np.exp(
            1j * by
        )
        return s_parts

    for reflections, close in ((False, 1e-7), (True, 2e-2)):
        exact = gradient(mesh, joined(mesh, lit, turned(0, 0.0), reflections), x, weights, lit)[0]
        numeric = []
        for phase in range(mesh.delta_t_k.size):
            high, low = (loss(joined(mesh, lit, turned(phase, h), reflections), x, weights, lit) for h in (1e-4, -1e-4))
            numeric.append((high - low)[0] / 2e-4)
        assert np.linalg.norm(exact - numeric) < close * np.linalg.norm(numeric)


def test_without_reflections_nothing_returns():
    mesh = mesh_of()
    s_parts = analytic_parts(mesh, reflections=0.1)
    assert not np.any(joined(mesh, (), s_parts, reflections=False).reflected)
    assert np.abs(joined(mesh, (), s_parts, reflections=True).reflected).max() > 0.05


@needs_engine
@pytest.mark.long
def test_a_node_drawn_whole_is_its_parts_joined(tmp_path):
    """Shifter, coupler, shifter, coupler in one full-wave run: transfer, reflections and gradient."""
    mesh = replace(mesh_of(2), delta_t_k=np.array([-20.0, 0.0, 260.0, -100.0]))
    proof = prove_mesh(mesh, Workshop("draft", Store(tmp_path), 2), [1])
    found = summary(proof)
    assert found["error"]["on grid"] < 1e-3
    assert found["error"]["on grid, without reflections"] < 4e-3
    assert found["gradient_cosine"]["on grid"] > 0.9999
    assert found["gradient_cosine"]["compiled"] > 0.99
    assert proof.differences[1] == pytest.approx(proof.gradient(proof.full)[1], rel=0.02)
    assert relative_error(proof.full.transfer, proof.full.transfer).max() == 0.0
    assert cosine(np.ones(3), -np.ones(3)) == pytest.approx(-1.0)
