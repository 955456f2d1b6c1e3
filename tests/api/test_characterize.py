import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fdtd_onn.api import characterize, characterize_all, field_map
from fdtd_onn.errors import BadInput, FdtdOnnError, RunFailed
from fdtd_onn.store import Store
from tests.cluster.processes import wait_until, workers_of
from tests.fullwave.support import ENVIRONMENT, needs_engine, on_ranks
from tests.geometry.make import make_device

pytestmark = needs_engine

# Loads the device that the first argument's folder holds, in a process of its own.
AGAIN = """
import sys
from pathlib import Path
from fdtd_onn.api import characterize
from fdtd_onn.api.ranks import is_first_rank
from fdtd_onn.specs.device import device_adapter
from fdtd_onn.store import Store
folder = Path(sys.argv[1])
device = device_adapter.validate_json((folder / "device.json").read_bytes())
response = characterize(device, "draft", store=Store(folder / sys.argv[2]))
if is_first_rank():  # lines of several ranks could run into one another
    print("engine", bool({"meep", "mpi4py"} & set(sys.modules)))
    print("S21", *(f"{v:.17g}" for s in response.s[:, 1, 0] for v in (s.real, s.imag)))
"""


@pytest.fixture(scope="module")
def device():
    return make_device("straight", length_um=0.5)


@pytest.fixture(scope="module")
def done(tmp_path_factory, device):
    """(folder with store and device, response, all progress) of a first characterisation."""
    folder = tmp_path_factory.mktemp("first")
    (folder / "device.json").write_text(device.model_dump_json())
    progress = []
    response = characterize(device, "draft", Store(folder / "store"), workers=2, listener=progress.append)
    return folder, response, progress


def s21(output):
    """What a process, or the first of several ranks, printed."""
    values = np.array([float(v) for v in re.search("^S21 (.*)$", output, re.MULTILINE)[1].split()])
    return values[::2] + 1j * values[1::2]


def test_progress_grows_until_all_has_finished(done):
    _folder, response, progress = done
    for name in ("finished", "share"):
        values = [getattr(p, name) for p in progress]
        assert values == sorted(values)
    assert (progress[-1].finished, progress[-1].runs, progress[-1].share) == (4, 4, pytest.approx(1.0))
    assert len(response.provenance.run_keys) == 4


def test_a_second_time_is_read_from_the_store_and_never_imports_the_engine(done):
    folder, response, _progress = done
    before = sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*.h5"))
    command = [sys.executable, "-c", AGAIN, str(folder), "store"]
    process = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, timeout=60)
    assert process.returncode == 0, process.stderr
    assert "engine False" in process.stdout
    np.testing.assert_array_equal(s21(process.stdout), response.s[:, 1, 0])
    assert sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*.h5")) == before


def test_nothing_is_reported_for_what_the_store_has(done, device):
    folder, response, _progress = done
    progress = []
    again = characterize(device, "draft", Store(folder / "store"), listener=progress.append)
    assert progress == []
    assert again.provenance == response.provenance


def test_another_name_finds_the_same_runs(done, device):
    folder, response, _progress = done
    renamed = device.model_copy(update={"name": "other", "summary": "the same guide"})
    again = characterize(renamed, "draft", Store(folder / "store"))
    assert again.provenance.run_keys == response.provenance.run_keys
    assert again.device.name == "other"


def test_ranks_started_together_share_each_run(done):
    folder, response, _progress = done
    process = on_ranks(2, "-c", AGAIN, str(folder), "of_ranks")
    assert process.returncode == 0, process.stderr
    np.testing.assert_allclose(s21(process.stdout), response.s[:, 1, 0], atol=1e-10)
    assert len(list((folder / "of_ranks").rglob("*.h5"))) == 4


def test_ranks_started_together_read_what_the_store_has(done):
    folder, response, _progress = done
    before = sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*.h5"))
    process = on_ranks(2, "-c", AGAIN, str(folder), "store")
    assert process.returncode == 0, process.stderr
    np.testing.assert_array_equal(s21(process.stdout), response.s[:, 1, 0])
    assert sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*.h5")) == before


def test_the_field_is_there_after_characterisation_and_not_before(done, device, tmp_path):
    folder, _response, _progress = done
    picture = field_map(device, "draft", Store(folder / "store"))
    nx, ny = picture.values.shape
    middle = picture.values[:, ny // 2 - 3 : ny // 2 + 3].mean()
    assert middle > 20 * picture.values[:, : ny // 6].mean()
    assert nx > 10
    with pytest.raises(FdtdOnnError, match="expected 'straight' at draft in the store, found nothing: characterise it"):
        field_map(device, "draft", Store(tmp_path))
    assert field_map(make_device("absorber"), "draft", Store(tmp_path)) is None


def test_less_than_one_worker_is_refused(device, tmp_path):
    with pytest.raises(BadInput, match="workers: expected at least 1, got 0"):
        characterize(device, "draft", Store(tmp_path), workers=0)


def test_a_failing_device_leaves_no_worker_and_no_half_written_entry(tmp_path):
    """A guide too thin to hold its mode within the draft margin."""
    thin = make_device("straight", width_um=0.13, length_um=0.5)
    with pytest.raises(RunFailed, match="port o1: expected a mode that decays within its window"):
        characterize_all([make_device("straight", length_um=50.0), thin], "draft", Store(tmp_path), workers=8)
    assert workers_of(tmp_path) == []
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_listener_that_raises_ends_the_workers(device, tmp_path):
    def interrupt(progress):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        characterize(make_device("straight", length_um=100.0), "draft", Store(tmp_path), workers=2, listener=interrupt)
    assert workers_of(tmp_path) == []


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs Linux's /proc")
def test_control_c_leaves_no_process_and_no_entry(tmp_path):
    device = make_device("straight", length_um=100.0)
    (tmp_path / "device.json").write_text(device.model_dump_json())
    command = [sys.executable, "-c", AGAIN, str(tmp_path), "store"]
    driver = subprocess.Popen(command, stderr=subprocess.PIPE, env=ENVIRONMENT, start_new_session=True)
    try:
        wait_until(lambda: workers_of(tmp_path / "store"))
        os.killpg(driver.pid, signal.SIGINT)
        _output, errors = driver.communicate(timeout=30)
    finally:
        driver.kill()
    assert errors.rstrip().endswith(b"KeyboardInterrupt")
    assert driver.returncode != 0
    wait_until(lambda: workers_of(tmp_path / "store") == [], timeout_s=5.0)
    assert list(tmp_path.rglob("*.h5")) == []
