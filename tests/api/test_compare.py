"""Rules side by side, and gradients over what devices are: on a network from formulas, tables and figures included."""

import json

import numpy as np
import pytest

from fdtd_onn.api.compare import compare_rules
from fdtd_onn.api.fidelity import Swept
from fdtd_onn.errors import BadInput
from fdtd_onn.report.compare import comparison_rows, table, write_comparison
from fdtd_onn.report.fidelity import fidelity_rows, write_fidelity
from fdtd_onn.specs.layout import ExperimentSpec
from fdtd_onn.training.datasets import make_dataset
from fdtd_onn.training.fidelity import gradient_fidelity
from tests.training.devices import fabricated, make_network

RULES = ("digital-bp", "asymmetric", "spsa")


def experiment(rules=RULES, seeds=(0, 1)):
    plan = {"epochs": 2, "batch_size": 100, "learning_rate": 0.03}
    return ExperimentSpec(dataset="rings", rules=rules, seeds=seeds, **plan)


def test_processes_side_by_side_give_the_same_bits_as_one(tmp_path):
    network = fabricated(make_network())
    alone, together = (compare_rules(network, experiment(), workers) for workers in (1, 2))
    for one, other in zip(alone.runs, together.runs, strict=True):
        assert (one.rule, one.seed) == (other.rule, other.seed)
        np.testing.assert_array_equal(one.phases, other.phases)
    rows = comparison_rows(together)
    assert [row.numbers.rule for row in rows] == list(RULES)
    lacking = [e.test_accuracy - a.test_accuracy for e, a in zip(alone.runs[:2], alone.runs[2:4], strict=True)]
    assert rows[1].below_exact.mean == pytest.approx(np.mean(lacking))
    assert rows[0].below_exact is None
    assert rows[2].effort.passes == 2 * rows[1].effort.passes == 2 * 2 * 300
    write_comparison(together, tmp_path / "out")
    numbers = json.loads((tmp_path / "out" / "numbers.json").read_text())
    assert [row["numbers"]["rule"] for row in numbers["rules"]] == list(RULES)
    lines = (tmp_path / "out" / "table.txt").read_text().splitlines()
    assert len({len(line.rstrip("\n")) for line in table(rows).splitlines()}) == 1
    assert lines[1].split()[0] == "digital-bp"
    assert (tmp_path / "out" / "figure.png").stat().st_size > 10_000


def test_comparisons_go_on_from_their_checkpoints_to_the_same_bits(tmp_path):
    """Stopped before its last training; the ones before are not done again, and the last one is not begun anew."""

    def stop(done, _of, _share):
        if done == 3:
            raise KeyboardInterrupt

    network, plan = fabricated(make_network()), experiment(("digital-bp", "asymmetric"))
    with pytest.raises(KeyboardInterrupt):
        compare_rules(network, plan, 1, stop, tmp_path)
    assert len(list(tmp_path.iterdir())) == 3
    resumed, undisturbed = compare_rules(network, plan, 1, None, tmp_path), compare_rules(network, plan, 1)
    for one, other in zip(resumed.runs, undisturbed.runs, strict=True):
        np.testing.assert_array_equal(one.loss, other.loss)
        np.testing.assert_array_equal(one.phases, other.phases)


def test_a_rule_that_the_network_is_not_for_is_refused_before_any_training():
    told = []
    with pytest.raises(BadInput, match="taps that read powers"):
        compare_rules(make_network(), experiment(("digital-bp", "in-situ")), 1, lambda *news: told.append(news))
    assert told == []


def test_fidelity_is_one_for_the_exact_rule_and_falls_with_the_model_s_errors(tmp_path):
    data, devices = make_dataset("rings", 0), [fabricated(make_network(), phase) for phase in (0.01, 0.3)]
    exact = gradient_fidelity(devices[0], data, "digital-bp", 2, 20, 0)
    np.testing.assert_allclose([exact.cosine, exact.norm_ratio], 1.0, atol=1e-12)
    off = tuple(gradient_fidelity(device, data, "asymmetric", 3, 20, 0) for device in devices)
    assert off[0].cosine.mean() > off[1].cosine.mean()
    swept = (Swept("phase_error_rad", "asymmetric", (0.01, 0.3), off),)
    rows = fidelity_rows(swept)
    assert [(row.value, row.mesh) for row in rows] == [(0.01, 1), (0.01, 2), (0.3, 1), (0.3, 2)]
    assert rows[3].cosine == pytest.approx(off[1].cosine[:, 1].mean())
    file = write_fidelity(swept, tmp_path / "out")
    assert len(file.read_text().splitlines()) == 5
    assert (tmp_path / "out" / "figure.png").stat().st_size > 10_000
