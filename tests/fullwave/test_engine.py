import os
import subprocess
import sys
from pathlib import Path

import pytest

from fdtd_onn.errors import EngineMissing
from fdtd_onn.fullwave.engine import engine_at, installed_engine


def package(folder: Path, code: str, *others: str) -> Path:
    (folder / "meep").mkdir(parents=True)
    for name in others:
        (folder / "meep" / name).touch()
    origin = folder / "meep" / "__init__.py"
    origin.write_text(code)
    return origin


def test_the_version_is_read_without_running_the_package(tmp_path):
    origin = package(tmp_path, "raise SystemExit\n__version__ = '1.31.0-beta'\n", "simulation.py", "_meep.so")
    engine = engine_at(origin)
    assert (engine.name, engine.version, engine.location) == ("meep", "1.31.0-beta", origin.parent)


@pytest.mark.parametrize("others", [(), ("simulation.py",), ("_meep.so",)])
def test_another_package_of_that_name_is_refused_with_the_cure(tmp_path, others):
    origin = package(tmp_path, "__version__ = '0.4'\n", *others)
    with pytest.raises(EngineMissing, match=r"pip uninstall meep.*conda-forge"):
        engine_at(origin)


def test_an_engine_without_a_version_cannot_key_results(tmp_path):
    with pytest.raises(EngineMissing, match="version"):
        engine_at(package(tmp_path, "", "simulation.py", "_meep.so"))


def test_what_is_found_is_what_an_import_gives():
    """In a new process: the answer agrees with Meep's own, and came before Meep was loaded."""
    try:
        installed_engine()
    except EngineMissing:
        pytest.skip("Meep is not installed")
    code = (
        "import sys; from fdtd_onn.fullwave.engine import installed_engine; e = installed_engine()\n"
        "assert not {'meep', 'mpi4py'} & set(sys.modules)\n"
        "import meep; assert (meep.__version__, meep.__file__) == (e.version, str(e.location / '__init__.py'))"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=60)
    assert run.returncode == 0, run.stderr
