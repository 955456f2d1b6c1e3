import json
import os
import sys
import time
from pathlib import Path

import pytest

from fdtd_onn.cli.doctor import Check, checks, print_checks
from fdtd_onn.cli.limited_run import run_limited
from fdtd_onn.errors import EngineMissing
from fdtd_onn.fullwave.engine import installed_engine


def executable(folder: Path, name: str, script: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def running(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def findings() -> dict[str, Check]:
    return {finding.name: finding for finding in checks()}


def test_this_machine_is_described_as_it_is(monkeypatch, tmp_path):
    monkeypatch.setenv("FDTD_ONN_STORE", str(tmp_path / "store"))
    found = findings()
    assert sys.executable in found["Python"].detail
    assert found["HDF5"].state == "ok"
    assert found["Cores"].detail.startswith(f"{len(os.sched_getaffinity(0))} ")
    assert found["Store"].detail.startswith(str(tmp_path / "store"))
    try:
        engine = installed_engine()
    except EngineMissing:
        assert found["Meep"].state == "fail"
    else:
        assert engine.version in found["Meep"].detail
        assert found["Subnormals"].detail.startswith("kept")
    assert sys.float_info.min / 2 > 0  # Meep was imported, but not here


def test_broken_surroundings_are_findings_with_cures_and_not_crashes(monkeypatch, tmp_path):
    tools = tmp_path / "bin"
    executable(tools, "mpirun", "echo 'no slots' >&2; exit 3")
    executable(tools, "sbatch", "echo slurm 23.02.1")
    executable(tools, "bsub", "exit 1")
    task_runner = tmp_path / "packages" / "meep"
    task_runner.mkdir(parents=True)
    (task_runner / "__init__.py").write_text("__version__ = '0.1'")
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    monkeypatch.setenv("PATH", str(tools), prepend=os.pathsep)
    monkeypatch.setenv("FDTD_ONN_STORE", str(in_the_way))
    monkeypatch.syspath_prepend(str(task_runner.parent))
    monkeypatch.delitem(sys.modules, "meep", raising=False)
    found = findings()
    assert (found["MPI launcher"].state, found["MPI launcher"].detail[-8:]) == ("fail", "no slots")
    assert found["Scheduler"].detail == "Slurm (slurm 23.02.1), LSF (version unknown)"
    assert found["Store"].state == "fail"
    assert "FDTD_ONN_STORE" in found["Store"].cure
    assert found["Meep"].state == "fail"
    assert "pip uninstall meep" in found["Meep"].cure
    assert found["HDF5"].state == "ok"


def test_ranks_that_do_not_join_are_a_failure(monkeypatch, tmp_path):
    """A launcher of another MPI starts the processes, each of which then is alone."""
    executable(tmp_path / "bin", "mpirun", 'shift 2; "$@"; "$@"')
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    launcher = findings()["MPI launcher"]
    assert launcher.state == "fail"
    assert "joined only 1" in launcher.detail


def test_a_machine_without_tools_can_still_be_described(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    found = findings()
    assert found["MPI launcher"].state == "warn"
    assert found["Scheduler"].detail.startswith("none found")


def test_an_overdue_command_is_ended_with_its_children(tmp_path):
    pid_file = tmp_path / "pid"
    script = executable(tmp_path, "stuck", f"sleep 60 & echo $! > '{pid_file}'; echo started; wait")
    begin = time.monotonic()
    run = run_limited([str(script)], timeout_s=0.5, mpi=False)
    assert (run.timed_out, run.output) == (True, "started\n")
    child = int(pid_file.read_text())
    while running(child):  # a killed process takes a moment to go
        assert time.monotonic() - begin < 10.0
        time.sleep(0.01)


@pytest.mark.parametrize(("states", "code"), [(("ok", "warn"), 0), (("ok", "fail", "warn"), 1)])
def test_the_exit_code_is_about_failures_only(capsys, states, code):
    found = [Check(f"part {i}", state, "[bold]detail", "cure") for i, state in enumerate(states)]
    assert print_checks(found, as_json=False) == code
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(states)
    assert all("[bold]detail  → cure" in line for line in lines)
    assert print_checks(found, as_json=True) == code
    assert json.loads(capsys.readouterr().out) == [
        {"name": c.name, "state": c.state, "detail": c.detail, "cure": c.cure} for c in found
    ]
