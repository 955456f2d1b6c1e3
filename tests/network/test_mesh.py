import numpy as np
import pytest

from fdtd_onn.errors import BadInput
from fdtd_onn.network.mesh import CouplerTransfer, GuideTransfer, Mesh, coupler_transfer
from fdtd_onn.network.monitor import IdealMonitor
from fdtd_onn.network.phase_shifter import phase_shifter
from fdtd_onn.network.shifter_bank import ShifterBank
from fdtd_onn.network.topology import clements, reck
from tests.network.stand_ins import AnalyticCoupler, AnalyticShifter, make_mesh

IDEAL = (AnalyticCoupler(), AnalyticShifter())
LOSSY = (AnalyticCoupler(0.53, 0.01), AnalyticShifter(loss=0.01, heated_loss=4e-4))
UNEVEN = None
ONE_WAY = (AnalyticCoupler(0.53, 0.01, nonreciprocity=0.4), AnalyticShifter(loss=0.01, heated_loss=4e-4))


def random_fields(rng, ports=4, batch=5):
    return rng.standard_normal((ports, batch)) + 1j * rng.standard_normal((ports, batch))


def uneven(mesh, rng):
    """The same mesh with a coupler, a shifter and a guide of its own on every place."""
    count, shape = mesh.topology.coupler_guide.size, mesh.shifters.which.shape
    couplers = [coupler_transfer(AnalyticCoupler(0.53, 0.01, p), 1.55, None, 1) for p in rng.uniform(0, 1, count)]
    models = [phase_shifter(AnalyticShifter(loss=loss, heated_loss=4e-4), 1.55, 1) for loss in (0.0, 0.01, 0.05)]
    guides = 0.99 * np.exp(1j * rng.uniform(0, 1, shape))
    return Mesh(
        mesh.topology,
        CouplerTransfer(*(np.concatenate([getattr(c, side) for c in couplers]) for side in ("forward", "backward"))),
        ShifterBank(tuple(models), rng.integers(0, 3, shape)),
        GuideTransfer(guides, guides),
    )


def setting(parts, ports=4, mesh_of=clements):
    rng = np.random.default_rng(ports)
    mesh = uneven(make_mesh(*LOSSY, mesh_of(ports)), rng) if parts is UNEVEN else make_mesh(*parts, mesh_of(ports))
    return mesh, rng.uniform(0, 2 * np.pi, mesh.phase_count), random_fields(rng, ports), random_fields(rng, ports)


def dense(mesh, phases):
    """Product of N × N matrices, one per shifter plane and per coupler."""
    ports = mesh.topology.ports
    matrix = np.eye(ports, dtype=complex)
    places = mesh.topology
    for plane in range(places.planes):
        on_guides = np.zeros(ports)
        for p, guide, phase in zip(places.shifter_plane, places.shifter_guide, phases, strict=True):
            on_guides[guide] += phase * (p == plane)
        shifters = [mesh.shifters.models[mesh.shifters.which[plane, g]].forward(on_guides[g]) for g in range(ports)]
        matrix = np.diag(mesh.guides.forward[plane] * shifters) @ matrix
        for k in np.flatnonzero(places.coupler_plane == plane):
            lower = places.coupler_guide[k]
            couple = np.eye(ports, dtype=complex)
            couple[lower : lower + 2, lower : lower + 2] = mesh.couplers.forward[k]
            matrix = couple @ matrix
    return matrix


@pytest.mark.parametrize("ports", [2, 3, 4, 7])
def test_lossless_parts_make_a_unitary_mesh(ports):
    mesh, phases, _x, _delta = setting(IDEAL, ports)
    matrix, _residual = mesh.forward(phases, np.eye(ports, dtype=complex))
    np.testing.assert_allclose(matrix.conj().T @ matrix, np.eye(ports), atol=1e-12)


@pytest.mark.parametrize("mesh_of", [clements, reck])
@pytest.mark.parametrize("parts", [IDEAL, LOSSY, UNEVEN])
@pytest.mark.parametrize("ports", [2, 3, 4, 7])
def test_forward_is_the_dense_product(parts, ports, mesh_of):
    mesh, phases, x, _delta = setting(parts, ports, mesh_of)
    y, _residual = mesh.forward(phases, x)
    np.testing.assert_allclose(y, dense(mesh, phases) @ x, atol=1e-12)


def test_one_node_is_the_textbook_interferometer():
    """Zero phases of ideal 50:50 couplers cross all light; θ = π keeps it; between, the bar power is sin²(θ/2)."""
    mesh = make_mesh(*IDEAL, clements(2))
    for theta in np.linspace(0, np.pi, 5):
        phases = np.zeros(mesh.phase_count)
        phases[1] = theta
        y, _residual = mesh.forward(phases, np.array([[1.0 + 0j], [0.0]]))
        np.testing.assert_allclose(np.abs(y[:, 0]) ** 2, [np.sin(theta / 2) ** 2, np.cos(theta / 2) ** 2], atol=1e-12)


def test_coupler_ports_are_read_clockwise_from_the_lower_left():
    class Labelled(AnalyticCoupler):
        def s_matrix(self, wavelength_um, **parameters):
            return np.array([[10 * (out + 1) + source + 1 for source in range(4)] for out in range(4)], dtype=complex)

    transfer = coupler_transfer(Labelled(), 1.55, None, 3)
    np.testing.assert_array_equal(transfer.forward, 3 * [[[41, 42], [31, 32]]])
    np.testing.assert_array_equal(transfer.backward, 3 * [[[14, 13], [24, 23]]])


def test_forward_light_at_the_taps_is_the_field_behind_each_shifter():
    mesh, phases, x, light = setting(LOSSY)
    y, residual = mesh.forward(phases, x)
    _leaving, at_taps = mesh.send_back(phases, residual, light)
    shifter, ports = mesh.shifters.models[0], mesh.topology.ports
    np.testing.assert_allclose(at_taps.forward[-ports:], y, rtol=1e-12)
    np.testing.assert_allclose(at_taps.forward[0], shifter.forward(phases[0]) * x[0], rtol=1e-12)
    np.testing.assert_allclose(at_taps.backward[-ports:], light, rtol=1e-12)


@pytest.mark.parametrize("parts", [LOSSY, ONE_WAY, UNEVEN])
def test_adjoint_identity(parts):
    """Σ δ (J x) = Σ (Jᵀ δ) x: the mesh is linear, so its derivative is itself."""
    mesh, phases, x, delta = setting(parts)
    y, behind = mesh.forward(phases, x)
    delta_in, _gradient = mesh.adjoint(phases, behind, delta)
    assert abs(np.sum(delta * y) - np.sum(delta_in * x)) < 1e-12 * abs(np.sum(delta * y))


@pytest.mark.parametrize("parts", [IDEAL, LOSSY, ONE_WAY, UNEVEN])
def test_phase_gradient_against_finite_differences(parts):
    mesh, phases, x, delta = setting(parts)

    def loss(p):
        return 2 * np.real(np.sum(delta * mesh.forward(p, x)[0]))

    _delta_in, gradient = mesh.adjoint(phases, mesh.forward(phases, x)[1], delta)
    step = 1e-5
    numeric = [(loss(phases + step * e) - loss(phases - step * e)) / (2 * step) for e in np.eye(phases.size)]
    np.testing.assert_allclose(gradient, numeric, atol=1e-6 * np.abs(gradient).max())


@pytest.mark.parametrize("parts", [LOSSY, UNEVEN])
def test_light_sent_back_meets_the_transposed_mesh_if_parts_are_reciprocal(parts):
    mesh, phases, x, light = setting(parts)
    _y, behind = mesh.forward(phases, x)
    leaving, _at_taps = mesh.send_back(phases, behind, light)
    np.testing.assert_allclose(leaving, dense(mesh, phases).T @ light, atol=1e-12)


def test_light_sent_back_differs_if_a_part_is_not_reciprocal():
    mesh, phases, x, light = setting(ONE_WAY)
    _y, behind = mesh.forward(phases, x)
    leaving, _at_taps = mesh.send_back(phases, behind, light)
    transposed, _gradient = mesh.adjoint(phases, behind, light)
    assert np.abs(leaving - transposed).max() > 0.1


def test_taps_read_the_gradient_but_for_heating_dependent_loss():
    rng = np.random.default_rng(0)
    for heated_loss, exact in ((0.0, True), (4e-4, False)):
        mesh, phases, x, delta = setting((AnalyticCoupler(0.53, 0.01), AnalyticShifter(heated_loss=heated_loss)))
        _y, behind = mesh.forward(phases, x)
        gradient = mesh.adjoint(phases, behind, delta)[1]
        readings = IdealMonitor().overlap(mesh.send_back(phases, behind, delta)[1], rng)
        error = np.abs(-2 * readings - gradient).max() / np.abs(gradient).max()
        assert (error < 1e-10) == exact
        assert error < 0.05


def test_coupler_without_its_ports_is_refused():
    with pytest.raises(BadInput, match="ports o1, o2, o3, o4"):
        coupler_transfer(AnalyticShifter(), 1.55, None, 1)


def test_a_tunable_coupler_is_used_at_the_given_value():
    class Ramp(AnalyticCoupler):
        def s_matrices(self, wavelength_um, values):
            return np.asarray(values)[:, None, None] * super().s_matrices(wavelength_um, values)

    plain = coupler_transfer(AnalyticCoupler(), 1.55, None, 2).forward
    ramp = Ramp(parameter="length_um")
    np.testing.assert_allclose(coupler_transfer(ramp, 1.55, 0.5, 2).forward, 0.5 * plain)
    np.testing.assert_allclose(coupler_transfer(ramp, 1.55, [0.5, 0.25], 2).forward, plain * [[[0.5]], [[0.25]]])


@pytest.mark.parametrize(
    ("parameter", "value", "message"),
    [
        ("length_um", None, "coupler_value: expected a value of length_um, got None"),
        (None, 4.6, "coupler_value: expected none .*not tunable.*, got 4.6"),
    ],
)
def test_a_coupler_value_must_be_given_for_a_tunable_coupler_and_only_for_it(parameter, value, message):
    with pytest.raises(BadInput, match=message):
        coupler_transfer(AnalyticCoupler(parameter=parameter), 1.55, value, 1)
