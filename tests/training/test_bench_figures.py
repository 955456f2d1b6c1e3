import numpy as np
import pytest

from fdtd_onn.network.encoding import fit_encoding
from fdtd_onn.training.bench_figures import BenchFigures, bench_estimate, model_macs, training_effort
from fdtd_onn.training.datasets import make_dataset
from fdtd_onn.training.objective import Objective
from fdtd_onn.training.rules import Effort, make_rule
from tests.training.devices import make_network, tapped


def test_seconds_and_joules_of_a_known_effort():
    """Two 4 × 4 meshes: 24 couplers, 72 places of shifters, 32 phases; 2 mW of light."""
    network = make_network()
    figures = BenchFigures(
        symbol_rate_hz=1e9,
        detector_bandwidth_hz=1e8,
        heater_time_constant_s=1e-5,
        heater_mw=20.0,
        settling=5.0,
        conversion_j=1e-12,
        wall_plug=0.1,
        mac_j=1e-12,
        macs_per_s=1e9,
    )
    macs = 16 * 24 + 4 * 72
    assert model_macs(network) == macs
    got = bench_estimate(
        Effort(passes=1000, readings=500, settings=10, model_passes=100), network, np.zeros((1, 32)), figures
    )
    light_s = 1000 * 0.5e-8  # the detector is slower than the modulator
    assert got.optical_s == pytest.approx(light_s + 10 * 5e-5)
    assert got.digital_s == pytest.approx(100 * macs * 1e-9)
    assert got.heater_j == pytest.approx(32 * 0.02 * got.optical_s)
    assert got.laser_j == pytest.approx(2e-3 / 0.1 * light_s)
    assert got.conversion_j == pytest.approx((500 + 1000 * 4 + 10 * 32) * 1e-12)
    assert got.total_j == pytest.approx(got.heater_j + got.laser_j + got.conversion_j + got.digital_j)
    assert got.total_s == pytest.approx(got.optical_s + got.digital_s)


@pytest.mark.parametrize("integration", ["sample", "batch"])
def test_effort_of_a_training_is_that_of_all_its_batches(integration):
    """300 samples in batches of 70 make four full ones and one of 20."""
    network, dataset = tapped(make_network(), integration=integration), make_dataset("rings", 0)
    objective = Objective(network, dataset, fit_encoding(network.spec.input, 4, dataset.train.features))
    effort = training_effort(objective, make_rule("in-situ", network, 0), 70, 3)
    readings_at_taps = 3 * 32 * (300 if integration == "sample" else 5)
    copies = 2 * 2 * 4 * 300  # both quadratures of what leaves two meshes of four guides
    assert effort == Effort(passes=3 * 4 * 300, readings=3 * (600 + readings_at_taps + copies), settings=3 * 5)


def test_efforts_add_up():
    one = Effort(1, 2, 3, 4)
    assert one + one * 2 == one * 3 == Effort(3, 6, 9, 12)
    assert np.all([value == 0 for value in vars(Effort()).values()])
