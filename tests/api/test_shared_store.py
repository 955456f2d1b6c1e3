"""Several processes that compute the same runs into one store, at once."""

import subprocess
import sys

import numpy as np
import pytest

from fdtd_onn.fullwave.stamp import engine_stamp
from fdtd_onn.specs.fidelity import FIDELITIES
from fdtd_onn.specs.runs import ScatteringRun, run_key
from fdtd_onn.store import Store
from tests.fullwave.support import ENVIRONMENT, needs_engine
from tests.geometry.make import make_device

pytestmark = needs_engine

DRIVE = """
import sys
from pathlib import Path
from fdtd_onn.cluster.local import run_side_by_side
from fdtd_onn.specs.runs import run_adapter
runs = [run_adapter.validate_json(line) for line in sys.stdin]
finished = [update.job for update in run_side_by_side(runs, Path(sys.argv[1]), workers=1) if update.finished]
assert sorted(finished) == list(range(len(runs))), finished
"""


def sweep(count):
    devices = [make_device("straight", length_um=1.0, width_um=0.45 + 0.02 * k) for k in range(count)]
    return [ScatteringRun(device=d, fidelity=FIDELITIES["draft"], resolution=10, port="o1") for d in devices]


@pytest.mark.long
def test_three_drivers_share_a_sweep(tmp_path):
    """Every entry is written once (a claim is no guard: one duplicate is let pass), and whole whenever it is read."""
    runs, store = sweep(5), Store(tmp_path)
    keys = [run_key(run, engine_stamp()) for run in runs]
    text = "\n".join(run.model_dump_json() for run in runs)
    command = [sys.executable, "-c", DRIVE, str(tmp_path)]
    drivers = [subprocess.Popen(command, stdin=subprocess.PIPE, text=True, env=ENVIRONMENT) for _ in range(3)]
    for driver in drivers:
        driver.stdin.write(text)
        driver.stdin.close()
    written = set()
    while any(driver.poll() is None for driver in drivers):
        for key in keys:
            if store.has(key):
                written.add((key, store.path(key).stat().st_mtime_ns))
                assert np.all(np.isfinite(store.read(key).arrays["s"]))
    assert [driver.returncode for driver in drivers] == [0, 0, 0]
    assert {key for key, _ in written} == set(keys)
    assert len(written) <= len(keys) + 1
    assert [path.name for path in (tmp_path / "claims").iterdir()] == []
