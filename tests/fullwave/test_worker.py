"""The worker process, alone and on ranks: what it writes, and that dividing the cell changes nothing."""

import json
import subprocess
import sys

import numpy as np
import pytest

from fdtd_onn.fullwave.stamp import engine_stamp
from fdtd_onn.specs.fidelity import ABSORBER_FIDELITIES, FIDELITIES
from fdtd_onn.specs.runs import SaturationRun, ScatteringRun, run_key
from fdtd_onn.store import Store
from tests.fullwave.support import ENVIRONMENT, needs_engine, on_ranks, record_of
from tests.geometry.make import make_device

pytestmark = needs_engine

WORKER = "fdtd_onn.fullwave.worker"


def run_of_a_bend(port="o1"):
    """Slanted edges, so that every entry of the permittivity is exchanged between ranks."""
    device = make_device("s_bend", length_um=3.0, offset_um=0.6)
    return ScatteringRun(device=device, fidelity=FIDELITIES["draft"], resolution=12, port=port)


@pytest.fixture(scope="module")
def here():
    """The record as this process computes it."""
    return record_of(run_of_a_bend())


def messages(output):
    return [json.loads(line) for line in output.splitlines()]


def test_alone_it_writes_nothing_but_json_and_keeps_the_record(here, tmp_path):
    command = [sys.executable, "-m", "mpi4py", "-m", WORKER, str(tmp_path)]
    text = run_of_a_bend().model_dump_json()
    process = subprocess.run(command, input=text, capture_output=True, text=True, env=ENVIRONMENT, timeout=60)
    assert process.returncode == 0, process.stderr
    *progress, last = messages(process.stdout)
    assert last == {"finished": here.key}
    assert all(set(message) == {"done", "of"} for message in progress)
    np.testing.assert_array_equal(Store(tmp_path).read(here.key).arrays["s"], here.arrays["s"])


@pytest.mark.parametrize("ranks", [2, pytest.param(4, marks=pytest.mark.long)])
def test_more_ranks_give_the_column_of_one_and_say_how_many_they_were(here, tmp_path, ranks):
    process = on_ranks(ranks, "-m", WORKER, str(tmp_path), text=run_of_a_bend().model_dump_json())
    assert process.returncode == 0, process.stderr
    assert messages(process.stdout)[-1] == {"finished": here.key}
    kept = Store(tmp_path).read(here.key)
    np.testing.assert_allclose(kept.arrays["s"], here.arrays["s"], atol=1e-10)
    np.testing.assert_allclose(kept.arrays["field"], here.arrays["field"], rtol=1e-5, atol=1e-6)
    said = kept.attributes
    assert said["ranks"] == ranks
    assert said["steps"] == round(said["steps"])
    assert said["pixels"] * said["steps"] == said["cell_updates"]
    assert ranks * 5e7 < said["memory_bytes"] < ranks * 1e9
    assert 0.0 < said["estimated_seconds"] < 10.0


def test_on_ranks_too_it_says_why_it_failed_and_ends(tmp_path):
    process = on_ranks(2, "-m", WORKER, str(tmp_path), text=run_of_a_bend("o9").model_dump_json())
    assert process.returncode != 0
    assert {"failed": "expected a port of o1, o2, got 'o9'"} in messages(process.stdout)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_saturable_absorber_on_ranks_is_refused_with_the_cure(tmp_path):
    fidelity = ABSORBER_FIDELITIES["draft"]
    run = SaturationRun(device=make_device("absorber"), fidelity=fidelity, resolution=16, pump_over_saturation=0.1)
    process = on_ranks(2, "-m", WORKER, str(tmp_path), text=run.model_dump_json())
    assert process.returncode != 0
    failed = messages(process.stdout)[0]["failed"]
    assert failed.startswith("expected one rank for a saturable absorber, got 2")
    assert "Run such devices without mpirun" in failed


def test_the_key_is_that_of_the_run(here):
    assert here.key == run_key(run_of_a_bend(), engine_stamp())
