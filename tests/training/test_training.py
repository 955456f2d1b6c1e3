import numpy as np
import pytest

from fdtd_onn.errors import BadInput
from fdtd_onn.network.build import build_network
from fdtd_onn.specs.layout import NetworkSpec
from fdtd_onn.training.datasets import make_dataset
from fdtd_onn.training.loop import train
from fdtd_onn.training.run import predict
from tests.network.stand_ins import AnalyticAbsorber, AnalyticCoupler, AnalyticShifter

RINGS = make_dataset("rings", 0)


def make_network(probe="coherent", ports=(0, 1), max_power_w=0.1):
    spec = NetworkSpec(
        ports=4,
        wavelength_um=1.55,
        input={"power_mw": 2.0, "reference": 1.5},
        layers=({"kind": "mesh"}, {"kind": "absorber", "sections": 4, "probe": probe}, {"kind": "mesh"}),
        readout={"kind": "homodyne", "ports": ports},
    )
    models = {
        "coupler": AnalyticCoupler(0.53, 0.01),
        "phase_shifter": AnalyticShifter(loss=0.002, heated_loss=1e-5),
        "absorber": AnalyticAbsorber(max_power_w=max_power_w),
    }
    return build_network(spec, models)


def short(rule, seed=0, epochs=4, network=None):
    return train(make_network() if network is None else network, RINGS, rule, seed, epochs, 30, 0.03)


@pytest.mark.parametrize(
    ("rule", "probe"), [("digital-bp", "coherent"), ("optical-bp", "coherent"), ("optical-bp", "time-gated")]
)
def test_rings_are_learnt(rule, probe):
    """The best straight line gets about half of the rings right."""
    run = short(rule, epochs=60, network=make_network(probe))
    assert run.accuracy[0, 2] < 0.75
    assert run.test_accuracy > 0.9
    assert run.loss[-1, 0] < 0.5 * run.loss[0, 0]


def test_absorbers_are_what_learns_the_rings():
    """Without a nonlinearity homodyne scores are linear in the features."""
    spec = make_network().spec
    linear = spec.model_copy(update={"layers": spec.layers[:1]})
    models = {"coupler": AnalyticCoupler(), "phase_shifter": AnalyticShifter()}
    run = short("digital-bp", epochs=60, network=build_network(linear, models))
    assert run.test_accuracy < 0.75


def test_same_seed_gives_the_same_bits_and_another_does_not():
    first, again, other = short("optical-bp"), short("optical-bp"), short("optical-bp", seed=1)
    for name in ("loss", "accuracy", "gradient_cosine", "phases"):
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))
    assert not np.array_equal(first.phases, other.phases)


def test_cosines_are_measured_from_start_to_end_and_are_one_for_the_exact_rule():
    exact, optical = short("digital-bp", epochs=20), short("optical-bp", epochs=20)
    assert exact.cosine_epochs.tolist() == list(range(0, 21, 2))
    np.testing.assert_allclose(exact.gradient_cosine, 1.0, atol=1e-12)
    assert optical.gradient_cosine.shape == (11, 2)
    assert 0.3 < optical.gradient_cosine[0, 0] < 0.999
    assert optical.gradient_cosine[0, 1] > 0.9999


def test_history_has_a_row_per_epoch_and_final_phases_give_the_last_row():
    run = short("digital-bp")
    assert run.loss.shape == run.accuracy.shape == (5, 3)
    assert np.all((run.phases >= 0) & (run.phases < 2 * np.pi))
    predicted = predict(run, RINGS.test.features).argmax(axis=0)
    assert np.mean(predicted == RINGS.test.labels) == run.test_accuracy


def test_progress_is_told_after_every_epoch():
    told = []
    run = train(make_network(), RINGS, "digital-bp", 0, 3, 30, 0.03, lambda *news: told.append(news))
    assert [(epoch, epochs) for epoch, epochs, _loss in told] == [(1, 3), (2, 3), (3, 3)]
    np.testing.assert_array_equal([loss for _epoch, _epochs, loss in told], run.loss[1:, 0])


def test_read_ports_that_are_not_one_per_class_are_refused():
    with pytest.raises(BadInput, match="2 ports, one a class"):
        short("digital-bp", network=make_network(ports=(0, 1, 2)))


def test_light_that_could_leave_the_absorbers_range_is_refused_with_the_power_to_use():
    with pytest.raises(BadInput, match=r"network.input.power_mw: expected at most (\S+) mW") as refusal:
        short("digital-bp", network=make_network(max_power_w=3e-3))
    allowed_mw = float(str(refusal.value).split("at most ")[1].split()[0])
    assert allowed_mw < 2.0
    short("digital-bp", network=make_network(max_power_w=3e-3 * 2.0 / (0.999 * allowed_mw)))


def test_numbers_that_train_nothing_are_refused():
    with pytest.raises(BadInput, match="learning_rate"):
        train(make_network(), RINGS, "digital-bp", 0, 1, 30, 0.0)
