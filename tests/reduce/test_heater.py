"""The compiled heater by itself."""

import numpy as np
import pytest

from fdtd_onn.errors import BadInput, OutOfRange
from fdtd_onn.network.heating import heater_drive
from fdtd_onn.network.topology import clements
from fdtd_onn.reduce import HeaterModel, load_model
from fdtd_onn.reduce.record import Record, write_record

ALONG, ASIDE = np.linspace(0.0, 1000.0, 101), np.linspace(0.0, 200.0, 201)


def make_model(**changes):
    """π per 20 mW at 1.55 µm, crosstalk that falls by e per 10 µm across and per 100 µm along, 5 µs."""
    values = {
        "name": "heater",
        "ports": ("o1", "o2"),
        "fidelity": "draft",
        "run_keys": ("0" * 64,),
        "wavelengths_um": np.array([1.5, 1.55, 1.6]),
        "phase_rad_per_mw": np.pi / 20.0 * 1.55 / np.array([1.5, 1.55, 1.6]),
        "core_k_per_mw": 0.5,
        "heater_k_per_mw": 1.4,
        "length_um": 100.0,
        "width_um": 2.0,
        "loss_db": 0.2,
        "along_um": ALONG,
        "aside_um": ASIDE,
        "crosstalk": np.exp(-np.add.outer(ALONG / 100.0, ASIDE / 10.0)),
        "times_us": np.array([5.0]),
        "weights": np.array([1.0]),
        "energy_at_heater": 1e-9,
        "phase_error": 0.01,
        "crosstalk_error": 1e-3,
        "time_error": 1e-3,
    }
    return HeaterModel(**(values | changes))


MODEL = make_model()


def test_phase_loss_and_temperature_for_power():
    assert MODEL.p_pi_mw(1.55) == pytest.approx(20.0)
    assert MODEL.phase([0.0, 10.0, 40.0], 1.55) == pytest.approx([0.0, np.pi / 2, 2 * np.pi])
    assert MODEL.temperature_k(30.0) == pytest.approx(15.0)
    assert MODEL.transfer(10.0, 1.55) == pytest.approx(1j * 10.0 ** (-0.2 / 20.0))
    assert MODEL.radians_per_mw(1.52) == pytest.approx(np.pi / 20.0 * 1.55 / 1.52, rel=1e-4)
    assert MODEL.time_constant_us == pytest.approx(5.0)


def test_the_crosstalk_matrix_follows_the_places():
    places = np.array([[0.0, 0.0], [0.0, 20.0], [150.0, 20.0]])
    matrix = MODEL.crosstalk_matrix(places)
    closed = np.exp(-np.abs(places[:, None] - places[None]) @ [0.01, 0.1])
    assert matrix == pytest.approx(closed, rel=6e-3)
    np.testing.assert_array_equal(np.diag(matrix), 1.0)
    np.testing.assert_array_equal(matrix, matrix.T)
    assert MODEL.crosstalk_at(-150.0, -20.0) == matrix[0, 2]
    assert MODEL.crosstalk_at(0.0, 1e6) == MODEL.crosstalk[0, -1]


def test_powers_and_phases_are_each_others_inverse_up_to_turns():
    topology = clements(4)
    drive = heater_drive(MODEL, 1.55, topology, 120.0, 8.0)
    power = np.random.default_rng(1).uniform(0.0, 40.0, 16)
    wanted = topology.as_driven(drive.phases(power))
    assert np.exp(1j * topology.as_driven(drive.phases(drive.powers(wanted)))) == pytest.approx(np.exp(1j * wanted))


@pytest.mark.parametrize(
    ("places", "told"),
    [
        ([[0.0, 0.0], [50.0, 1.0]], "heaters 0 and 1 only 50 µm along and 1 µm aside"),
        ([0.0, 1.0], "shape"),
        ([[0.0, np.nan]], "finite"),
    ],
)
def test_places_that_cannot_be_are_refused(places, told):
    with pytest.raises(BadInput, match=told):
        MODEL.crosstalk_matrix(places)


@pytest.mark.parametrize("power", [-1.0, np.nan, [1.0, np.inf]])
def test_a_heater_only_heats(power):
    with pytest.raises(BadInput, match="A heater only heats"):
        MODEL.phase(power, 1.55)


def test_it_does_not_extrapolate_in_wavelength():
    with pytest.raises(OutOfRange, match=r"from 1\.5 to 1\.6, got 1\.7"):
        MODEL.p_pi_mw(1.7)


def test_it_comes_back_from_its_file_exactly(tmp_path):
    MODEL.save(tmp_path / "heater.h5")
    loaded = load_model(tmp_path / "heater.h5")
    np.testing.assert_array_equal(loaded.crosstalk_matrix([[0, 0], [0, 9]]), MODEL.crosstalk_matrix([[0, 0], [0, 9]]))
    np.testing.assert_array_equal(loaded.transfer([1.0, 7.0], 1.57), MODEL.transfer([1.0, 7.0], 1.57))
    for name in ("name", "ports", "fidelity", "run_keys", *HeaterModel.NUMBERS):
        assert getattr(loaded, name) == getattr(MODEL, name)


def test_tables_that_do_not_belong_together_are_refused(tmp_path):
    record = MODEL.record()
    wrong = Record(record.kind, record.texts, {**record.arrays, "aside_um": ASIDE[:-1]})
    write_record(tmp_path / "wrong.h5", wrong)
    with pytest.raises(BadInput, match="must match their axes"):
        load_model(tmp_path / "wrong.h5")
