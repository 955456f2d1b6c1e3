"""Synthetic records through the assembly: what it does to S, and what it says of the error, without an engine."""

import numpy as np
import pytest
from scipy.stats import unitary_group

from fdtd_onn.fullwave.assemble import assemble
from fdtd_onn.fullwave.patch import aligned_resolution
from fdtd_onn.fullwave.plan import plan
from fdtd_onn.geometry.devices import geometry
from fdtd_onn.specs.fidelity import ABSORBER_FIDELITIES, FIDELITIES
from fdtd_onn.specs.runs import EngineStamp, run_key, run_spec
from fdtd_onn.store import Record
from tests.geometry.make import make_device

DRAFT = FIDELITIES["draft"]
STAMP = EngineStamp(engine="none", version="0", code="0")
COSTS = {"setup_seconds": 1.0, "stepping_seconds": 2.0, "cell_updates": 3.0, "settled_to": 0.0}
BETA = np.array([10.0, 9.7, 9.4])


def assembled(device, s_at, beta_at):
    """The response to S (n_f, n, n) and grid β (n_f,) given as functions of the resolution."""
    names = [port.name for port in geometry(device, 0.0).ports]
    guides = [port.guide_um for port in geometry(device, 0.0).ports]
    records = {}
    for run in plan(device, DRAFT):
        column = s_at(run.resolution)[:, :, names.index(run.port)].T
        arrays = {
            "s": column,
            "beta_continuum": np.tile(BETA, (len(names), 1)),
            "lag": np.outer(guides, beta_at(run.resolution) - BETA),
            "field": np.zeros((2, 2), dtype=np.float32),
            "field_extent_um": np.array([-1.0, 1.0, -1.0, 1.0]),
        }
        attributes = {**COSTS, "created": f"2025-01-01T00:00:{run.resolution}Z"}
        records[run_key(run, STAMP)] = Record("scattering", run_spec(run, STAMP), arrays, attributes)
    return assemble(device, DRAFT, STAMP, records)


def test_taking_out_the_dispersion_keeps_s_unitary_and_reciprocal():
    u = unitary_group.rvs(4, size=3, random_state=1)
    symmetric = u @ u.transpose(0, 2, 1)
    response = assembled(make_device("coupler"), lambda _: symmetric, lambda _: BETA + 0.1)
    np.testing.assert_allclose(
        response.s @ response.s.conj().transpose(0, 2, 1), np.tile(np.eye(4), (3, 1, 1)), atol=1e-12
    )
    assert response.reciprocity_defect < 1e-12
    assert np.abs(response.s - symmetric).max() > 0.1


def test_taking_out_the_dispersion_leaves_s_as_out_by_in():
    s = np.arange(48, dtype=complex).reshape(3, 4, 4)
    response = assembled(make_device("coupler"), lambda _: s, lambda _: BETA)
    np.testing.assert_array_equal(response.s, s)


def guide_on_grid(device, dispersion):
    """A lossless straight guide whose grid β errs by `dispersion` at a resolution of 1, and at second order."""

    def beta(resolution):
        return BETA * (1.0 + dispersion / resolution**2)

    def s(resolution):
        through = np.exp(1j * beta(resolution) * device.parameters.length_um)
        return through[:, None, None] * np.array([[0.0, 1.0], [1.0, 0.0]])

    return s, beta


def test_a_straight_guide_has_the_phase_of_the_continuum():
    device = make_device("straight", length_um=30.0)
    response = assembled(device, *guide_on_grid(device, 5.0))
    np.testing.assert_allclose(response.s[:, 1, 0], np.exp(30j * BETA), atol=1e-12)
    np.testing.assert_allclose(response.s_error, DRAFT.floor, atol=1e-12)


def test_the_stated_error_covers_one_of_second_order_with_a_half_to_spare():
    device = make_device("straight", length_um=3.0)
    s, _beta = guide_on_grid(device, 0.5)
    response = assembled(device, s, lambda _: BETA)
    error = np.abs(response.s[:, 1, 0] - np.exp(3j * BETA))
    np.testing.assert_allclose((response.s_error[:, 1, 0] - DRAFT.floor) / error, 1.5, rtol=1e-3)
    assert response.power_error < 1e-12  # the phase alone is off


def test_the_response_says_what_made_it():
    device = make_device("straight")
    response = assembled(device, *guide_on_grid(device, 0.0))
    origin = response.provenance
    assert origin.run_keys == tuple(run_key(run, STAMP) for run in plan(device, DRAFT))
    assert (origin.setup_seconds, origin.stepping_seconds, origin.cell_updates) == (4.0, 8.0, 12.0)
    assert (origin.fidelity, origin.engine, origin.created) == ("draft", "none", "2025-01-01T00:00:20Z")
    assert response.wavelengths_um == pytest.approx([1.5, 1.55, 1.6])
    assert response.ports == ("o1", "o2")


def absorber_record(run):
    """Transmissions that grow with the pump, and err by 0.5/resolution² in |t|², the probe's twice that."""
    resolution = aligned_resolution(run.device, run.resolution)
    pump = 0.5 + 0.01 * run.pump_over_saturation + 0.5 / resolution**2
    arrays = {
        "pump_transmission": np.array(np.sqrt(pump) * 1j),
        "pump_reflection": np.array(0.01 + 0j),
        "probe_transmission": np.array(np.sqrt(pump + 0.5 / resolution**2) + 0j),
        "gated_transmission": np.array(np.sqrt(pump) + 0j),
        "pump_over_saturation": np.array(run.pump_over_saturation),
        "pump_mw": np.array(2.0 * run.pump_over_saturation),
        "saturation_power_mw": np.array(2.0),
        "transverse": np.array([0.9, 0.9]),
        "longitudinal": np.array([0.1, 0.1]),
        "weight": np.array([0.5, 0.5]),
    }
    return Record("saturation", run_spec(run, STAMP), arrays, {**COSTS, "created": "2025-01-01T00:00:00Z"})


@pytest.mark.parametrize("width", [0.5, 0.45])
def test_an_absorbers_error_is_that_of_the_grids_it_was_run_on(width):
    """They are aligned to its core, so that neither need have the resolution that the fidelity asks for."""
    device, settings = make_device("absorber", width_um=width), ABSORBER_FIDELITIES["standard"]
    records = {run_key(run, STAMP): absorber_record(run) for run in plan(device, settings)}
    response = assemble(device, settings, STAMP, records)
    error = 0.5 / aligned_resolution(device, settings.resolution) ** 2
    np.testing.assert_allclose(response.error, 1.5 * np.tile([error, 2 * error, error], (4, 1)))
    np.testing.assert_allclose(response.pump_mw, 2.0 * np.array(device.saturation.pump_over_saturation))
    assert np.all(np.diff(np.abs(response.pump_transmission)) > 0)
    assert response.provenance.cell_updates == 7 * 3.0


@pytest.mark.parametrize(("kind", "runs"), [("straight", 4), ("coupler", 8), ("absorber", 4 + 3)])
def test_every_port_or_power_is_run_and_checked_at_a_second_resolution(kind, runs):
    planned = plan(make_device(kind), DRAFT)
    assert len({run_key(run, STAMP) for run in planned}) == len(planned) == runs
    assert {run.resolution for run in planned} == {DRAFT.resolution, DRAFT.coarse_resolution}
