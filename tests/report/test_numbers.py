"""The report's numbers against what they must be for devices whose formulas are known."""

from dataclasses import replace

import numpy as np
import pytest

from fdtd_onn.network.build import mesh_parts
from fdtd_onn.network.parts import mesh_circuit
from fdtd_onn.reduce.absorber_fit import held_out
from fdtd_onn.report.absorber import absorber_numbers
from fdtd_onn.report.absorber_curves import absorber_curves, pump_axis
from fdtd_onn.report.concerns import absorber_concerns, linear_concerns, origin_concerns, training_concerns
from fdtd_onn.report.linear import linear_numbers
from fdtd_onn.report.network import network_numbers, power_budget
from fdtd_onn.report.origin import cost, origins
from fdtd_onn.report.parts import absorber_parts, linear_parts
from fdtd_onn.report.training import by_rule, rule_numbers, spread
from tests.reduce.synthetic import dispersive_coupler_s
from tests.report.experiments import GAP_UM, SATURATION_MW, TRUTH, small_experiment, without_angles


def coupler():
    return linear_parts(small_experiment())[0]


def absorber():
    return absorber_parts(small_experiment())[0]


def test_a_lossless_reciprocal_coupler_is_reported_as_such():
    n = linear_numbers(coupler(), "models/x.h5")
    assert n.power_balance == pytest.approx((1.0, 1.0), abs=1e-12)
    assert n.run_largest_singular_value == pytest.approx(1.0, abs=1e-12)
    assert n.run_reciprocity_defect < 1e-12
    assert n.parameter_values == (0.17, 0.18, 0.19)
    assert n.passive


def test_the_member_shown_is_the_one_the_network_uses():
    part = coupler()
    assert part.value == GAP_UM
    assert part.values[part.shown] == GAP_UM
    assert linear_parts(small_experiment())[1].shown == 0


def test_the_exact_derivatives_are_those_of_finite_differences():
    part = absorber()
    pump = pump_axis(part)[::10]
    curves = absorber_curves(part.model, pump)
    e, h = np.sqrt(1e-3 * pump), 1e-6
    e = np.minimum(e, (1.0 - 2.0 * h) * np.sqrt(part.model.max_power_w))
    in_phase = (part.model.forward(e * (1 + h)) - part.model.forward(e * (1 - h))) / (2 * h * e)
    quadrature = (part.model.forward(e * (1 + 1j * h)) - part.model.forward(e * (1 - 1j * h))) / (2j * h * e)
    # Central differences err by h² of curvature and by 1e-16/h of rounding; the last point was moved by 2h.
    assert curves.slope_squared == pytest.approx(np.abs(in_phase) ** 2, rel=1e-5)
    assert curves.wirtinger == pytest.approx(np.abs(in_phase + quadrature) / 2, rel=1e-5)
    assert np.sqrt(curves.gated) == pytest.approx(np.abs(quadrature), rel=1e-5)


def test_probes_see_the_exact_gradient_in_the_dark_and_the_coherent_one_is_nearer_under_a_pump():
    curves = absorber_curves(absorber().model, np.geomspace(1e-6, 20.0, 50) * SATURATION_MW)
    assert curves.coherent_ratio[0] == pytest.approx(1.0, abs=1e-5)
    assert curves.gated_ratio[0] == pytest.approx(1.0, abs=1e-5)
    pumped = curves.pump_mw > 0.01 * SATURATION_MW
    assert np.all(np.abs(curves.coherent_ratio - 1)[pumped] < np.abs(curves.gated_ratio - 1)[pumped])


def test_held_out_points_are_those_that_the_fit_left_out():
    part = absorber()
    response, out = part.response, held_out(part.response.pump_mw.size)
    curves = absorber_curves(part.model, np.minimum(response.pump_mw, 1e3 * part.model.max_power_w))
    pump = np.abs(curves.pump - np.abs(response.pump_transmission) ** 2)
    probe = np.abs(curves.coherent - np.abs(response.probe_transmission) ** 2)
    assert (pump[~out].max(), probe[~out].max()) == pytest.approx(
        (part.model.fit_error.pump, part.model.fit_error.probe), abs=1e-9
    )
    assert (pump[out].max(), probe[out].max()) == pytest.approx(
        (part.model.held_out_error.pump, part.model.held_out_error.probe), abs=1e-9
    )


def test_the_fitted_numbers_are_the_true_ones_within_their_deviations():
    n = absorber_numbers(absorber(), "models/x.h5")
    for estimate, truth in (
        (n.optical_depth, TRUTH.optical_depth),
        (n.saturation_power_mw, SATURATION_MW),
        (n.nonsaturable_optical_depth, TRUTH.nonsaturable_optical_depth),
        (n.phase_per_absorption, TRUTH.phase_per_absorption),
    ):
        assert 0.0 < estimate.deviation < 0.05
        assert abs(estimate.value - truth) < 4.0 * estimate.deviation
    assert n.reflection_db == pytest.approx(-60.0)
    assert n.sections == (1, 2)
    assert n.gated_deviation[1] > n.gated_deviation[0] > n.coherent_deviation[0]


def test_the_power_budget_starts_at_the_input_and_only_absorbers_take_much():
    experiment = small_experiment()
    stations = {s.place: s for s in power_budget(experiment.runs[0])}
    # The encoding sets the mean power of the training samples; 400 test samples scatter about it.
    assert stations["input"].total_mw == pytest.approx(2.0, rel=0.1)
    per_shifter_db = -20.0 * np.log10(0.995**2)  # two sections; N columns of two shifters and the outputs' one
    for before, behind in (("input", "behind mesh 1"), ("behind absorbers 1", "behind mesh 2")):
        assert stations[behind].loss_db - stations[before].loss_db == pytest.approx(7 * per_shifter_db, rel=0.05)
    linear_loss_db = 10.0 * np.log10(np.e) * 2 * (TRUTH.optical_depth + TRUTH.nonsaturable_optical_depth)
    absorbed_db = stations["behind absorbers 1"].loss_db - stations["behind mesh 1"].loss_db
    assert 0.0 < absorbed_db < linear_loss_db
    assert stations["at the detectors"].total_mw < stations["behind mesh 2"].total_mw


def test_the_network_reports_its_devices_at_its_wavelength():
    n = network_numbers(small_experiment())
    through, cross = np.abs(dispersive_coupler_s([1.55], GAP_UM)[0][[3, 2], [0, 0]]) ** 2
    assert n.phases == 18
    for mesh in n.meshes:
        assert (mesh.nodes, mesh.phases) == (3, 9)
        assert mesh.coupling_ratio == pytest.approx(cross / (through + cross), abs=1e-3)
        assert mesh.shifter_loss_db == pytest.approx(-20.0 * np.log10(0.995**2), abs=1e-3)
        # 2 sections of 30 µm, 1.9e-4 per K with a quadratic part: solve 2 · 30/1.55 · 1.9e-4 (T + 2e-4 T²) = 1.
        slope = 2 * 30 / 1.55 * 1.9e-4
        expected = (-1 + np.sqrt(1 + 4 * 2e-4 / slope)) / (2 * 2e-4)
        assert mesh.two_pi_k == pytest.approx(expected, rel=1e-3)


def test_reflections_of_the_meshes_are_those_of_their_circuits():
    experiment = small_experiment()
    network, phases = experiment.network, experiment.runs[0].phases
    for found, number, part in zip(
        network_numbers(experiment).reflections, (0, 2), network.phase_slices[::2], strict=True
    ):
        circuit = mesh_circuit(mesh_parts(number, network.spec, experiment.models)).circuit(phases[part])
        plain, _residual = network.layers[number].forward(phases[part], np.eye(3, dtype=complex))
        whole = circuit.solve().transfer()
        assert found.difference == pytest.approx(np.linalg.norm(whole - plain) / np.linalg.norm(whole), abs=1e-5)
        assert not found.counted


def test_the_interval_covers_the_mean_as_often_as_it_says():
    rng = np.random.default_rng(0)
    hits = [
        low <= 0.8 <= high for low, high in (spread(0.8 + 0.01 * rng.standard_normal(5)).interval for _ in range(1000))
    ]
    # Binomial scatter of 1000 draws at 95 %: 0.7 %; four of them.
    assert np.mean(hits) == pytest.approx(0.95, abs=0.028)


def test_an_interval_stays_within_accuracies_and_one_seed_has_none():
    assert spread(np.array([0.9, 1.0])).interval[1] == 1.0
    # Student's t of one degree of freedom at 97.5 % is tan(0.475 π); two values d apart have a standard error of d/2.
    half = np.tan(0.475 * np.pi) * 0.01 / 2
    assert spread(np.array([0.7, 0.71])).interval == pytest.approx((0.705 - half, 0.705 + half))
    single = spread(np.array([0.9]))
    assert (single.mean, single.worst, single.best, single.interval) == (0.9, 0.9, 0.9, None)


def test_rules_are_reported_from_their_own_runs():
    grouped = by_rule(small_experiment().runs)
    assert list(grouped) == ["digital-bp", "optical-bp"]
    n = rule_numbers("digital-bp", grouped["digital-bp"])
    assert n.seeds == (0, 1)
    assert n.mean_cosine == pytest.approx((1.0, 1.0))
    assert n.test_accuracy.mean == pytest.approx(np.mean([run.test_accuracy for run in grouped["digital-bp"]]))
    assert rule_numbers("optical-bp", grouped["optical-bp"]).lowest_cosine[0] < 1.0 - 1e-6


def test_each_run_costs_once_however_many_names_a_device_has():
    experiment = small_experiment()
    response = experiment.responses["absorber"][0]
    made = replace(response.provenance, setup_seconds=2.0, stepping_seconds=8.0, cell_updates=4e6, run_keys=("a", "b"))
    other = replace(made, run_keys=("c",))
    doubled = replace(
        experiment,
        responses={
            "first": [replace(response, provenance=made)],
            "again": [replace(response, provenance=made)],
            "other": [replace(response, provenance=other)],
        },
    )
    total = cost(doubled.responses)
    assert (total.runs, total.setup_seconds, total.cell_updates, total.overhead) == (3, 4.0, 8e6, 0.25)
    assert cost(experiment.responses).overhead is None  # formulas took no time


def test_good_devices_raise_no_concern_and_each_failed_check_raises_its_own():
    good = replace(linear_numbers(coupler(), "models/x.h5"), validation_error=1e-4, power_error=1e-3)
    assert linear_concerns(good) == []
    failures = {
        "not passive": {"passive": False, "largest_singular_value": 1.2},
        "more power": {"power_balance": (0.9, 1.1)},
        "reciprocity": {"run_reciprocity_defect": 0.1},
        "power error": {"power_error": 0.05},
        "left-out": {"validation_error": 0.02},
        "two values": {"parameter_validated": False},
    }
    for words, change in failures.items():
        (text,) = linear_concerns(replace(good, **change))
        assert text.startswith("coupler: ")
        assert words in text


def test_absorber_training_and_origin_concerns():
    n = absorber_numbers(absorber(), "models/x.h5")
    assert absorber_concerns(n) == []
    (text,) = absorber_concerns(replace(n, held_out_error=replace(n.held_out_error, probe=6e-3)))
    assert "held-out" in text
    assert "coherent probe" in text
    runs = by_rule(without_angles(small_experiment()).runs)["optical-bp"]
    concerns = training_concerns(rule_numbers("optical-bp", runs))
    assert sum("no gradient cosine" in text for text in concerns) == 2
    (text,) = training_concerns(rule_numbers("digital-bp", by_rule(small_experiment().runs)["digital-bp"][:1]))
    assert "single seed" in text
    rows = origins(small_experiment().responses)
    assert origin_concerns(rows) == []
    assert len(origin_concerns((replace(rows[0], fidelity="draft"), replace(rows[1], code_digest="1")))) == 2
