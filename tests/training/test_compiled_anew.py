"""The same bits from a kernel compiled in this process and from one that another process left on the disk."""

import os
import subprocess
import sys
from pathlib import Path

import fdtd_onn

ROOT = Path(fdtd_onn.__file__).parents[1]
TRAIN = (
    "from tests.training.stoppable import train_stoppably as t; r = t(None, epochs=4); print(r.loss.tobytes().hex())"
)


def test_compiled_anew_or_taken_from_the_disk_gives_the_same_bits(tmp_path):
    command = [sys.executable, "-c", TRAIN]
    here = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    anew, kept = (subprocess.run(command, env=here, capture_output=True, text=True, check=True) for _ in range(2))
    assert list(tmp_path.rglob("*.nbc"))
    assert anew.stdout == kept.stdout
    assert anew.stdout
