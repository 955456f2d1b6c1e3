import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import fdtd_onn
from fdtd_onn.errors import BadInput
from fdtd_onn.store.encoding import decode, encode
from fdtd_onn.training.datasets import Dataset, Samples, make_dataset
from tests.network.stand_ins import AnalyticAbsorber, AnalyticCoupler
from tests.training.stoppable import EPOCHS, stoppable_network, train_stoppably

ROOT = Path(fdtd_onn.__file__).parents[1]
HISTORY = ("loss", "accuracy", "cosine_epochs", "gradient_cosine", "phases")


def assert_same_bits(run, other):
    for name in HISTORY:
        np.testing.assert_array_equal(getattr(run, name), getattr(other, name))
    assert run.head.gain == other.head.gain
    np.testing.assert_array_equal(run.head.bias, other.head.bias)


def kill_after(epoch, file):
    """Start the training in a process, kill it in whatever it does after that epoch, and give the epochs it told."""
    command = [sys.executable, "-m", "tests.training.stoppable", str(file)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        told = []
        for line in process.stdout:
            told.append(int(line))
            if told[-1] >= epoch:
                break
        process.kill()
    return told


def test_killed_twice_and_gone_on_with_is_bit_for_bit_the_undisturbed_training(tmp_path):
    file = tmp_path / "training.h5"
    first = kill_after(4, file)
    second = kill_after(9, file)
    assert first[0] == 1
    assert second[0] > first[-1] - 1  # it went on
    told = []
    resumed = train_stoppably(file, progress=lambda epoch, _epochs, _loss: told.append(epoch))
    assert second[-1] <= told[0] < EPOCHS
    assert_same_bits(resumed, train_stoppably(None))
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".part"] == ["training.h5"]


def test_an_error_on_the_way_loses_nothing_either(tmp_path):
    def stop(epoch, _epochs, _loss):
        if epoch == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_stoppably(tmp_path / "c.h5", progress=stop)
    told = []
    train_stoppably(tmp_path / "c.h5", progress=lambda epoch, _epochs, _loss: told.append(epoch))
    assert told == list(range(3, EPOCHS + 1))


def test_a_finished_training_is_read_and_not_repeated(tmp_path):
    file = tmp_path / "c.h5"
    first = train_stoppably(file, epochs=3)
    told = []
    assert_same_bits(train_stoppably(file, epochs=3, progress=lambda *news: told.append(news)), first)
    assert [news[0] for news in told] == [3]


def shuffled_rings():
    """The same samples in another order: means over them do not tell the two apart."""
    rings = make_dataset("rings", 0)
    train = Samples(rings.train.features[::-1], rings.train.labels[::-1])
    return Dataset("rings", train, rings.validation, rings.test)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"seed": 1}, "seed (0, not 1)"),
        ({"epochs": 3}, "epochs (2, not 3)"),
        ({"learning_rate": 0.01}, "learning_rate (0.03, not 0.01)"),
        ({"dataset": make_dataset("xor", 0)}, "data, dataset (rings, not xor)"),
        ({"dataset": shuffled_rings()}, "one with other values: data. "),
        ({"network": stoppable_network(coupler=AnalyticCoupler(0.5301, 0.01))}, "one with other values: devices. "),
        # Seen by the backward light alone:
        (
            {"network": stoppable_network(coupler=AnalyticCoupler(0.53, 0.01, nonreciprocity=1e-3))},
            "one with other values: devices. ",
        ),
        (
            {"network": stoppable_network(absorber=AnalyticAbsorber(max_power_w=0.1, saturation_power_w=2.01e-4))},
            "one with other values: devices. ",
        ),
    ],
)
def test_the_checkpoint_of_another_training_is_refused_and_left_alone(tmp_path, changes, expected):
    file = tmp_path / "c.h5"
    train_stoppably(file, epochs=2)
    before = file.read_bytes()
    with pytest.raises(BadInput) as refusal:
        train_stoppably(file, **({"epochs": 2} | changes))
    assert f"{file}: expected a checkpoint of this training" in str(refusal.value)
    assert expected in str(refusal.value)
    assert file.read_bytes() == before


def test_damage_is_found(tmp_path):
    file = tmp_path / "c.h5"
    train_stoppably(file, epochs=1)
    content = file.read_bytes()
    for wrong in (content[:-1], content[:700] + b"\0\1" + content[702:], b"", b"text"):
        file.write_bytes(wrong)
        with pytest.raises(BadInput, match="expected a whole checkpoint"):
            train_stoppably(file, epochs=1)


@pytest.mark.parametrize(
    "change",
    [
        {"arrays": {"values": np.zeros(3)}},
        {"arrays": {"loss": np.zeros((1, 3), np.float32)}},
        {"arrays": {"cosines": np.zeros(2)}},
        {"attributes": {"order": {}, "noise": {}}},
        {"attributes": {}},
        {"kind": "model"},
        {"spec": {"rule": "optical-bp"}},
    ],
)
def test_a_whole_file_of_something_else_is_refused(tmp_path, change):
    file = tmp_path / "c.h5"
    train_stoppably(file, epochs=1)
    record = decode(file.read_bytes())
    if "arrays" in change:
        change = {"arrays": {**record.arrays, **change["arrays"]}}
    file.write_bytes(encode(dataclasses.replace(record, **change)))
    with pytest.raises(BadInput, match="expected a checkpoint"):
        train_stoppably(file, epochs=1)


def test_a_place_that_cannot_be_written_is_refused_before_the_first_step(tmp_path):
    told = []
    with pytest.raises(BadInput, match="a file that can be written"):
        train_stoppably(tmp_path / "none" / "c.h5", progress=lambda *news: told.append(news))
    assert told == []
    with pytest.raises(BadInput, match="expected a checkpoint, got no file"):
        train_stoppably(tmp_path)
